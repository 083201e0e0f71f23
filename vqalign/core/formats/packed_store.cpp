#include "vqalign/core/formats/packed_store.h"

#include <torch/types.h>
#include <zlib.h>

#include <algorithm>
#include <cassert>
#include <cstring>

#include "vqalign/core/error.h"
#include "vqalign/core/formats/packed_layout.h"

namespace vqalign {
namespace {

// The index is copied out of the file as it lies there.
static_assert(sizeof(PackedEntry) == 32);

uint32_t crc_of(std::string_view bytes) {
  return static_cast<uint32_t>(
      ::crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

// Pages once read count as this process's memory until the system is short of it.
constexpr uint64_t kMostBytesMapped = 128 << 20;

template <typename Block>
uint32_t crc_before(const Block& block) {
  return crc_of({reinterpret_cast<const char*>(&block), offsetof(Block, crc)});
}

uint64_t item_bytes(torch::ScalarType type) {
  return type == torch::kHalf ? 2 : 4;
}

}  // namespace

bool PackedStore::is_packed(std::string_view start) {
  return start.starts_with(std::string_view(kPackedMagic, sizeof kPackedMagic));
}

PackedStore::PackedStore(const std::filesystem::path& path)
    : name_(path.string()), file_(MappedFile::open(path)) {
  read_head();
  read_index();
  verified_ = std::vector<std::atomic<bool>>(entries_.size());
}

void PackedStore::read_head() {
  PackedHead head;
  if (!is_packed(file_->text())) fail(name_, ": is no packed feature store");
  if (file_->size() < sizeof(PackedHead) + sizeof(PackedTail)) {
    fail(name_, ": is cut short: its ", file_->size(), " bytes hold no head and tail");
  }
  std::memcpy(&head, file_->data(), sizeof head);
  if (head.byte_order != kPackedByteOrder) {
    if (head.byte_order == __builtin_bswap32(kPackedByteOrder)) {
      fail(name_, ": was written by a machine of another byte order");
    }
    fail(name_, ": its head is damaged: the byte order mark is ", head.byte_order);
  }
  if (head.version != kPackedVersion) {
    fail(name_, ": is of version ", head.version, " of the packed store, read is version ",
         kPackedVersion);
  }
  if (head.crc != crc_before(head)) fail(name_, ": its head is damaged (checksum)");
  if (head.type != 2 && head.type != 4) {
    fail(name_, ": has features of ", head.type, " bytes, expected 2 or 4");
  }
  if (head.width == 0 || head.width > kPackedWidest) {
    fail(name_, ": has features of width ", head.width, ", expected 1 to ", kPackedWidest);
  }
  type_ = head.type == 2 ? torch::kHalf : torch::kFloat;
  width_ = head.width;
}

void PackedStore::read_index() {
  PackedTail tail;
  const uint64_t tail_at = file_->size() - sizeof tail;
  std::memcpy(&tail, file_->data() + tail_at, sizeof tail);
  if (std::memcmp(tail.magic, kPackedEndMagic, sizeof tail.magic) != 0) {
    fail(name_, ": has no end mark in its ", file_->size(), " bytes: it is cut short or damaged");
  }
  if (tail.crc != crc_before(tail)) fail(name_, ": its tail is damaged (checksum)");
  if (tail.file_bytes != file_->size()) {
    fail(name_, ": has ", file_->size(), " bytes, it was written with ", tail.file_bytes);
  }
  const bool fits = tail.count <= file_->size() / sizeof(PackedEntry) &&
                    tail.index_at >= sizeof(PackedHead) && tail.index_at <= tail_at &&
                    packed_aligned(tail.count * sizeof(PackedEntry)) == tail_at - tail.index_at;
  if (!fits) {
    fail(name_, ": its index of ", tail.count, " pictures at byte ", tail.index_at,
         " does not fit its ", file_->size(), " bytes");
  }
  const std::string_view index = file_->text().substr(tail.index_at, tail_at - tail.index_at);
  if (tail.index_crc != crc_of(index)) fail(name_, ": its index is damaged (checksum)");
  entries_.resize(tail.count);
  if (tail.count > 0) std::memcpy(entries_.data(), index.data(), tail.count * sizeof(PackedEntry));
  for (std::size_t i = 1; i < entries_.size(); ++i) {
    if (entries_[i].image_id > entries_[i - 1].image_id) continue;
    fail(name_, ": its index has image ", entries_[i].image_id, " behind image ",
         entries_[i - 1].image_id, ", expected ascending ids");
  }
  check_records(tail.index_at);
}

void PackedStore::check_records(uint64_t records_end) const {
  std::vector<const PackedEntry*> by_place;
  by_place.reserve(entries_.size());
  for (const PackedEntry& entry : entries_) by_place.push_back(&entry);
  std::sort(by_place.begin(), by_place.end(),
            [](const PackedEntry* a, const PackedEntry* b) { return a->at < b->at; });
  uint64_t end = sizeof(PackedHead);
  for (std::size_t i = 0; i < by_place.size();) {
    const uint64_t at = by_place[i]->at;
    // Pictures without regions take no bytes and share their place with the next one.
    uint64_t bytes = 0;
    for (; i < by_place.size() && by_place[i]->at == at; ++i) {
      const uint64_t own = packed_record_bytes(by_place[i]->regions, static_cast<uint64_t>(width_),
                                               item_bytes(type_));
      if (at != end || (bytes > 0 && own > 0) || own > records_end - end) {
        fail(where(*by_place[i]), ": its ", own, " bytes at byte ", at, ", expected at byte ",
             end + bytes, ", do not fit the records, which end at byte ", records_end);
      }
      bytes = std::max(bytes, own);
    }
    end += bytes;
  }
  if (end != records_end) {
    fail(name_, ": its pictures end at byte ", end, ", its index starts at byte ", records_end);
  }
}

std::string PackedStore::where(const PackedEntry& entry) const {
  return concat(name_, ": image ", entry.image_id);
}

const PackedEntry* PackedStore::find(int64_t image_id) const {
  const auto found = std::lower_bound(
      entries_.begin(), entries_.end(), image_id,
      [](const PackedEntry& entry, int64_t wanted) { return entry.image_id < wanted; });
  return found == entries_.end() || found->image_id != image_id ? nullptr : &*found;
}

void PackedStore::verify(const PackedEntry& entry) const {
  const uint64_t bytes =
      packed_record_bytes(entry.regions, static_cast<uint64_t>(width_), item_bytes(type_));
  if (crc_of(file_->text().substr(entry.at, bytes)) != entry.crc) {
    fail(where(entry), ": its record at byte ", entry.at, " is damaged (checksum)");
  }
}

void PackedStore::verify_once(const PackedEntry& entry) const {
  std::atomic<bool>& verified = verified_[static_cast<std::size_t>(&entry - entries_.data())];
  if (verified.load(std::memory_order_relaxed)) return;
  verify(entry);
  verified.store(true, std::memory_order_relaxed);
}

torch::Tensor PackedStore::boxes(const PackedEntry& entry) const {
  verify_once(entry);
  return torch::from_blob(file_->data() + entry.at, {entry.regions, 4}, torch::kFloat);
}

torch::Tensor PackedStore::features(const PackedEntry& entry) const {
  verify_once(entry);
  const uint64_t bytes = entry.regions * static_cast<uint64_t>(width_) * item_bytes(type_);
  if (read_.fetch_add(bytes, std::memory_order_relaxed) + bytes > kMostBytesMapped) {
    read_.store(0, std::memory_order_relaxed);
    file_->drop_pages();
  }
  return torch::from_blob(file_->data() + entry.at + packed_boxes_bytes(entry.regions),
                          {entry.regions, width_}, type_);
}

}  // namespace vqalign
