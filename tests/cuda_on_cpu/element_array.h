#pragma once

#include <bit>
#include <cmath>
#include <cstring>
#include <memory>
#include <vector>

#include "vqalign/attention/cuda/rows.h"

namespace vqalign::cuda {

using Numbers = std::vector<double>;

/// An array of a device, an allocation of its own.
class Array {
 public:
  Array(Element type, const Numbers& numbers) : type_(type), count_(numbers.size()) {
    bytes_ = std::make_unique<unsigned char[]>(count_ * size());
    for (std::size_t i = 0; i < count_; ++i) put(i, static_cast<float>(numbers[i]));
  }
  Array(Element type, int64_t count) : Array(type, Numbers(count, NAN)) {}

  void* data() { return bytes_.get(); }
  float* floats() { return reinterpret_cast<float*>(bytes_.get()); }

  Numbers numbers() const {
    Numbers result(count_);
    for (std::size_t i = 0; i < count_; ++i) result[i] = get(i);
    return result;
  }

 private:
  std::size_t size() const { return type_ == Element::kFloat ? 4 : 2; }
  void put(std::size_t i, float x) {
    const auto write = [&](auto number) {
      std::memcpy(bytes_.get() + i * size(), &number, size());
    };
    if (type_ == Element::kFloat) return write(x);
    if (type_ == Element::kHalf) return write(static_cast<_Float16>(x));
    const auto bits = std::bit_cast<unsigned>(x);
    write(static_cast<uint16_t>((bits + 0x7FFF + (bits >> 16 & 1)) >> 16));
  }
  double get(std::size_t i) const {
    const unsigned char* at = bytes_.get() + i * size();
    if (type_ == Element::kFloat) return *reinterpret_cast<const float*>(at);
    if (type_ == Element::kHalf) return static_cast<float>(*reinterpret_cast<const _Float16*>(at));
    return std::bit_cast<float>(unsigned{*reinterpret_cast<const uint16_t*>(at)} << 16);
  }

  Element type_;
  std::size_t count_;
  std::unique_ptr<unsigned char[]> bytes_;
};

}  // namespace vqalign::cuda
