#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace vqalign {

/// Receives the parts of a JSON document in the order they stand in the file (SAX). Strings are
/// views that live only during the call. Numbers arrive by kind.
class JsonEvents {
 public:
  virtual ~JsonEvents() = default;
  virtual void null_value() = 0;
  virtual void bool_value(bool value) = 0;
  virtual void int_value(int64_t value) = 0;
  virtual void double_value(double value) = 0;
  virtual void string_value(std::string_view value) = 0;
  virtual void key(std::string_view name) = 0;
  virtual void begin_object() = 0;
  virtual void end_object() = 0;
  virtual void begin_array() = 0;
  virtual void end_array() = 0;
};

/// Where a stream reader stands, for messages.
struct JsonPosition {
  int64_t byte = 0;
};

/// Reads a file of any size in bounded memory. Error naming the file and the byte offset when it is
/// missing, empty, truncated, malformed or nested deeper than 100. What `events` throws passes
/// through unchanged.
void stream_json(const std::filesystem::path& path, JsonEvents& events);

}  // namespace vqalign
