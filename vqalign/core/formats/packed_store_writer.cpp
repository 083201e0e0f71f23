#include <torch/types.h>
#include <zlib.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstring>

#include "vqalign/core/error.h"
#include "vqalign/core/formats/packed_layout.h"
#include "vqalign/core/formats/packed_store.h"

namespace vqalign {
namespace {

uint32_t crc_after(uint32_t crc, std::string_view bytes) {
  // zlib takes a null pointer, which nothing at all may come with, as the wish to start anew.
  if (bytes.empty()) return crc;
  return static_cast<uint32_t>(
      ::crc32_z(crc, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

template <typename Block>
std::string_view bytes_of(const Block& block) {
  return {reinterpret_cast<const char*>(&block), sizeof block};
}

template <typename Block>
void seal(Block& block) {
  block.crc = crc_after(0, bytes_of(block).substr(0, offsetof(Block, crc)));
}

std::string_view memory_of(const torch::Tensor& tensor) {
  return {static_cast<const char*>(tensor.const_data_ptr()), tensor.nbytes()};
}

}  // namespace

PackedStoreWriter::PackedStoreWriter(const std::filesystem::path& path, int64_t width, bool half)
    : name_(path.string()), file_(path), width_(width), half_(half) {
  if (width < 1 || width > kPackedWidest) {
    fail(name_, ": features of width ", width, " cannot be packed, expected 1 to ", kPackedWidest);
  }
  PackedHead head = {};
  std::memcpy(head.magic, kPackedMagic, sizeof head.magic);
  head.byte_order = kPackedByteOrder;
  head.version = kPackedVersion;
  head.type = half ? 2 : 4;
  head.width = static_cast<uint32_t>(width);
  seal(head);
  write_padded(bytes_of(head));
}

void PackedStoreWriter::write_padded(std::string_view bytes) {
  static constexpr char kZeros[kPackedAlignment] = {};
  const std::string_view zeros(kZeros, packed_aligned(bytes.size()) - bytes.size());
  for (const std::string_view part : {bytes, zeros}) {
    file_.write(part);
    crc_ = crc_after(crc_, part);
    at_ += part.size();
  }
}

std::string_view PackedStoreWriter::rounded(const torch::Tensor& features, int64_t image_id) {
  const auto* values = features.const_data_ptr<float>();
  const auto count = static_cast<std::size_t>(features.numel());
  halves_.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    halves_[i] = c10::Half(values[i]);
    if (std::isinf(static_cast<float>(halves_[i]))) {
      throw Error(concat(name_, ": image ", image_id, " has a feature of ", values[i],
                         ", beyond the 65504 of float16"),
                  "pack as float32, without --half");
    }
  }
  return {reinterpret_cast<const char*>(halves_.data()), count * sizeof(c10::Half)};
}

void PackedStoreWriter::add(int64_t image_id, int64_t image_width, int64_t image_height,
                            const torch::Tensor& boxes, const torch::Tensor& features) {
  const int64_t regions = features.size(0);
  assert(features.size(1) == width_ && boxes.size(0) == regions && boxes.size(1) == 4);
  assert(boxes.is_contiguous() && features.is_contiguous());
  const auto fits = [](int64_t value) { return value >= 0 && value <= int64_t{UINT32_MAX}; };
  if (!fits(regions) || !fits(image_width) || !fits(image_height)) {
    fail(name_, ": image ", image_id, " of ", image_width, " x ", image_height, " with ", regions,
         " regions is too large for the packed store");
  }
  PackedEntry entry{.image_id = image_id,
                    .at = at_,
                    .regions = static_cast<uint32_t>(regions),
                    .image_width = static_cast<uint32_t>(image_width),
                    .image_height = static_cast<uint32_t>(image_height)};
  crc_ = 0;
  write_padded(memory_of(boxes));
  write_padded(half_ ? rounded(features, image_id) : memory_of(features));
  entry.crc = crc_;
  entries_.push_back(entry);
}

void PackedStoreWriter::finish() {
  std::sort(entries_.begin(), entries_.end(),
            [](const PackedEntry& a, const PackedEntry& b) { return a.image_id < b.image_id; });
  const auto twin = std::adjacent_find(
      entries_.begin(), entries_.end(),
      [](const PackedEntry& a, const PackedEntry& b) { return a.image_id == b.image_id; });
  if (twin != entries_.end()) fail(name_, ": image ", twin->image_id, " was given twice");
  PackedTail tail = {};
  tail.count = entries_.size();
  tail.index_at = at_;
  crc_ = 0;
  write_padded(
      {reinterpret_cast<const char*>(entries_.data()), entries_.size() * sizeof(PackedEntry)});
  tail.index_crc = crc_;
  tail.file_bytes = at_ + sizeof tail;
  std::memcpy(tail.magic, kPackedEndMagic, sizeof tail.magic);
  seal(tail);
  write_padded(bytes_of(tail));
  file_.commit();
}

}  // namespace vqalign
