#pragma once

#include <cstdint>
#include <vector>

namespace vqalign::detail {

/// Code points first, first + step, ... last, whose lower case lies `delta` further on.
struct LowerCaseRange {
  char32_t first;
  char32_t last;
  uint32_t step;
  int32_t delta;
};

struct CodePointRange {
  char32_t first;
  char32_t last;
};

/// Whether one of the ranges, which are in order, holds it.
bool is_in(const std::vector<CodePointRange>& ranges, char32_t code);

extern const std::vector<LowerCaseRange> kLowerCaseRanges;  ///< beyond ASCII, in order
extern const std::vector<char32_t>
    kDigitTens;  ///< zeros of the decimal digits beyond ASCII, in order
// What decides the lower case of a capital sigma: letters that have a case, and marks that count
// for nothing beside them (which no letter of the first list is).
extern const std::vector<CodePointRange> kCasedRanges;
extern const std::vector<CodePointRange> kCaseIgnoredRanges;

}  // namespace vqalign::detail
