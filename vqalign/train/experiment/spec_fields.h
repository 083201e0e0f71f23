#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "vqalign/core/json.h"

namespace vqalign::detail {

/// An object of a spec, whose fields are read by name. Everything wrong is a UsageError that begins
/// with `where`, the file and the place in it.
class SpecFields {
 public:
  /// Error when `object` is none, has a field twice, or one that is not among `known`: the message
  /// names the nearest of these. The object must outlive the reader.
  SpecFields(const Json& object, std::string where, const std::vector<std::string>& known);

  /// Where a field stands, for messages.
  std::string place(const std::string& name) const { return where_ + ": " + name; }

  bool has(const std::string& name) const { return find(name) != nullptr; }
  /// Null when it is not there.
  const Json* find(const std::string& name) const { return object_.find(name); }
  /// Error when it is missing.
  const Json& required(const std::string& name) const;

  /// The field, or nothing when it is missing; Error when it is of another type or out of range.
  std::optional<int64_t> integer(const std::string& name, int64_t least, int64_t most) const;
  std::optional<double> number(const std::string& name, double least, double most) const;
  std::optional<std::string> text(const std::string& name) const;

 private:
  const Json& object_;
  std::string where_;
};

/// A whole number of a range. UsageError naming `where` and both values.
int64_t integer_within(const Json& value, const std::string& where, int64_t least, int64_t most);

/// `", a field that is not known; did you mean NEAREST?"` as a UsageError about `where`.
[[noreturn]] void refuse_field(const std::string& where, const std::string& name,
                               const std::vector<std::string>& known);

}  // namespace vqalign::detail
