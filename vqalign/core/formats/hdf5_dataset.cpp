#include "vqalign/core/formats/hdf5_dataset.h"

#include <algorithm>

#include "vqalign/core/error.h"

namespace vqalign {
namespace {

constexpr uint64_t kMostInflated = 1032;  // deflate makes no more of a byte
constexpr uint64_t kLargestChunk = uint64_t{1} << 30;
constexpr std::size_t kChunkCacheBytes = std::size_t{64} << 20;

/// Multiplies without overflow; false when the product passes `most`.
bool multiply(uint64_t& product, uint64_t factor, uint64_t most) {
  if (factor != 0 && product > most / factor) return false;
  product *= factor;
  return true;
}

std::vector<H5Z_filter_t> checked_filters(hid_t creation, const std::string& where) {
  std::vector<H5Z_filter_t> filters;
  const int count = H5Pget_nfilters(creation);
  for (int i = 0; i < count; ++i) {
    unsigned flags = 0, settings = 0;
    std::size_t values = 0;
    const H5Z_filter_t filter = H5Pget_filter2(creation, static_cast<unsigned>(i), &flags, &values,
                                               nullptr, 0, nullptr, &settings);
    if (filter != H5Z_FILTER_DEFLATE && filter != H5Z_FILTER_SHUFFLE &&
        filter != H5Z_FILTER_FLETCHER32) {
      fail(where, ": is packed by filter ", filter, ", read are gzip, shuffle and fletcher32");
    }
    filters.push_back(filter);
  }
  return filters;
}

/// What is not in chunks lies in one piece, of which the library believes what the file says.
void check_place(const Hdf5Dataset& dataset, H5D_layout_t layout, uint64_t bytes,
                 uint64_t file_bytes, const std::string& where) {
  const uint64_t stored = H5Dget_storage_size(dataset.id.id());
  const haddr_t at = H5Dget_offset(dataset.id.id());
  const bool inside =
      layout == H5D_COMPACT || (at != HADDR_UNDEF && at <= file_bytes && bytes <= file_bytes - at);
  // Nothing is stored of a dataset without numbers.
  if (bytes == 0 || (stored == bytes && bytes <= file_bytes && inside)) return;
  fail(where, ": claims ", bytes, " bytes and stores ", stored, " in a file of ", file_bytes);
}

void check_storage(Hdf5Dataset& dataset, uint64_t file_bytes, const std::string& where) {
  const Hdf5Handle creation(H5Dget_create_plist(dataset.id.id()), H5Pclose);
  const H5D_layout_t layout = H5Pget_layout(creation.id());
  if (H5Pget_external_count(creation.id()) != 0 || layout == H5D_VIRTUAL) {
    fail(where, ": its numbers lie in other files, which is not followed");
  }
  std::vector<H5Z_filter_t> filters = checked_filters(creation.id(), where);
  // No product passes this, so that none overflows.
  const uint64_t most = file_bytes * kMostInflated;
  uint64_t bytes = dataset.item_bytes;
  for (const int64_t size : dataset.shape) {
    if (multiply(bytes, static_cast<uint64_t>(size), most)) continue;
    fail(where, ": claims more numbers than the file's ", file_bytes, " bytes can hold");
  }
  if (layout != H5D_CHUNKED) {
    check_place(dataset, layout, bytes, file_bytes, where);
    return;
  }
  std::vector<hsize_t> sizes(H5S_MAX_RANK);
  const int rank = H5Pget_chunk(creation.id(), H5S_MAX_RANK, sizes.data());
  if (rank < 1) fail(where, ": its chunks have no sizes");
  sizes.resize(static_cast<std::size_t>(rank));
  uint64_t chunk = dataset.item_bytes;
  for (const hsize_t size : sizes) {
    if (multiply(chunk, size, std::min(most, kLargestChunk))) continue;
    fail(where, ": its chunks are too large for a file of ", file_bytes, " bytes");
  }
  dataset.chunks = Hdf5Chunks(std::move(sizes), std::move(filters), chunk);
}

void read_type(Hdf5Dataset& dataset, const std::string& where) {
  const Hdf5Handle type(H5Dget_type(dataset.id.id()), H5Tclose);
  const H5T_class_t kind = H5Tget_class(type.id());
  dataset.item_bytes = H5Tget_size(type.id());
  dataset.floats = kind == H5T_FLOAT;
  if ((kind != H5T_FLOAT && kind != H5T_INTEGER) || dataset.item_bytes == 0 ||
      dataset.item_bytes > 8) {
    fail(where, ": holds no plain numbers of up to eight bytes");
  }
}

void read_shape(Hdf5Dataset& dataset, const std::string& where) {
  const Hdf5Handle space(H5Dget_space(dataset.id.id()), H5Sclose);
  const int rank = H5Sget_simple_extent_ndims(space.id());
  if (!space.good() || H5Sget_simple_extent_type(space.id()) != H5S_SIMPLE || rank < 1) {
    fail(where, ": is no array");
  }
  std::vector<hsize_t> sizes(static_cast<std::size_t>(rank));
  H5Sget_simple_extent_dims(space.id(), sizes.data(), nullptr);
  for (const hsize_t size : sizes) {
    if (size > hsize_t{1} << 40) fail(where, ": claims an axis of ", size);
    dataset.shape.push_back(static_cast<int64_t>(size));
  }
}

}  // namespace

Hdf5Dataset open_hdf5_dataset(hid_t file, const std::string& name, uint64_t file_bytes,
                              const std::string& where) {
  H5L_info_t link = {};
  if (H5Lexists(file, name.c_str(), H5P_DEFAULT) <= 0 ||
      H5Lget_info(file, name.c_str(), &link, H5P_DEFAULT) < 0) {
    fail(where, ": is not there");
  }
  if (link.type != H5L_TYPE_HARD) fail(where, ": is a link, which is not followed");
  const Hdf5Handle access(H5Pcreate(H5P_DATASET_ACCESS), H5Pclose);
  H5Pset_chunk_cache(access.id(), 1009, kChunkCacheBytes, 0.75);
  Hdf5Dataset dataset;
  dataset.id = Hdf5Handle(H5Dopen2(file, name.c_str(), access.id()), H5Dclose);
  if (!dataset.id.good()) fail(where, ": cannot be opened, or is no dataset");
  read_type(dataset, where);
  read_shape(dataset, where);
  check_storage(dataset, file_bytes, where);
  return dataset;
}

}  // namespace vqalign
