#pragma once

#include <span>
#include <string_view>

namespace vqalign {

/// Words that may stand for one another in a question about a picture, without changing its answer;
/// empty where the list, which is our own and short, has none for `word` (lower case). The group
/// holds the word itself.
std::span<const std::string_view> synonyms_of(std::string_view word);

}  // namespace vqalign
