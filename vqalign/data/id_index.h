#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace vqalign::detail {

/// The places of question ids in a list. Several times as quick as a std::unordered_map where
/// hundreds of thousands of ids are looked up once or twice each.
class IdIndex {
 public:
  static constexpr std::size_t kNone = SIZE_MAX;

  /// For up to `count` ids.
  explicit IdIndex(std::size_t count)
      : slots_(std::bit_ceil(2 * count + 2)), shift_(std::countl_zero(slots_.size()) + 1) {}

  /// Notes the place of an id; the one noted before stays and is returned, else kNone.
  std::size_t add(int64_t id, std::size_t place) {
    Slot& slot = slots_[slot_of(id)];
    if (slot.place != kNone) return slot.place;
    slot = {id, place};
    return kNone;
  }
  /// kNone when the id is not known.
  std::size_t find(int64_t id) const { return slots_[slot_of(id)].place; }

 private:
  struct Slot {
    int64_t id = 0;
    std::size_t place = kNone;
  };

  /// Where the id is, or else the free slot where it belongs: there is always a free one.
  std::size_t slot_of(int64_t id) const {
    constexpr uint64_t kGolden = 0x9E3779B97F4A7C15u;
    std::size_t at = static_cast<std::size_t>(static_cast<uint64_t>(id) * kGolden >> shift_);
    while (slots_[at].place != kNone && slots_[at].id != id) at = (at + 1) & (slots_.size() - 1);
    return at;
  }

  std::vector<Slot> slots_;
  int shift_;
};

}  // namespace vqalign::detail
