#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "vqalign/vision/regions.h"

namespace vqalign {

/// Regions of a made-up picture; features are like those behind a ReLU: none negative, a third of
/// them zero.
RegionFeatures made_up_regions(int64_t image_id, int64_t regions, int64_t width);

/// A picture's .npz as numpy.savez (stored) or numpy.savez_compressed (deflated) writes it.
void write_region_npz(const std::filesystem::path& path, const RegionFeatures& picture,
                      bool deflated);

/// A picture's line of a bottom-up TSV.
std::string region_tsv_line(int64_t image_id, const RegionFeatures& picture);

}  // namespace vqalign
