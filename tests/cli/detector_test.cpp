// Regions of a detector through the real program: extract, train, ask and figure, with a tiny
// detector (tests/oracle/make_detectors.py) and a backbone whose weights are drawn.
#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>

#include "tests/cli/failures.h"
#include "tests/cli/workbench.h"
#include "tests/vision/detector_fixtures.h"
#include "tests/vision/drawn_weights.h"
#include "vqalign/core/error.h"
#include "vqalign/core/json.h"
#include "vqalign/vision/picture.h"

namespace vqalign::test {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> joined(std::vector<std::string> first,
                                const std::vector<std::string>& more) {
  first.insert(first.end(), more.begin(), more.end());
  return first;
}

class DetectorProgram : public ::testing::Test {
 protected:
  /// --set options of the encoder with this detector.
  std::vector<std::string> vision(const fs::path& detector) const {
    std::vector<std::string> options;
    for (const std::string& option :
         {concat("vision.detector=", detector.string()),
          concat("vision.detector_names=", detector_fixture("tiny.names").string()),
          concat("vision.weights=", weights_.string()), std::string("vision.pixels=4096"),
          std::string("vision.longest=128"), std::string("vision.detector_score=0.05"),
          std::string("vision.backbone=efficientnet-lite0")}) {
      options.insert(options.end(), {"--set", option});
    }
    return options;
  }
  std::vector<std::string> extraction(const fs::path& detector) const {
    return joined({"extract", "--data", data_, "--split", "val", "--encoder", "detector", "--out",
                   (folder_ / "f.vqf").string()},
                  vision(detector));
  }
  ProgramRun train(const fs::path& model, const fs::path& detector, const char* epochs = "1",
                   const std::vector<std::string>& more = {}) const {
    std::vector<std::string> arguments =
        with_tiny_network({"train", "--data", data_, "--out", model, "--epochs", epochs});
    arguments = joined(std::move(arguments), vision(detector));
    arguments = joined(std::move(arguments), {"--set", "vision.encoder=detector"});
    return run_vqalign(joined(std::move(arguments), more));
  }

  const fs::path folder_ = fresh_folder("detector_program");
  const fs::path weights_ = drawn_weights(folder_, "efficientnet-lite0");
  const std::string data_ = workbench().data.string();
};

TEST_F(DetectorProgram, ExtractsWithoutAModel) {
  for (const char* detector : {"tiny_picodet.onnx", "tiny_nanodet.onnx", "tiny_yolo.cfg"}) {
    const ProgramRun run = run_vqalign(joined(extraction(detector_fixture(detector)), {"--json"}));
    ASSERT_EQ(run.status, 0) << run.err;
    const Json told = Json::parse(run.out);
    EXPECT_EQ(told.at("width").as_int(), 1280 + 3);
    EXPECT_GT(told.at("regions").as_int(), told.at("images").as_int());
  }
}

TEST_F(DetectorProgram, AModelCarriesItsDetector) {
  const fs::path detector = folder_ / "moved.onnx";
  fs::copy_file(detector_fixture("tiny_picodet.onnx"), detector);
  const fs::path model = folder_ / "m.safetensors";
  const ProgramRun trained = train(model, detector);
  ASSERT_EQ(trained.status, 0) << trained.err;
  fs::remove(detector);

  // Large blocks of red and blue on grey, twice the size of what the detector takes.
  const fs::path picture = folder_ / "blocks.png";
  write_png(picture, blocks_picture(
                         128, 128, {{16, 16, 48, 48, {255, 0, 0}}, {80, 80, 32, 32, {0, 0, 255}}}));
  const ProgramRun asked =
      run_vqalign({"ask", picture, "what is there", "--model", model, "--json"});
  ASSERT_EQ(asked.status, 0) << asked.err;
  std::size_t named = 0;
  const Json told = Json::parse(asked.out);
  for (const Json& region : told.at("regions").as_array()) {
    const Json* label = region.find("label");
    if (label == nullptr) continue;
    ++named;
    EXPECT_TRUE(label->as_string() == "red" || label->as_string() == "blue") << label->dump();
    EXPECT_GE(region.at("score").as_double(), 0.05);
    EXPECT_LE(region.at("score").as_double(), 1);
    for (const Json& edge : region.at("box").as_array()) {
      EXPECT_GE(edge.as_double(), 0);
      EXPECT_LE(edge.as_double(), 128);
    }
  }
  EXPECT_GE(named, 1u) << asked.out;
  const ProgramRun text = run_vqalign({"ask", picture, "what is there", "--model", model});
  EXPECT_TRUE(text.out.find(" red ") != std::string::npos ||
              text.out.find(" blue ") != std::string::npos)
      << text.out;
  EXPECT_EQ(run_vqalign({"eval", "--model", model, "--data", data_, "--split", "val"}).status, 0);
#ifdef VQALIGN_HAS_FIGURES
  const fs::path drawn = folder_ / "f.json";
  const ProgramRun figure =
      run_vqalign({"figure", picture, "what is there", "--model", model, "--out", drawn});
  ASSERT_EQ(figure.status, 0) << figure.err;
  const Json json = Json::parse(file_text(drawn));
  const auto& regions = json.at("regions").as_array();
  EXPECT_GE(regions.size(), 3u);
  std::size_t labelled = 0;
  for (const Json& region : regions) labelled += region.find("label") != nullptr;
  EXPECT_EQ(labelled, regions.size() - 1);  // all but the whole picture
#endif
}

TEST_F(DetectorProgram, WhatAModelExtractsIsTheSame) {
  const fs::path model = folder_ / "m.safetensors";
  const fs::path detector = detector_fixture("tiny_picodet.onnx");
  ASSERT_EQ(train(model, detector, "1", {"--set", "train.half=false"}).status, 0);
  ASSERT_EQ(run_vqalign(extraction(detector)).status, 0);
  const fs::path own = folder_ / "own.vqf";
  const ProgramRun run = run_vqalign({"extract", "--data", data_, "--split", "val", "--model",
                                      model, "--encoder", "detector", "--out", own});
  ASSERT_EQ(run.status, 0) << run.err;
  EXPECT_TRUE(file_text(own) == file_text(folder_ / "f.vqf"));
}

TEST_F(DetectorProgram, GoesOnWithTheDetectorOfItsState) {
  const fs::path model = folder_ / "m.safetensors";
  const fs::path detector = detector_fixture("tiny_picodet.onnx");
  ASSERT_EQ(train(model, detector).status, 0);
  const ProgramRun more = train(model, detector, "2", {"--resume"});
  EXPECT_EQ(more.status, 0) << more.err;
}

TEST_F(DetectorProgram, SaysWhatIsWrong) {
  const fs::path cut = folder_ / "cut.onnx";
  const std::string whole = file_text(detector_fixture("tiny_picodet.onnx"));
  write_text(cut, whole.substr(0, whole.size() / 2));
  const fs::path lonely = folder_ / "lonely.cfg";
  fs::copy_file(detector_fixture("tiny_yolo.cfg"), lonely);
  expect_failure(extraction("nowhere.onnx"), {"nowhere.onnx", "cannot open"});
  expect_failure(extraction(cut), {"cut.onnx", "is no ONNX file"});
  expect_failure(extraction(lonely), {"lonely.cfg", "lonely.weights"});
  expect_failure(extraction(detector_fixture("other.onnx")),
                 {"other.onnx", "found heat [1, 2, 64, 64]"});
  expect_failure(extraction(detector_fixture("tiny.names")), {"ends in .onnx or .cfg"});
  const ProgramRun none = run_vqalign({"extract", "--data", data_, "--split", "val", "--encoder",
                                       "detector", "--out", folder_ / "f.vqf"});
  EXPECT_EQ(none.status, 2);
  EXPECT_NE(none.err.find("vision.detector names no file"), std::string::npos) << none.err;
  EXPECT_FALSE(fs::exists(folder_ / "f.vqf"));
}

TEST_F(DetectorProgram, NeverReplacesTheDetectorThatItReads) {
  const fs::path detector = folder_ / "own.onnx";
  fs::copy_file(detector_fixture("tiny_picodet.onnx"), detector);
  const std::string before = file_text(detector);
  std::vector<std::string> arguments = extraction(detector);
  std::replace(arguments.begin(), arguments.end(), (folder_ / "f.vqf").string(), detector.string());
  const ProgramRun run = run_vqalign(arguments);
  EXPECT_EQ(run.status, 2) << run.err;
  EXPECT_NE(run.err.find("would be replaced"), std::string::npos) << run.err;
  EXPECT_TRUE(file_text(detector) == before);
}

}  // namespace
}  // namespace vqalign::test
