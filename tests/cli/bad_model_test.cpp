// Damaged model files and training states.
#include <gtest/gtest.h>

#include <cstring>

#include "failures.h"
#include "vqalign/core/json.h"

namespace vqalign::test {
namespace {

namespace fs = std::filesystem;

/// Rewrites the header of a safetensors file.
std::string with_header(const std::string& file, const std::function<void(Json&)>& change) {
  uint64_t length = 0;
  std::memcpy(&length, file.data(), 8);
  Json header = Json::parse(file.substr(8, length));
  change(header);
  const std::string text = header.dump();
  length = text.size();
  std::string changed(8, '\0');
  std::memcpy(changed.data(), &length, 8);
  uint64_t old_length = 0;
  std::memcpy(&old_length, file.data(), 8);
  return changed + text + file.substr(8 + old_length);
}

Json& member(Json& object, const std::string& key) {
  return const_cast<Json&>(object.at(key));
}

TEST(BadModel, ModelFiles) {
  const fs::path folder = fresh_folder("bad_models");
  const std::string good = file_text(workbench().model);
  ASSERT_GT(good.size(), 1000u);
  const auto metadata = [&](const std::string& key, const std::string& value) {
    return with_header(good,
                       [&](Json& header) { member(header, "__metadata__").set(key, Json(value)); });
  };
  const std::string classifier = "proj.weight";
  const BadText models[] = {
      {"empty", "", "empty"},
      {"tiny", good.substr(0, 5), "5 bytes"},
      {"header", good.substr(0, 200), "cut short"},
      {"tail", good.substr(0, good.size() - 64), "cut short"},
      {"length", std::string("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F", 8) + good.substr(8), "header"},
      {"json", good.substr(0, 8) + std::string(100, 'x') + good.substr(108), "header"},
      {"version", metadata("vqalign.format", "99"), "version \"99\""},
      {"config", metadata("config", "{"), "config"},
      {"option", metadata("config", R"({"model": {"layers": 1e9}})"), "layers"},
      {"words", metadata("words", "[1]"), "words"},
      {"answers", metadata("answers", "[]"), "answers"},
      {"twice", metadata("answers", R"(["yes", "no", "yes"])"), "an answer twice"},
      {"heads", metadata("config", R"({"model": {"hidden": 16, "heads": 3}})"), "heads"},
      {"channels", metadata("config", R"({"vision": {"channels": ["4096", "4096", "4096", "4096"],
                                          "blocks": ["16", "16", "16", "16"]}})"),
       "its metadata asks for"},
      {"offsets",
       with_header(good,
                   [&](Json& header) {
                     member(header, classifier)
                         .set("data_offsets", Json::array().push(0).push(std::size_t{1} << 40));
                   }),
       "data_offsets"},
      {"shape",
       with_header(good,
                   [&](Json& header) {
                     member(header, classifier)
                         .set("shape",
                              Json::array().push(std::size_t{1} << 40).push(std::size_t{1} << 40));
                   }),
       "shape"},
      {"type",
       with_header(good, [&](Json& header) { member(header, classifier).set("dtype", "F7"); }),
       "F7"},
  };
  for (const BadText& bad : models) {
    SCOPED_TRACE(bad.name);
    const fs::path path = folder / (bad.name + ".safetensors");
    write_text(path, bad.text);
    expect_failure(evaluation(workbench().data, path), {bad.name + ".safetensors", bad.said});
    expect_failure({"info", path}, {bad.name + ".safetensors"});
  }
  expect_failure(evaluation(workbench().data, folder / "missing.safetensors"),
                 {"missing.safetensors", "No such file"});
  expect_failure(evaluation(workbench().data, good_results()), {"results.json"});
  expect_failure(evaluation(workbench().data, workbench().model.string() + ".state"),
                 {"model.safetensors.state"});
}

TEST(BadModel, TrainingStates) {
  const fs::path folder = fresh_folder("bad_states");
  const fs::path model = folder / "m.safetensors", state = folder / "m.safetensors.state";
  const std::vector<std::string> resume =
      with_tiny_network({"train", "--quiet", "--data", workbench().data.string(), "--out", model,
                         "--epochs", "2", "--resume"});
  expect_failure(resume, {"m.safetensors.state", "is not there"});
  const std::string good = file_text(workbench().model.string() + ".state");
  for (const std::string& text : {std::string(), good.substr(0, 300),
                                  good.substr(0, good.size() / 2), file_text(workbench().model)}) {
    write_text(state, text);
    expect_failure(resume, {"m.safetensors.state"});
  }
  EXPECT_FALSE(fs::exists(model));
}

}  // namespace
}  // namespace vqalign::test
