#pragma once

#include <string>
#include <string_view>

namespace vqalign {

/// A field of RFC 4180 in quotes, those inside it doubled.
inline std::string csv_quoted(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

/// The same with quotes only where the text needs them.
inline std::string csv_field(std::string_view text) {
  const bool plain = text.find_first_of(",\"\r\n") == std::string_view::npos;
  return plain ? std::string(text) : csv_quoted(text);
}

}  // namespace vqalign
