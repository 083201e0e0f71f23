#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace vqalign {

/// A JSON value as a plain C++ value: the project's one door to RapidJSON for documents that fit in
/// memory (options, metadata, results of a verb). Objects keep the order of their members. For
/// dataset files use json_stream.h, which never holds a whole document.
class Json {
 public:
  using Array = std::vector<Json>;
  using Member = std::pair<std::string, Json>;
  using Object = std::vector<Member>;

  Json() = default;
  Json(std::nullptr_t) {}
  Json(bool value) : value_(value) {}
  Json(int value) : value_(static_cast<int64_t>(value)) {}
  Json(int64_t value) : value_(value) {}
  Json(std::size_t value) : value_(static_cast<int64_t>(value)) {}
  Json(double value) : value_(value) {}
  Json(const char* value) : value_(std::string(value)) {}
  Json(std::string value) : value_(std::move(value)) {}
  Json(Array value) : value_(std::move(value)) {}
  Json(Object value) : value_(std::move(value)) {}

  static Json array() { return Json(Array{}); }
  static Json object() { return Json(Object{}); }

  bool is_null() const { return std::holds_alternative<std::nullptr_t>(value_); }
  bool is_bool() const { return std::holds_alternative<bool>(value_); }
  bool is_int() const { return std::holds_alternative<int64_t>(value_); }
  bool is_number() const { return is_int() || std::holds_alternative<double>(value_); }
  bool is_string() const { return std::holds_alternative<std::string>(value_); }
  bool is_array() const { return std::holds_alternative<Array>(value_); }
  bool is_object() const { return std::holds_alternative<Object>(value_); }

  // Each throws Error("`where`: expected ..., found ...") when the value is of another type.
  // `where` names the file and the place, for the message.
  bool as_bool(std::string_view where = "JSON") const;
  int64_t as_int(std::string_view where = "JSON") const;
  double as_double(std::string_view where = "JSON") const;
  const std::string& as_string(std::string_view where = "JSON") const;
  const Array& as_array(std::string_view where = "JSON") const;
  const Object& as_object(std::string_view where = "JSON") const;

  /// The member of that name (the last, where a file names one twice), or null when there is none
  /// or this is no object.
  const Json* find(std::string_view key) const;
  /// The member of that name; Error naming `where` and the key when it is missing.
  const Json& at(std::string_view key, std::string_view where = "JSON") const;
  /// Sets (or adds, at the end) a member; this must be an object or null.
  Json& set(std::string key, Json value);
  /// Appends an element; this must be an array or null.
  Json& push(Json value);

  /// "null", "a boolean", "a number", "a string", "an array" or "an object", for messages.
  std::string_view type_name() const;

  /// As text; `indent` 0 gives one line, else that many spaces a level. Doubles are written
  /// so that they come back the same; NaN and infinity, which JSON lacks, as null.
  std::string dump(int indent = 0) const;

  /// Parses one document. Error("`where`: line L, column C: reason") when it is malformed, nested
  /// deeper than 200 or followed by something else.
  static Json parse(std::string_view text, std::string_view where = "JSON");

  bool operator==(const Json&) const = default;

 private:
  std::variant<std::nullptr_t, bool, int64_t, double, std::string, Array, Object> value_ = nullptr;
};

/// Reads and parses a file of at most `max_bytes`.
Json read_json(const std::filesystem::path& path, std::size_t max_bytes = std::size_t{1} << 28);

/// Writes atomically, indented by two, with a final newline.
void write_json(const std::filesystem::path& path, const Json& value);

}  // namespace vqalign
