#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "vqalign/core/json.h"

namespace vqalign {

/// A list that a file's root object holds under `key`, and what to do with each of its elements.
struct JsonList {
  std::string key;
  /// Takes an element and its number in the list, from 0.
  std::function<void(const Json& element, int64_t index)> visit;
  bool required = true;
};

/// Reads a file of any size whose root is an object with lists, one element in memory at a time, in
/// the order of the file; what is not named in `lists` is passed over. Error as of stream_json, and
/// where the root is no object, a named member is no list or a required one is missing.
void for_each_element(const std::filesystem::path& path, const std::vector<JsonList>& lists);

}  // namespace vqalign
