#pragma once
// Philox4x32-10 on sixteen counters at once. Included as kernels_lanes.h is, see there.

#include <cstdint>

#if !defined(__AVX2__)
#include "vqalign/core/philox.h"
#endif

#include "vqalign/attention/kernels_lanes.h"

namespace vqalign::kernels {
namespace {

// Philox4x32-10 on sixteen counters: 64 lanes of keep or drop. The vectors hold each 32-bit word in
// a 64-bit lane whose upper half is left dirty, because the widening multiply ignores it.
#if defined(__AVX512F__)

struct Half {
  __m512i c0, c1, c2, c3;
};

inline void philox_round(Half& h, __m512i k0, __m512i k1) {
  const __m512i p0 = _mm512_mul_epu32(h.c0, _mm512_set1_epi64(0xD2511F53));
  const __m512i p1 = _mm512_mul_epu32(h.c2, _mm512_set1_epi64(0xCD9E8D57));
  h.c0 = _mm512_xor_si512(_mm512_xor_si512(_mm512_srli_epi64(p1, 32), h.c1), k0);
  h.c2 = _mm512_xor_si512(_mm512_xor_si512(_mm512_srli_epi64(p0, 32), h.c3), k1);
  h.c1 = p1;
  h.c3 = p0;
}

inline uint64_t kept(__m512i even, __m512i odd, __m512i threshold) {
  const __m512i words = _mm512_mask_blend_epi32(0xAAAA, even, _mm512_slli_epi64(odd, 32));
  return _mm512_cmpge_epu32_mask(words, threshold);
}

inline uint64_t keep_block(const Mask& mask, uint64_t block) {
  const uint64_t first = block * kLanes;
  const __m512i counters = _mm512_add_epi64(_mm512_set1_epi64(static_cast<int64_t>(first)),
                                            _mm512_setr_epi64(0, 2, 4, 6, 8, 10, 12, 14));
  const __m512i high = _mm512_set1_epi64(static_cast<int64_t>(first >> 32));
  const __m512i s0 = _mm512_set1_epi64(static_cast<int64_t>(mask.stream));
  const __m512i s1 = _mm512_set1_epi64(static_cast<int64_t>(mask.stream >> 32));
  Half even{counters, high, s0, s1};
  Half odd{_mm512_add_epi64(counters, _mm512_set1_epi64(1)), high, s0, s1};
  uint32_t k0 = static_cast<uint32_t>(mask.seed), k1 = static_cast<uint32_t>(mask.seed >> 32);
  for (int round = 0; round < 10; ++round, k0 += 0x9E3779B9, k1 += 0xBB67AE85) {
    const __m512i key0 = _mm512_set1_epi64(k0), key1 = _mm512_set1_epi64(k1);
    philox_round(even, key0, key1);
    philox_round(odd, key0, key1);
  }
  const __m512i threshold = _mm512_set1_epi32(static_cast<int32_t>(mask.threshold));
  return kept(even.c0, odd.c0, threshold) | kept(even.c1, odd.c1, threshold) << 16 |
         kept(even.c2, odd.c2, threshold) << 32 | kept(even.c3, odd.c3, threshold) << 48;
}

#elif defined(__AVX2__)

struct Half {
  __m256i c0, c1, c2, c3;
};

inline void philox_round(Half& h, __m256i k0, __m256i k1) {
  const __m256i p0 = _mm256_mul_epu32(h.c0, _mm256_set1_epi64x(0xD2511F53));
  const __m256i p1 = _mm256_mul_epu32(h.c2, _mm256_set1_epi64x(0xCD9E8D57));
  h.c0 = _mm256_xor_si256(_mm256_xor_si256(_mm256_srli_epi64(p1, 32), h.c1), k0);
  h.c2 = _mm256_xor_si256(_mm256_xor_si256(_mm256_srli_epi64(p0, 32), h.c3), k1);
  h.c1 = p1;
  h.c3 = p0;
}

inline uint64_t kept(__m256i even, __m256i odd, __m256i threshold) {
  const __m256i words = _mm256_blend_epi32(even, _mm256_slli_epi64(odd, 32), 0xAA);
  const __m256i reached = _mm256_cmpeq_epi32(_mm256_max_epu32(words, threshold), words);
  return static_cast<uint32_t>(_mm256_movemask_ps(_mm256_castsi256_ps(reached)));
}

/// Eight counters; lane l of word w lands in bit 16 w + l.
inline uint64_t keep_half_block(const Mask& mask, uint64_t first) {
  const __m256i counters = _mm256_add_epi64(_mm256_set1_epi64x(static_cast<int64_t>(first)),
                                            _mm256_setr_epi64x(0, 2, 4, 6));
  const __m256i high = _mm256_set1_epi64x(static_cast<int64_t>(first >> 32));
  const __m256i s0 = _mm256_set1_epi64x(static_cast<int64_t>(mask.stream));
  const __m256i s1 = _mm256_set1_epi64x(static_cast<int64_t>(mask.stream >> 32));
  Half even{counters, high, s0, s1};
  Half odd{_mm256_add_epi64(counters, _mm256_set1_epi64x(1)), high, s0, s1};
  uint32_t k0 = static_cast<uint32_t>(mask.seed), k1 = static_cast<uint32_t>(mask.seed >> 32);
  for (int round = 0; round < 10; ++round, k0 += 0x9E3779B9, k1 += 0xBB67AE85) {
    const __m256i key0 = _mm256_set1_epi64x(k0), key1 = _mm256_set1_epi64x(k1);
    philox_round(even, key0, key1);
    philox_round(odd, key0, key1);
  }
  const __m256i threshold = _mm256_set1_epi32(static_cast<int32_t>(mask.threshold));
  return kept(even.c0, odd.c0, threshold) | kept(even.c1, odd.c1, threshold) << 16 |
         kept(even.c2, odd.c2, threshold) << 32 | kept(even.c3, odd.c3, threshold) << 48;
}

inline uint64_t keep_block(const Mask& mask, uint64_t block) {
  return keep_half_block(mask, block * kLanes) | keep_half_block(mask, block * kLanes + 8) << 8;
}

#else

inline uint64_t keep_block(const Mask& mask, uint64_t block) {
  uint64_t bits = 0;
  for (uint64_t lane = 0; lane < kLanes; ++lane) {
    const uint64_t counter = block * kLanes + lane;
    const auto words =
        philox4x32({static_cast<uint32_t>(counter), static_cast<uint32_t>(counter >> 32),
                    static_cast<uint32_t>(mask.stream), static_cast<uint32_t>(mask.stream >> 32)},
                   {static_cast<uint32_t>(mask.seed), static_cast<uint32_t>(mask.seed >> 32)});
    for (uint64_t word = 0; word < 4; ++word) {
      bits |= uint64_t{words[word] >= mask.threshold} << (16 * word + lane);
    }
  }
  return bits;
}

#endif

/// Reads a mask front to back, sixteen elements at any index at a time.
class MaskReader {
 public:
  explicit MaskReader(const Mask& mask) : mask_(mask) {}

  /// Bit i is set when element index + i is kept.
  uint32_t at(int64_t index) {
    if (index < first_ || index + kLanes > last_) refill(index);
    const int64_t offset = index - first_;
    uint32_t window;
    __builtin_memcpy(&window, reinterpret_cast<const char*>(bits_) + offset / 8, sizeof window);
    return window >> (offset % 8) & 0xFFFF;
  }

 private:
  static constexpr int64_t kBlocks = 16;

  __attribute__((noinline)) void refill(int64_t index) {
    first_ = index / kBlock * kBlock;
    last_ = first_ + kBlocks * kBlock;
    for (int64_t i = 0; i < kBlocks; ++i) {
      bits_[i] = keep_block(mask_, static_cast<uint64_t>(first_ / kBlock + i));
    }
  }

  Mask mask_;
  int64_t first_ = 0;
  int64_t last_ = 0;
  uint64_t bits_[kBlocks + 1] = {};
};

}  // namespace
}  // namespace vqalign::kernels
