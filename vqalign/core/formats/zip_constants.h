#pragma once

#include <cstdint>

/// What ZIP's reader and writer both know of the format (PKWARE's APPNOTE).
namespace vqalign::zip {

inline constexpr uint32_t kWide32 = 0xFFFFFFFF;  ///< "see the ZIP64 field"
inline constexpr uint16_t kWide16 = 0xFFFF;      ///< the same in a field of two bytes

/// Methods of packing.
inline constexpr uint16_t kStored = 0;
inline constexpr uint16_t kDeflated = 8;

}  // namespace vqalign::zip
