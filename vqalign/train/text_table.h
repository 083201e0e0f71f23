#pragma once

#include <string>
#include <vector>

namespace vqalign {

/// A table as text, for every way of writing it down.
struct TextTable {
  std::vector<std::string> head;
  std::vector<std::vector<std::string>> rows;  ///< as long as the head each
};

}  // namespace vqalign
