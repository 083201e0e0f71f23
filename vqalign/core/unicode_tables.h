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

extern const std::vector<LowerCaseRange> kLowerCaseRanges;  ///< beyond ASCII, in order
extern const std::vector<char32_t>
    kDigitTens;  ///< zeros of the decimal digits beyond ASCII, in order

}  // namespace vqalign::detail
