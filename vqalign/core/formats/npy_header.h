#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace vqalign {

/// What stands before the numbers of a NumPy .npy file (NEP 1).
struct NpyHeader {
  char byte_order = '|';   ///< '<' little, '>' big, '|' of no matter
  char kind = 'f';         ///< f, i, u, b, U, O (objects) or another letter of NumPy's
  int64_t item_bytes = 0;  ///< 0 for objects
  bool fortran_order = false;
  std::vector<int64_t> shape;

  /// Product of the shape.
  int64_t items() const;
};

/// Bytes at the start of every .npy file that say how long its header is.
constexpr std::size_t kNpyPreambleBytes = 12;

/// How long preamble and header text are together, from the first kNpyPreambleBytes bytes; the
/// header text starts where `text_start` says. Error("`where`: ...") when they are none of versions
/// 1.0 to 3.0, or the header is longer than 1 MiB.
std::size_t npy_header_bytes(std::string_view preamble, std::size_t& text_start,
                             const std::string& where);

/// Parses the header's text, a Python dict of three entries; nothing in it is ever executed.
/// Error("`where`: ...") when it is anything else, a structured type, or a shape that is negative
/// or beyond 2^48 bytes.
NpyHeader parse_npy_header(std::string_view text, const std::string& where);

/// Preamble and header text of version 1.0, padded as NumPy pads it, for numbers in C order.
std::string format_npy_header(const std::string& type, const std::vector<int64_t>& shape);

}  // namespace vqalign
