#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace vqalign {

/// The image id that a file's stem tells, whatever the prefix and the zeros: its last run of digits
/// (COCO_val2014_000000000042, 42). Nothing where there is none or it is no int64.
std::optional<int64_t> image_id_of(std::string_view stem);

}  // namespace vqalign
