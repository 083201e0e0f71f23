#pragma once

#include <span>
#include <string_view>

namespace vqalign {

/// A file of recipes/, compiled in so that --recipe works wherever the program is.
struct RecipeText {
  std::string_view name;
  std::string_view text;
};

std::span<const RecipeText> recipe_texts();

}  // namespace vqalign
