#include "vqalign/train/robustness/steps.h"

#include <gtest/gtest.h>

#include <vector>

namespace vqalign {
namespace {

class Recorded : public SilentProgress {
 public:
  void begin(const std::string& stage, int64_t total, const std::string&, int64_t) override {
    stages.push_back(stage);
    steps = total;
  }
  void update(int64_t done, const std::string& note) override {
    seen.push_back(done);
    last_note = note;
  }
  void end() override { ++ends; }

  std::vector<std::string> stages;
  std::vector<int64_t> seen;
  std::string last_note;
  int64_t steps = 0;
  int ends = 0;
};

TEST(WeightedSteps, WorksFillTheirParts) {
  Recorded whole;
  WeightedSteps steps(whole);
  steps.begin("robustness", 40);
  steps.next(10, "blur:1");
  Progress& work = steps;
  work.begin("answering", 4, "questions", 0);
  work.update(2, "");
  EXPECT_EQ(whole.seen.back(), 5);
  EXPECT_EQ(whole.last_note, "blur:1");
  work.update(4, "");
  work.end();
  steps.next(30, "blur:2");
  EXPECT_EQ(whole.seen.back(), 10);
  work.begin("repeated passes", 0, "questions", 0);  // a work of nothing
  work.end();
  work.begin("repeated passes", 60, "questions", 20);
  EXPECT_EQ(whole.seen.back(), 20);
  work.end();
  EXPECT_EQ(whole.ends, 0);
  work.end();
  EXPECT_EQ(whole.ends, 1);
  EXPECT_EQ(whole.stages, std::vector<std::string>{"robustness"});
  EXPECT_EQ(whole.steps, 40);
}

}  // namespace
}  // namespace vqalign
