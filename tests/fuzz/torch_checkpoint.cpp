#include "vqalign/core/formats/torch_checkpoint.h"

#include "tests/fuzz/fuzz_file.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  return vqalign::fuzz(data, size, [](const std::filesystem::path& path) {
    const vqalign::TorchCheckpoint checkpoint(path);
    checkpoint.tensors(checkpoint.root());
    if (const auto* weights = checkpoint.find("state_dict")) checkpoint.tensors(*weights);
  });
}
