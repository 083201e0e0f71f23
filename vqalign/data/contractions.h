#pragma once

#include <array>
#include <string_view>
#include <utility>

namespace vqalign::detail {

/// The evaluator's table of contractions, all 120, faults included: "somebody'd" loses its
/// apostrophe, and the capitalised keys are never met because words are lower-cased first.
extern const std::array<std::pair<std::string_view, std::string_view>, 120> kContractions;

}  // namespace vqalign::detail
