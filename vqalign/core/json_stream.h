#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <string>
#include <string_view>

namespace vqalign {

/// Receives the parts of a JSON document in the order they stand in the file (SAX). Strings are
/// valid UTF-8 and views that live only during the call. Numbers arrive by kind: what fits int64_t
/// and is written without fraction or exponent is an int, all else a double.
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

/// Reads a file of any size in bounded memory (a single value may take up to 64 MiB). A byte order
/// mark is skipped. Error naming the file and the byte offset when it is missing, empty, truncated,
/// malformed, not UTF-8, nested deeper than 100 or followed by something else. What `events` throws
/// passes through unchanged.
void stream_json(const std::filesystem::path& path, JsonEvents& events);

/// Bytes begin .. end-1 of a file, to be read as a document between `before` and `after`.
struct JsonStretch {
  uint64_t begin = 0;
  uint64_t end = std::numeric_limits<uint64_t>::max();
  std::string before;
  std::string after;
};

/// The same of a stretch alone; offsets in messages count from the start of `before`.
void stream_json(const std::filesystem::path& path, const JsonStretch& stretch, JsonEvents& events);

}  // namespace vqalign
