#pragma once

#include <hdf5.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "vqalign/core/formats/hdf5_chunks.h"

namespace vqalign {

/// An identifier of the library's with what closes it.
class Hdf5Handle {
 public:
  Hdf5Handle() = default;
  Hdf5Handle(hid_t id, herr_t (*close)(hid_t)) : id_(id), close_(close) {}
  Hdf5Handle(Hdf5Handle&& other) noexcept
      : id_(std::exchange(other.id_, -1)), close_(other.close_) {}
  Hdf5Handle& operator=(Hdf5Handle&& other) noexcept {
    std::swap(id_, other.id_);
    std::swap(close_, other.close_);
    return *this;
  }
  ~Hdf5Handle() {
    if (id_ >= 0) close_(id_);
  }
  hid_t id() const { return id_; }
  bool good() const { return id_ >= 0; }

 private:
  hid_t id_ = -1;
  herr_t (*close_)(hid_t) = nullptr;
};

/// A dataset that may be read: see Hdf5File for what that takes.
struct Hdf5Dataset {
  Hdf5Handle id;
  std::vector<int64_t> shape;
  bool floats = false;
  std::size_t item_bytes = 0;
  Hdf5Chunks chunks;

  int64_t row_items() const {
    int64_t items = 1;
    for (std::size_t i = 1; i < shape.size(); ++i) items *= shape[i];
    return items;
  }
};

/// Opens it; Error("`where`: ..") when it is none that may be read from a file of so many bytes.
/// The library's lock is the caller's to hold.
Hdf5Dataset open_hdf5_dataset(hid_t file, const std::string& name, uint64_t file_bytes,
                              const std::string& where);

}  // namespace vqalign
