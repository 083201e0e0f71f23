#include "tests/fuzz/fuzz_file.h"
#include "vqalign/core/json.h"
#include "vqalign/data/answers.h"
#include "vqalign/data/vqa_files.h"

// One kind of file must not hide the others: each is read for itself.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using Path = std::filesystem::path;
  vqalign::fuzz(data, size, [](const Path& path) { vqalign::read_questions(path); });
  vqalign::fuzz(data, size, [](const Path& path) { vqalign::read_annotations(path); });
  vqalign::fuzz(data, size, [](const Path& path) { vqalign::read_results(path); });
  vqalign::fuzz(data, size, [](const Path& path) { vqalign::AnswerList::from_file(path); });
  return vqalign::fuzz(data, size, [](const Path& path) { vqalign::read_json(path); });
}
