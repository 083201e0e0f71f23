#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "vqalign/core/formats/hdf5_file.h"

namespace vqalign {

/// The image ids of an HDF5 file's `pictures` rows, in the order of the rows: see Hdf5Features for
/// where they are looked for. Error naming the file, with a hint of how to make the JSON file of
/// the usual pickle, when there are none, not as many as pictures, or rows are named twice or not
/// there.
std::vector<int64_t> read_hdf5_ids(const Hdf5File& file, const std::filesystem::path& path,
                                   int64_t pictures);

}  // namespace vqalign
