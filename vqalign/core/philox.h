#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

namespace vqalign {

/// Philox4x32-10 (Salmon et al., SC 2011): a counter-based random function. The same counter and
/// key give the same four words wherever and in whatever order they are asked for, so parallel work
/// draws the same numbers for any thread count, and on a GPU. Known answers are tested.
constexpr std::array<uint32_t, 4> philox4x32(std::array<uint32_t, 4> counter,
                                             std::array<uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    const uint64_t product0 = uint64_t{0xD2511F53} * counter[0];
    const uint64_t product1 = uint64_t{0xCD9E8D57} * counter[2];
    counter = {static_cast<uint32_t>(product1 >> 32) ^ counter[1] ^ key[0],
               static_cast<uint32_t>(product1),
               static_cast<uint32_t>(product0 >> 32) ^ counter[3] ^ key[1],
               static_cast<uint32_t>(product0)};
    key[0] += 0x9E3779B9;
    key[1] += 0xBB67AE85;
  }
  return counter;
}

/// A sequential generator over philox4x32: small, copyable, seeded by (seed, stream). Use one
/// stream per independent purpose (shuffling, scene 12, ...), so that adding draws in one place
/// does not shift those of another. Satisfies UniformRandomBitGenerator; but for portable results
/// use the members below, not the standard distributions, whose algorithms differ between
/// libraries.
class Random {
 public:
  using result_type = uint32_t;

  explicit Random(uint64_t seed, uint64_t stream = 0) : seed_(seed), stream_(stream) {}

  static constexpr uint32_t min() { return 0; }
  static constexpr uint32_t max() { return 0xFFFFFFFF; }

  uint32_t operator()() {
    if (used_ == 4) refill();
    return words_[used_++];
  }

  /// Uniform in [0, 1), 24 bits.
  double uniform() { return ((*this)() >> 8) * (1.0 / 16777216.0); }
  /// Uniform in [low, high).
  double uniform(double low, double high) { return low + (high - low) * uniform(); }
  /// Uniform in 0 .. n-1; n must be positive. Without modulo bias worth a thought (n << 2^32).
  uint32_t below(uint32_t n) { return static_cast<uint32_t>((uint64_t{(*this)()} * n) >> 32); }
  /// True with probability p.
  bool chance(double p) { return uniform() < p; }

  /// Fisher-Yates.
  template <typename Container>
  void shuffle(Container& items) {
    for (std::size_t i = items.size(); i > 1; --i) {
      std::swap(items[i - 1], items[below(static_cast<uint32_t>(i))]);
    }
  }

  /// The places of `wanted` of `count` things, in the order drawn; of all where `wanted` is 0 or
  /// there are no more.
  std::vector<std::size_t> sample(std::size_t count, int64_t wanted) {
    std::vector<std::size_t> places(count);
    std::iota(places.begin(), places.end(), std::size_t{0});
    shuffle(places);
    if (wanted > 0 && static_cast<std::size_t>(wanted) < count) {
      places.resize(static_cast<std::size_t>(wanted));
    }
    return places;
  }

  /// How many words were drawn: with seed and stream the whole state.
  uint64_t position() const { return block_ * 4 - (4 - used_); }

 private:
  void refill() {
    words_ = philox4x32({static_cast<uint32_t>(block_), static_cast<uint32_t>(block_ >> 32),
                         static_cast<uint32_t>(stream_), static_cast<uint32_t>(stream_ >> 32)},
                        {static_cast<uint32_t>(seed_), static_cast<uint32_t>(seed_ >> 32)});
    ++block_;
    used_ = 0;
  }

  uint64_t seed_;
  uint64_t stream_;
  uint64_t block_ = 0;
  std::array<uint32_t, 4> words_{};
  unsigned used_ = 4;
};

}  // namespace vqalign
