#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string_view>

#include "vqalign/core/cancel.h"
#include "vqalign/core/progress.h"
#include "vqalign/vision/feature_source.h"

namespace vqalign {

/// Opens stored region features of any format, chosen by looking at the file: a folder of .npz
/// (feature_folder.h), a bottom-up TSV, plain or gzip (bottom_up_tsv.h), HDF5 (hdf5_features.h), or
/// our packed store (packed_store.h). None of them is ever held in memory as a whole.
///
/// `width` is what every picture must have; 0 takes the store's. `max_regions` bounds how many
/// regions of a picture are used, the first ones. Error when it is none of these, or as the format
/// says. A .tsv.gz is unpacked once from start to end; `cancel`, which may be null, stops that.
std::unique_ptr<FeatureStore> open_features(const std::filesystem::path& path, int64_t width,
                                            int64_t max_regions = 100,
                                            const CancelToken* cancel = nullptr);

/// The width of what open_features() opens. Of a .tsv.gz no more is unpacked than its first line.
/// Error as there.
int64_t stored_width(const std::filesystem::path& path);

/// Whether a file of that name that starts so is read as one of these formats.
bool looks_like_features(const std::filesystem::path& path, std::string_view start);

/// What packing did.
struct PackedSummary {
  int64_t images = 0;
  int64_t regions = 0;
  int64_t width = 0;
  bool half = false;
  uint64_t bytes = 0;  ///< of the file
};

/// Writes all of a store into a packed one, one picture in memory at a time; as float16 when `half`
/// is set. The file appears when all of it is written.
PackedSummary pack_features(const FeatureStore& from, const std::filesystem::path& to, bool half,
                            Progress& progress, const CancelToken& cancel);

}  // namespace vqalign
