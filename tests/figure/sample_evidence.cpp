#include "sample_evidence.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "tests/inspect/sample_inspection.h"
#include "vqalign/figure/offscreen.h"

namespace vqalign::test {
namespace {

/// One application for all tests, for its fonts.
class Gui : public testing::Environment {
 public:
  void SetUp() override { gui_ = std::make_unique<OffscreenGui>(); }
  void TearDown() override { gui_.reset(); }

 private:
  std::unique_ptr<OffscreenGui> gui_;
};

const auto* const kGui = testing::AddGlobalTestEnvironment(new Gui);

}  // namespace

AnswerEvidence sample_evidence() {
  AnswerEvidence evidence;
  evidence.question = "What colour is zorp?";
  evidence.picture = "scene.png";
  evidence.model = "scenes.safetensors";
  evidence.picture_width = 40;
  evidence.picture_height = 20;
  evidence.answers = {{"dark red", 0.75, 0.1, 0},
                      {"blue", 0.125, 0.2, 0},
                      {"green", 0.0625, 0.3, 0},
                      {"no", 0.03, 0.05, 0},
                      {"yes", 0.00001, 0, 0}};
  evidence.words = {{"what", true, false, 0.125},
                    {"colour", true, false, 0.5},
                    {"is", true, false, 0.125},
                    {"zorp", false, false, 0.25}};
  const double weights[8] = {0.05, 0.1, 0.4, 0.1, 0.05, 0.1, 0.15, 0.05};
  for (int i = 0; i < 8; ++i) {
    const double x = 10.0 * (i % 4), y = 10.0 * (i / 4);
    evidence.regions.push_back({x, y, x + 10, y + 10, weights[i]});
  }
  return evidence;
}

PassWeights spread_evenly(const AnswerEvidence& evidence, double spread) {
  PassWeights made;
  for (const QuestionWord& word : evidence.words) made.mean.words.push_back(word.weight);
  for (const PictureRegion& region : evidence.regions) made.mean.regions.push_back(region.weight);
  made.spread.words.assign(evidence.words.size(), spread);
  made.spread.regions.assign(evidence.regions.size(), spread);
  return made;
}

FigureSubject subject_of(const AnswerEvidence& evidence, const QImage& picture) {
  FigureSubject subject;
  subject.inspection.evidence = evidence;
  subject.picture = picture;
  return subject;
}

FigureSubject sample_subject(int64_t layers, int64_t heads, int64_t words, int64_t regions) {
  FigureSubject subject;
  subject.inspection = sample_inspection(layers, heads, words, regions);
  AnswerEvidence& evidence = subject.inspection.evidence;
  evidence.question = "word word word?";
  evidence.picture = "folder/scene.png";
  evidence.model = "scenes.safetensors";
  evidence.answers = sample_evidence().answers;
  evidence.picture_width = 8 * regions;
  evidence.picture_height = 8;
  subject.picture = plain_picture(int(8 * regions), 8);
  subject.model_hash = "0123abcd";
  return subject;
}

QImage plain_picture(int width, int height, Qt::GlobalColor colour) {
  QImage picture(width, height, QImage::Format_RGB888);
  picture.fill(colour);
  return picture;
}

std::filesystem::path test_file(const std::string& name) {
  const auto* test = testing::UnitTest::GetInstance()->current_test_info();
  const auto folder = std::filesystem::path(testing::TempDir()) / "vqalign_figure" /
                      (std::string(test->test_suite_name()) + "." + test->name());
  std::filesystem::create_directories(folder);
  return folder / name;
}

std::string bytes_of(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

}  // namespace vqalign::test
