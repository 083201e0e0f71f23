#include "vqalign/core/formats/packed_store.h"

#include "tests/fuzz/fuzz_file.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  return vqalign::fuzz(data, size, [](const std::filesystem::path& path) {
    const vqalign::PackedStore store(path);
    for (const vqalign::PackedEntry& entry : store.entries()) {
      store.boxes(entry).sum();
      store.features(entry).sum();
    }
  });
}
