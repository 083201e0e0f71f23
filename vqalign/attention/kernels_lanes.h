#pragma once
// Sixteen lanes of float, held in as many vectors as the instruction set needs. Included only by
// kernels_impl.h, that is once per instruction set: everything here has internal linkage, and no
// inline function of a standard header is used, because the linker could hand the copy compiled for
// one instruction set to code that must run without it.

#include <cstdint>

#if defined(__AVX2__)
#include <immintrin.h>
#endif

#include "vqalign/attention/kernels.h"

#define VQALIGN_INLINE inline __attribute__((always_inline))
/// A whole loop nest: everything that it calls is inlined, so that vectors stay in registers.
#define VQALIGN_KERNEL __attribute__((flatten))

namespace vqalign::kernels {
namespace {

constexpr int64_t kLanes = 16;

#if defined(__AVX512F__)
constexpr int kParts = 1;
#elif defined(__AVX2__)
constexpr int kParts = 2;
#else
constexpr int kParts = 4;
#endif
constexpr int kPartLanes = 16 / kParts;

typedef float FloatPart __attribute__((vector_size(4 * kPartLanes)));
typedef int32_t IntPart __attribute__((vector_size(4 * kPartLanes)));
typedef uint32_t WordPart __attribute__((vector_size(4 * kPartLanes)));
typedef uint16_t HalfPart __attribute__((vector_size(2 * kPartLanes)));

struct Floats {
  FloatPart part[kParts];
};

/// As a condition a lane is all ones or zero.
struct Ints {
  IntPart part[kParts];
};

template <typename Result, typename Function>
VQALIGN_INLINE Result each(const Function& function) {
  Result result;
#pragma GCC unroll 4
  for (int i = 0; i < kParts; ++i) result.part[i] = function(i);
  return result;
}

VQALIGN_INLINE Floats broadcast(float value) {
  return each<Floats>([&](int) { return FloatPart{} + value; });
}
VQALIGN_INLINE Floats zeros() {
  return broadcast(0.0f);
}

VQALIGN_INLINE Floats operator+(Floats a, Floats b) {
  return each<Floats>([&](int i) { return a.part[i] + b.part[i]; });
}
VQALIGN_INLINE Floats operator-(Floats a, Floats b) {
  return each<Floats>([&](int i) { return a.part[i] - b.part[i]; });
}
VQALIGN_INLINE Floats operator*(Floats a, Floats b) {
  return each<Floats>([&](int i) { return a.part[i] * b.part[i]; });
}
VQALIGN_INLINE Floats operator+(Floats a, float b) {
  return a + broadcast(b);
}
VQALIGN_INLINE Floats operator-(Floats a, float b) {
  return a - broadcast(b);
}
VQALIGN_INLINE Floats operator*(Floats a, float b) {
  return a * broadcast(b);
}

VQALIGN_INLINE Ints operator&(Ints a, Ints b) {
  return each<Ints>([&](int i) { return a.part[i] & b.part[i]; });
}

VQALIGN_INLINE Ints greater(Floats a, float b) {
  return each<Ints>([&](int i) { return a.part[i] > b; });
}

/// True where a > b or a is NaN.
VQALIGN_INLINE Ints not_at_most(Floats a, float b) {
  return each<Ints>([&](int i) { return ~(a.part[i] <= b); });
}

VQALIGN_INLINE Floats select(Ints condition, Floats yes, Floats no) {
  return each<Floats>([&](int i) { return condition.part[i] ? yes.part[i] : no.part[i]; });
}

VQALIGN_INLINE Floats only(Ints condition, Floats value) {
  return each<Floats>([&](int i) {
    return reinterpret_cast<FloatPart>(condition.part[i] &
                                       reinterpret_cast<IntPart>(value.part[i]));
  });
}

/// Keeps b's lane where the two do not compare, so that a NaN in `a` is not swallowed.
VQALIGN_INLINE Floats larger(Floats a, Floats b) {
  return each<Floats>([&](int i) { return a.part[i] <= b.part[i] ? b.part[i] : a.part[i]; });
}

/// All ones in lane i when bit i is set.
VQALIGN_INLINE Ints expand(uint32_t bits) {
#if defined(__AVX512F__)
  return {{reinterpret_cast<IntPart>(_mm512_maskz_set1_epi32(static_cast<__mmask16>(bits), -1))}};
#else
  IntPart powers;
#pragma GCC unroll 8
  for (int i = 0; i < kPartLanes; ++i) powers[i] = 1 << i;
  return each<Ints>([&](int i) {
    return ((IntPart{} + static_cast<int32_t>(bits >> (i * kPartLanes))) & powers) != 0;
  });
#endif
}

/// All ones in the first `lanes` lanes.
VQALIGN_INLINE Ints inside(int64_t lanes) {
  return expand((1u << lanes) - 1);
}

// Part by part: GCC 12 copies a struct of vectors through memory in smaller pieces.
VQALIGN_INLINE Floats load(const float* from) {
  return each<Floats>([&](int i) {
    FloatPart part;
    __builtin_memcpy(&part, from + i * kPartLanes, sizeof part);
    return part;
  });
}
VQALIGN_INLINE Ints load(const int32_t* from) {
  return each<Ints>([&](int i) {
    IntPart part;
    __builtin_memcpy(&part, from + i * kPartLanes, sizeof part);
    return part;
  });
}
VQALIGN_INLINE void store(float* to, Floats lanes) {
#pragma GCC unroll 4
  for (int i = 0; i < kParts; ++i) {
    __builtin_memcpy(to + i * kPartLanes, &lanes.part[i], sizeof lanes.part[i]);
  }
}

/// bfloat16 is the upper half of a float.
VQALIGN_INLINE Floats load(const uint16_t* from) {
  return each<Floats>([&](int i) {
    HalfPart halves;
    __builtin_memcpy(&halves, from + i * kPartLanes, sizeof halves);
    return reinterpret_cast<FloatPart>(__builtin_convertvector(halves, WordPart) << 16);
  });
}

/// Rounds to the nearest bfloat16, ties to even; NaN stays NaN.
VQALIGN_INLINE void store(uint16_t* to, Floats lanes) {
#pragma GCC unroll 4
  for (int i = 0; i < kParts; ++i) {
    const FloatPart value = lanes.part[i];
    const WordPart bits = reinterpret_cast<WordPart>(value);
    const WordPart rounded = (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16;
    const WordPart is_number = reinterpret_cast<WordPart>(value == value);
    const WordPart chosen = (rounded & is_number) | (0x7FC0 & ~is_number);
    const HalfPart halves = __builtin_convertvector(chosen, HalfPart);
    __builtin_memcpy(to + i * kPartLanes, &halves, sizeof halves);
  }
}

/// The first `count` lanes, the rest zero.
template <typename Scalar>
VQALIGN_INLINE Floats load_part(const Scalar* from, int64_t count) {
#if defined(__AVX512F__)
  const auto mask = static_cast<__mmask16>((1u << count) - 1);
  if constexpr (sizeof(Scalar) == sizeof(float)) {
    return {{_mm512_maskz_loadu_ps(mask, from)}};
  } else {
    const __m512i words = _mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(mask, from));
    return {{reinterpret_cast<FloatPart>(_mm512_slli_epi32(words, 16))}};
  }
#else
#if defined(__AVX2__)
  if constexpr (sizeof(Scalar) == sizeof(float)) {
    const Ints mask = inside(count);
    return each<Floats>([&](int i) {
      return _mm256_maskload_ps(from + i * kPartLanes, reinterpret_cast<__m256i>(mask.part[i]));
    });
  }
#endif
  Scalar lanes[kLanes] = {};
  for (int64_t i = 0; i < count; ++i) lanes[i] = from[i];
  return load(lanes);
#endif
}

template <typename Scalar>
VQALIGN_INLINE void store_part(Scalar* to, Floats values, int64_t count) {
  Scalar lanes[kLanes];
#if defined(__AVX512F__)
  const auto mask = static_cast<__mmask16>((1u << count) - 1);
  if constexpr (sizeof(Scalar) == sizeof(float)) {
    _mm512_mask_storeu_ps(to, mask, values.part[0]);
  } else {
    store(lanes, values);
    _mm256_mask_storeu_epi16(to, mask, _mm256_loadu_si256(reinterpret_cast<__m256i*>(lanes)));
  }
#else
#if defined(__AVX2__)
  if constexpr (sizeof(Scalar) == sizeof(float)) {
    const Ints mask = inside(count);
    for (int i = 0; i < kParts; ++i) {
      _mm256_maskstore_ps(to + i * kPartLanes, reinterpret_cast<__m256i>(mask.part[i]),
                          values.part[i]);
    }
    return;
  }
#endif
  store(lanes, values);
  for (int64_t i = 0; i < count; ++i) to[i] = lanes[i];
#endif
}

/// Folds the lanes in a fixed tree: 16 to 8 to 4 to 2 to 1, upper half onto lower half.
template <typename Combine>
VQALIGN_INLINE float fold(Floats lanes, const Combine& combine) {
  typedef float Four __attribute__((vector_size(16)));
  Four four[4];
#pragma GCC unroll 4
  for (int i = 0; i < kParts; ++i) {
    __builtin_memcpy(&four[i * 4 / kParts], &lanes.part[i], sizeof lanes.part[i]);
  }
  const Four quarter = combine(combine(four[0], four[2]), combine(four[1], four[3]));
  return combine(combine(quarter[0], quarter[2]), combine(quarter[1], quarter[3]));
}

VQALIGN_INLINE float sum(Floats lanes) {
  return fold(
      lanes, [](auto a, auto b) __attribute__((always_inline)) { return a + b; });
}

VQALIGN_INLINE float largest(Floats lanes) {
  return fold(
      lanes, [](auto a, auto b) __attribute__((always_inline)) { return a <= b ? b : a; });
}

/// exp(x) for x <= 0, within 2 units in the last place; 0 below the smallest normal number.
VQALIGN_INLINE Floats exp_negative(Floats x) {
  const float shifter = 12582912.0f;  // 1.5 * 2^23: adding it rounds to an integer
  const Floats shifted = x * 1.44269504f + shifter;
  const Floats n = shifted - shifter;
  const Floats r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
  Floats p = broadcast(1.9875691500e-4f);
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  const Floats power = each<Floats>([&](int i) {
    const WordPart exponent = (reinterpret_cast<WordPart>(shifted.part[i]) << 23) + (127u << 23);
    return reinterpret_cast<FloatPart>(exponent);
  });
  // Not "greater than": a NaN must stay one.
  return only(not_at_most(x, -87.0f), p * power);
}

/// Calls body(column, lanes) over a row in steps of sixteen; lanes < 16 only in the last.
template <typename Body>
VQALIGN_INLINE void for_lanes(int64_t width, const Body& body) {
  int64_t column = 0;
  for (; column + kLanes <= width; column += kLanes) body(column, kLanes);
  if (column < width) body(column, width - column);
}

template <typename Scalar>
VQALIGN_INLINE Floats get(const Scalar* from, int64_t lanes) {
  return lanes == kLanes ? load(from) : load_part(from, lanes);
}

template <typename Scalar>
VQALIGN_INLINE void put(Scalar* to, Floats values, int64_t lanes) {
  if (lanes == kLanes) {
    store(to, values);
  } else {
    store_part(to, values, lanes);
  }
}

}  // namespace
}  // namespace vqalign::kernels
