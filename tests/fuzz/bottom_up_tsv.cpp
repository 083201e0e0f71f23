#include "vqalign/core/formats/bottom_up_tsv.h"

#include "tests/fuzz/fuzz_file.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  return vqalign::fuzz(data, size, [](const std::filesystem::path& path) {
    const vqalign::BottomUpTsv store(path);
    for (const vqalign::TsvRow& row : store.rows()) {
      std::vector<float> boxes(static_cast<std::size_t>(row.regions) * 4);
      std::vector<float> features(static_cast<std::size_t>(row.regions * store.width()));
      store.read(row, boxes.data(), features.data());
    }
  });
}
