#include "vqalign/core/json.h"

#include <rapidjson/error/en.h>
#include <rapidjson/prettywriter.h>
#include <rapidjson/reader.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <cassert>
#include <cmath>
#include <limits>

#include "vqalign/core/atomic_file.h"
#include "vqalign/core/error.h"
#include "vqalign/core/json_builder.h"

namespace vqalign {
namespace {

constexpr std::size_t kMaxDepth = 200;

/// Builds a Json from RapidJSON's events; refuses deep nesting before the stack could suffer.
class Adaptor : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, Adaptor> {
 public:
  bool Null() { return add(Json()); }
  bool Bool(bool value) { return add(Json(value)); }
  bool Int(int value) { return add(Json(value)); }
  bool Uint(unsigned value) { return add(Json(static_cast<int64_t>(value))); }
  bool Int64(int64_t value) { return add(Json(value)); }
  bool Uint64(uint64_t value) {
    const bool fits = value <= static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
    return add(fits ? Json(static_cast<int64_t>(value)) : Json(static_cast<double>(value)));
  }
  bool Double(double value) { return add(Json(value)); }
  bool String(const char* text, rapidjson::SizeType length, bool) {
    return add(Json(std::string(text, length)));
  }
  bool Key(const char* text, rapidjson::SizeType length, bool) {
    builder_.key({text, length});
    return true;
  }
  bool StartObject() { return deeper() && (builder_.begin_object(), true); }
  bool EndObject(rapidjson::SizeType) { return (builder_.end(), true); }
  bool StartArray() { return deeper() && (builder_.begin_array(), true); }
  bool EndArray(rapidjson::SizeType) { return (builder_.end(), true); }

  Json take() { return builder_.take(); }

 private:
  bool deeper() const { return builder_.depth() < kMaxDepth; }
  bool add(Json value) {
    builder_.add(std::move(value));
    return true;
  }

  detail::JsonBuilder builder_;
};

template <typename Writer>
void write(Writer& writer, const Json& value) {
  if (value.is_bool()) {
    writer.Bool(value.as_bool());
  } else if (value.is_int()) {
    writer.Int64(value.as_int());
  } else if (value.is_number()) {
    const double number = value.as_double();
    std::isfinite(number) ? writer.Double(number) : writer.Null();
  } else if (value.is_string()) {
    const std::string& text = value.as_string();
    writer.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
  } else if (value.is_array()) {
    writer.StartArray();
    for (const Json& element : value.as_array()) write(writer, element);
    writer.EndArray();
  } else if (value.is_object()) {
    writer.StartObject();
    for (const auto& [key, member] : value.as_object()) {
      writer.Key(key.data(), static_cast<rapidjson::SizeType>(key.size()));
      write(writer, member);
    }
    writer.EndObject();
  } else {
    writer.Null();
  }
}

[[noreturn]] void wrong_type(std::string_view where, std::string_view expected, const Json& found) {
  fail(where, ": expected ", expected, ", found ", found.type_name());
}

std::string line_and_column(std::string_view text, std::size_t offset) {
  std::size_t line = 1;
  std::size_t start = 0;
  for (std::size_t i = 0; i < offset && i < text.size(); ++i) {
    if (text[i] == '\n') {
      ++line;
      start = i + 1;
    }
  }
  return concat("line ", line, ", column ", offset - start + 1);
}

}  // namespace

bool Json::as_bool(std::string_view where) const {
  if (!is_bool()) wrong_type(where, "true or false", *this);
  return std::get<bool>(value_);
}

int64_t Json::as_int(std::string_view where) const {
  if (!is_int()) wrong_type(where, "a whole number", *this);
  return std::get<int64_t>(value_);
}

double Json::as_double(std::string_view where) const {
  if (is_int()) return static_cast<double>(std::get<int64_t>(value_));
  if (!is_number()) wrong_type(where, "a number", *this);
  return std::get<double>(value_);
}

const std::string& Json::as_string(std::string_view where) const {
  if (!is_string()) wrong_type(where, "a string", *this);
  return std::get<std::string>(value_);
}

const Json::Array& Json::as_array(std::string_view where) const {
  if (!is_array()) wrong_type(where, "an array", *this);
  return std::get<Array>(value_);
}

const Json::Object& Json::as_object(std::string_view where) const {
  if (!is_object()) wrong_type(where, "an object", *this);
  return std::get<Object>(value_);
}

const Json* Json::find(std::string_view key) const {
  if (!is_object()) return nullptr;
  const Object& members = std::get<Object>(value_);
  for (auto member = members.rbegin(); member != members.rend(); ++member) {
    if (member->first == key) return &member->second;
  }
  return nullptr;
}

const Json& Json::at(std::string_view key, std::string_view where) const {
  as_object(where);
  const Json* value = find(key);
  if (!value) fail(where, ": \"", key, "\" is missing");
  return *value;
}

Json& Json::set(std::string key, Json value) {
  if (is_null()) value_ = Object{};
  assert(is_object());
  for (auto& [name, member] : std::get<Object>(value_)) {
    if (name == key) {
      member = std::move(value);
      return *this;
    }
  }
  std::get<Object>(value_).emplace_back(std::move(key), std::move(value));
  return *this;
}

Json& Json::push(Json value) {
  if (is_null()) value_ = Array{};
  assert(is_array());
  std::get<Array>(value_).push_back(std::move(value));
  return *this;
}

std::string_view Json::type_name() const {
  static constexpr std::string_view kNames[] = {"null",     "a boolean", "a number", "a number",
                                                "a string", "an array",  "an object"};
  return kNames[value_.index()];
}

std::string Json::dump(int indent) const {
  rapidjson::StringBuffer buffer;
  if (indent > 0) {
    rapidjson::PrettyWriter<rapidjson::StringBuffer> writer(buffer);
    writer.SetIndent(' ', static_cast<unsigned>(indent));
    write(writer, *this);
  } else {
    rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
    write(writer, *this);
  }
  return std::string(buffer.GetString(), buffer.GetSize());
}

Json Json::parse(std::string_view text, std::string_view where) {
  Adaptor adaptor;
  rapidjson::Reader reader;
  rapidjson::MemoryStream stream(text.data(), text.size());
  constexpr unsigned kFlags = rapidjson::kParseIterativeFlag |
                              rapidjson::kParseValidateEncodingFlag |
                              rapidjson::kParseFullPrecisionFlag;
  const rapidjson::ParseResult result = reader.Parse<kFlags>(stream, adaptor);
  if (result) return adaptor.take();
  const std::string place = line_and_column(text, result.Offset());
  if (result.Code() == rapidjson::kParseErrorTermination) {
    fail(where, ": ", place, ": nested deeper than ", kMaxDepth);
  }
  fail(where, ": ", place, ": ", rapidjson::GetParseError_En(result.Code()));
}

Json read_json(const std::filesystem::path& path, std::size_t max_bytes) {
  return Json::parse(read_file(path, max_bytes), path.string());
}

void write_json(const std::filesystem::path& path, const Json& value) {
  write_file_atomic(path, value.dump(2) + "\n");
}

}  // namespace vqalign
