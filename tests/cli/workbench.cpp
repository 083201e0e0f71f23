#include "workbench.h"

namespace vqalign::test {
namespace {

namespace fs = std::filesystem;

Workbench make() {
  Workbench made;
  const fs::path folder = fresh_folder("workbench");
  made.data = folder / "data";
  made.model = folder / "model.safetensors";
  made.drawing = run_vqalign(
      {"scenes", "--out", made.data, "--train", "64", "--val", "32", "--test", "8", "--json"});
  made.training = run_vqalign(with_tiny_network(
      {"train", "--data", made.data, "--out", made.model, "--epochs", "2", "--json"}));
  return made;
}

}  // namespace

const Workbench& workbench() {
  static const Workbench made = make();
  return made;
}

std::vector<std::string> tiny_network() {
  std::vector<std::string> options;
  for (const char* option :
       {"model.layers=1", "model.hidden=32", "model.heads=2", "model.feed_forward=32",
        "model.pooling_hidden=16", "model.pooled=32", "language.word_width=16",
        "vision.channels=8,8,8,8", "vision.pixels=1024", "vision.pool=1", "model.dropout=0.1",
        "train.batch_size=8"}) {
    options.emplace_back("--set");
    options.emplace_back(option);
  }
  return options;
}

std::vector<std::string> with_tiny_network(std::vector<std::string> first) {
  for (const std::string& option : tiny_network()) first.push_back(option);
  return first;
}

fs::path dataset_copy(const std::string& name) {
  const fs::path folder = fresh_folder(name) / "data";
  fs::copy(workbench().data, folder, fs::copy_options::recursive);
  return folder;
}

}  // namespace vqalign::test
