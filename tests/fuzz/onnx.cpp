#include "tests/fuzz/fuzz_file.h"
#include "vqalign/core/atomic_file.h"
#include "vqalign/core/formats/onnx_file.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  return vqalign::fuzz(data, size, [](const std::filesystem::path& path) {
    vqalign::check_onnx(vqalign::read_file(path, std::size_t{1} << 30), path.string());
  });
}
