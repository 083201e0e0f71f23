#pragma once

#include <string>
#include <vector>

#include "vqalign/core/formats/base64.h"

namespace vqalign::testing_files {

/// Numbers as a TSV holds them.
inline std::string base64_floats(const std::vector<float>& values) {
  return encode_base64(
      {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)});
}

}  // namespace vqalign::testing_files
