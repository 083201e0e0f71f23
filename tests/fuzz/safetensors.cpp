#include "vqalign/core/formats/safetensors.h"

#include "tests/fuzz/fuzz_file.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  return vqalign::fuzz(data, size,
                       [](const std::filesystem::path& path) { vqalign::read_safetensors(path); });
}
