// The loops behind kernels.h, compiled once per instruction set; includes define the table's name:
// VQALIGN_KERNEL_TABLE. No include guard is needed beyond #pragma once: one inclusion per source.
#pragma once

#include "vqalign/attention/kernels_lanes.h"
#include "vqalign/attention/kernels_philox.h"

namespace vqalign::kernels {
namespace {

VQALIGN_KERNEL void keep_bits(const Mask& mask, uint64_t first_block, int64_t blocks,
                              uint64_t* bits) {
  for (int64_t i = 0; i < blocks; ++i) bits[i] = keep_block(mask, first_block + i);
}

template <typename Scalar>
VQALIGN_KERNEL void dropout(const Mask& mask, const Scalar* in, Scalar* out, int64_t begin,
                            int64_t end) {
  for (int64_t start = begin; start < end; start += kBlock) {
    const uint64_t bits = keep_block(mask, static_cast<uint64_t>(start / kBlock));
    for (int64_t word = 0; word < 4 && start + word * kLanes < end; ++word) {
      const int64_t at = start + word * kLanes;
      const int64_t lanes = end - at < kLanes ? end - at : kLanes;
      const Ints keep = expand(static_cast<uint32_t>(bits >> (16 * word)) & 0xFFFF);
      put(out + at, only(keep, get(in + at, lanes) * mask.scale), lanes);
    }
  }
}

/// x + dropout(update) at one place of a row.
template <typename Update>
VQALIGN_INLINE Floats residual(const ResidualNorm<Update>& call, MaskReader& reader, int64_t index,
                               int64_t lanes, uint32_t& bits) {
  const Floats x = get(call.x + index, lanes);
  if (!call.update) return x;
  const Floats update = get(call.update + index, lanes);
  if (!call.drops) return x + update;
  bits = reader.at(index);
  return x + only(expand(bits), update * call.mask.scale);
}

template <typename Update>
VQALIGN_KERNEL void residual_norm(const ResidualNorm<Update>& call, float* y, int64_t begin,
                                  int64_t end) {
  const int64_t width = call.width;
  MaskReader reader(call.mask);
  for (int64_t row = begin; row < end; ++row) {
    float* const out = y + row * width;
    Floats total = zeros();
    for_lanes(width, [&](int64_t column, int64_t lanes) {
      uint32_t bits = 0;
      const Floats z = residual(call, reader, row * width + column, lanes, bits);
      total = total + z;  // lanes beyond the row are zero
      put(out + column, z, lanes);
    });
    const float mean = sum(total) / static_cast<float>(width);
    Floats squares = zeros();
    for_lanes(width, [&](int64_t column, int64_t lanes) {
      const Floats centred = get(out + column, lanes) - mean;
      squares = squares + only(inside(lanes), centred * centred);
    });
    const float std = __builtin_sqrtf(sum(squares) / static_cast<float>(width - 1));
    const float inverse = 1.0f / (std + call.eps);
    for_lanes(width, [&](int64_t column, int64_t lanes) {
      const Floats centred = get(out + column, lanes) - mean;
      put(out + column,
          get(call.a + column, lanes) * (centred * inverse) + get(call.b + column, lanes), lanes);
    });
    call.statistics[2 * row] = mean;
    call.statistics[2 * row + 1] = std;
  }
}

template <typename Update>
VQALIGN_KERNEL void residual_norm_gradient(const ResidualNorm<Update>& call,
                                           const ResidualNormGradient<Update>& gradient,
                                           int64_t begin, int64_t end) {
  const int64_t width = call.width;
  float* const normalised = gradient.scratch;
  auto* const kept = reinterpret_cast<uint32_t*>(gradient.scratch + round_up(width, kLanes));
  MaskReader reader(call.mask);
  for (int64_t row = begin; row < end; ++row) {
    const float mean = call.statistics[2 * row], std = call.statistics[2 * row + 1];
    const float inverse = 1.0f / (std + call.eps);
    Floats total = zeros(), product = zeros();
    for_lanes(width, [&](int64_t column, int64_t lanes) {
      uint32_t bits = 0;
      const Floats z = residual(call, reader, row * width + column, lanes, bits);
      kept[column / kLanes] = bits;
      const Floats unit = only(inside(lanes), (z - mean) * inverse);
      store(normalised + column, unit);
      const Floats d_y = get(gradient.d_y + row * width + column, lanes);
      put(gradient.d_a + column, get(gradient.d_a + column, lanes) + d_y * unit, lanes);
      put(gradient.d_b + column, get(gradient.d_b + column, lanes) + d_y, lanes);
      const Floats scaled = d_y * get(call.a + column, lanes);
      total = total + scaled;
      product = product + scaled * unit;
    });
    const float shift = sum(total) / static_cast<float>(width);
    const float slope =
        std > 0 ? sum(product) * (std + call.eps) / (static_cast<float>(width - 1) * std) : 0.0f;
    for_lanes(width, [&](int64_t column, int64_t lanes) {
      const int64_t index = row * width + column;
      const Floats scaled = get(gradient.d_y + index, lanes) * get(call.a + column, lanes);
      const Floats d_z = (scaled - shift - load(normalised + column) * slope) * inverse;
      put(gradient.d_x + index, d_z, lanes);
      if (gradient.d_update) {
        put(gradient.d_update + index,
            call.drops ? only(expand(kept[column / kLanes]), d_z * call.mask.scale) : d_z, lanes);
      }
    });
  }
}

template <typename Scalar>
VQALIGN_KERNEL void bias_relu(const Mask& mask, const float* bias, Scalar* y, int64_t width,
                              int64_t begin, int64_t end) {
  const bool drops = mask.threshold > 0;
  MaskReader reader(mask);
  for (int64_t row = begin; row < end; ++row) {
    for_lanes(width, [&](int64_t column, int64_t lanes) {
      const int64_t index = row * width + column;
      const Floats x = get(y + index, lanes) + get(bias + column, lanes);
      Ints pass = not_at_most(x, 0.0f);  // lets NaN through, as relu does
      if (drops) pass = pass & expand(reader.at(index));
      put(y + index, only(pass, x * mask.scale), lanes);
    });
  }
}

template <typename Scalar>
VQALIGN_KERNEL void bias_relu_gradient(float scale, const Scalar* y, const Scalar* d_y, Scalar* d_x,
                                       float* d_bias, int64_t width, int64_t begin, int64_t end) {
  for (int64_t row = begin; row < end; ++row) {
    for_lanes(width, [&](int64_t column, int64_t lanes) {
      const int64_t index = row * width + column;
      const Ints pass = not_at_most(get(y + index, lanes), 0.0f);
      const Floats d = only(pass, get(d_y + index, lanes) * scale);
      put(d_x + index, d, lanes);
      put(d_bias + column, get(d_bias + column, lanes) + d, lanes);
    });
  }
}

template <typename Scalar>
VQALIGN_KERNEL void softmax(const SoftmaxDropout<Scalar>& call, const Scalar* scores,
                            Scalar* dropped, float* scratch, int64_t begin, int64_t end) {
  const int64_t keys = call.keys;
  const bool drops = call.mask.threshold > 0;
  MaskReader reader(call.mask);
  for (int64_t row = begin; row < end; ++row) {
    const int32_t* const masked =
        call.masked ? call.masked + row / call.rows_per_mask * round_up(keys, kLanes) : nullptr;
    Floats top = broadcast(-__builtin_inff());
    for_lanes(keys, [&](int64_t key, int64_t lanes) {
      Floats score = get(scores + row * keys + key, lanes) * call.scale;
      if (masked) score = select(load(masked + key), broadcast(-1e9f), score);
      if (lanes < kLanes) score = select(inside(lanes), score, broadcast(-__builtin_inff()));
      top = larger(score, top);
      store(scratch + key, score);
    });
    const float highest = largest(top);
    Floats total = zeros();
    for_lanes(keys, [&](int64_t key, int64_t) {
      const Floats power = exp_negative(load(scratch + key) - highest);
      total = total + power;
      store(scratch + key, power);
    });
    const float inverse = 1.0f / sum(total);
    for_lanes(keys, [&](int64_t key, int64_t lanes) {
      const int64_t index = row * keys + key;
      const Floats weight = load(scratch + key) * inverse;
      put(call.weights + index, weight, lanes);
      if (drops) {
        put(dropped + index, only(expand(reader.at(index)), weight * call.mask.scale), lanes);
      }
    });
  }
}

template <typename Scalar>
VQALIGN_KERNEL void softmax_gradient(const SoftmaxDropout<Scalar>& call, const Scalar* d_dropped,
                                     Scalar* d_scores, float* scratch, int64_t begin, int64_t end) {
  const int64_t keys = call.keys;
  const bool drops = call.mask.threshold > 0;
  MaskReader reader(call.mask);
  for (int64_t row = begin; row < end; ++row) {
    const int32_t* const masked =
        call.masked ? call.masked + row / call.rows_per_mask * round_up(keys, kLanes) : nullptr;
    Floats product = zeros();
    for_lanes(keys, [&](int64_t key, int64_t lanes) {
      const int64_t index = row * keys + key;
      Floats d = get(d_dropped + index, lanes);
      if (drops) d = only(expand(reader.at(index)), d * call.mask.scale);
      store(scratch + key, d);
      product = product + d * get(call.weights + index, lanes);
    });
    const float shift = sum(product);
    for_lanes(keys, [&](int64_t key, int64_t lanes) {
      const int64_t index = row * keys + key;
      Floats d = get(call.weights + index, lanes) * (load(scratch + key) - shift) * call.scale;
      if (masked) d = select(load(masked + key), Floats{}, d);
      put(d_scores + index, d, lanes);
    });
  }
}

}  // namespace

extern const Table VQALIGN_KERNEL_TABLE;
const Table VQALIGN_KERNEL_TABLE = {
    keep_bits,
    dropout<float>,
    dropout<uint16_t>,
    residual_norm<float>,
    residual_norm<uint16_t>,
    residual_norm_gradient<float>,
    residual_norm_gradient<uint16_t>,
    bias_relu<float>,
    bias_relu<uint16_t>,
    bias_relu_gradient<float>,
    bias_relu_gradient<uint16_t>,
    softmax<float>,
    softmax<uint16_t>,
    softmax_gradient<float>,
    softmax_gradient<uint16_t>,
};

}  // namespace vqalign::kernels
