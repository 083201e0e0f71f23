#include "vqalign/bench/feature_files.h"

#include <torch/types.h>
#include <zlib.h>

#include <string_view>
#include <vector>

#include "vqalign/core/atomic_file.h"
#include "vqalign/core/error.h"
#include "vqalign/core/formats/base64.h"
#include "vqalign/core/formats/npy_header.h"
#include "vqalign/core/philox.h"

namespace vqalign {
namespace {

std::string_view floats_of(const torch::Tensor& tensor) {
  return {static_cast<const char*>(tensor.const_data_ptr()), tensor.nbytes()};
}

template <typename Number>
std::string number_bytes(Number value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

std::string deflated_bytes(std::string_view bytes) {
  z_stream stream = {};
  constexpr int kRaw = -15;
  constexpr int kNumpysLevel = 6;
  if (deflateInit2(&stream, kNumpysLevel, Z_DEFLATED, kRaw, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::bad_alloc();
  }
  std::string packed(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

/// The project's own writer stores, for speed; this one packs, which only a comparison needs.
class SmallZip {
 public:
  explicit SmallZip(bool deflated) : deflated_(deflated) {}

  void add(const std::string& name, const std::string& bytes) {
    const std::string packed = deflated_ ? deflated_bytes(bytes) : bytes;
    const auto crc = static_cast<uint32_t>(
        ::crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
    const uint16_t method = deflated_ ? 8 : 0;
    const std::string common =
        number_bytes<uint16_t>(20) + number_bytes<uint16_t>(0) + number_bytes(method) +
        number_bytes<uint32_t>(0) + number_bytes(crc) +
        number_bytes(static_cast<uint32_t>(packed.size())) +
        number_bytes(static_cast<uint32_t>(bytes.size())) +
        number_bytes(static_cast<uint16_t>(name.size())) + number_bytes<uint16_t>(0);
    directory_ += "PK\x01\x02" + number_bytes<uint16_t>(20) + common + std::string(10, '\0') +
                  number_bytes(static_cast<uint32_t>(members_.size())) + name;
    members_ += "PK\x03\x04" + common + name + packed;
    ++count_;
  }

  std::string bytes() const {
    return members_ + directory_ + "PK\x05\x06" + number_bytes<uint32_t>(0) + number_bytes(count_) +
           number_bytes(count_) + number_bytes(static_cast<uint32_t>(directory_.size())) +
           number_bytes(static_cast<uint32_t>(members_.size())) + number_bytes<uint16_t>(0);
  }

 private:
  bool deflated_;
  std::string members_, directory_;
  uint16_t count_ = 0;
};

}  // namespace

RegionFeatures made_up_regions(int64_t image_id, int64_t regions, int64_t width) {
  Random random(static_cast<uint64_t>(image_id), 0);
  RegionFeatures picture{torch::empty({regions, width}), torch::empty({regions, 4}), 640, 480};
  auto* values = picture.features.mutable_data_ptr<float>();
  for (int64_t i = 0; i < regions * width; ++i) {
    values[i] = static_cast<float>(std::max(0.0, random.uniform(-1.0, 2.0)));
  }
  auto* corners = picture.boxes.mutable_data_ptr<float>();
  for (int64_t i = 0; i < regions * 4; ++i) {
    corners[i] = static_cast<float>(random.uniform(0.0, i % 4 < 2 ? 200.0 : 400.0));
  }
  return picture;
}

void write_region_npz(const std::filesystem::path& path, const RegionFeatures& picture,
                      bool deflated) {
  SmallZip zip(deflated);
  const auto add = [&](const char* name, const torch::Tensor& values) {
    zip.add(name, format_npy_header("<f4", values.sizes().vec()) + std::string(floats_of(values)));
  };
  add("x.npy", picture.features.t().contiguous());
  add("bbox.npy", picture.boxes);
  add("image_w.npy", torch::tensor(static_cast<float>(picture.image_width)));
  add("image_h.npy", torch::tensor(static_cast<float>(picture.image_height)));
  write_file_atomic(path, zip.bytes());
}

std::string region_tsv_line(int64_t image_id, const RegionFeatures& picture) {
  return concat(image_id, "\t", picture.image_width, "\t", picture.image_height, "\t",
                picture.features.size(0), "\t", encode_base64(floats_of(picture.boxes)), "\t",
                encode_base64(floats_of(picture.features)), "\n");
}

}  // namespace vqalign
