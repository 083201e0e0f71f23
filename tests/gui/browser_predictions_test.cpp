#include "vqalign/gui/browser/predictions.h"

#include <QSignalSpy>
#include <algorithm>
#include <numeric>
#include <set>

#include "tests/gui/browser_test_support.h"

namespace vqalign::test {
namespace {

const CancelToken kNotCancelled;

class BrowserPredictions : public testing::Test {
 protected:
  BrowserPredictions() {
    QObject::connect(&predictions, &Predictions::answered,
                     [this](const std::vector<RecordAnswer>& answers) {
                       heard.insert(heard.end(), answers.begin(), answers.end());
                     });
    rows.resize(kBrowserRows);
    std::iota(rows.begin(), rows.end(), 0u);
  }

  BrowserData data;
  std::shared_ptr<const Dataset> dataset = load_records(data.source(), {}, kNotCancelled).dataset;
  std::shared_ptr<FakeAnswers> source = std::make_shared<FakeAnswers>();
  std::vector<uint32_t> rows;
  std::vector<RecordAnswer> heard;
  JobThread jobs;
  Predictions predictions{jobs};
  QSignalSpy ended{&predictions, &Predictions::ended};
};

TEST_F(BrowserPredictions, AnswersEveryRowPictureByPicture) {
  QSignalSpy progressed(&predictions, &Predictions::progressed);
  source->milliseconds = 4;
  predictions.start(source, dataset, rows);
  EXPECT_TRUE(predictions.running());
  ASSERT_TRUE(ended.wait(10000));
  EXPECT_FALSE(predictions.running());
  EXPECT_EQ(ended[0][0], kBrowserRows);
  EXPECT_EQ(ended[0][1], kBrowserRows);
  EXPECT_EQ(ended[0][2], 0);
  ASSERT_EQ(heard.size(), std::size_t{kBrowserRows});
  std::set<std::size_t> answered;
  for (const RecordAnswer& answer : heard) {
    answered.insert(answer.row);
    EXPECT_EQ(answer.answer, "red");
    EXPECT_EQ(answer.confidence, 0.75);
    EXPECT_EQ(answer.accuracy, answer.row % 3 == 0 ? 0 : 1);
  }
  EXPECT_EQ(answered.size(), std::size_t{kBrowserRows});
  // Three questions a picture, one after another.
  for (std::size_t i = 0; i < source->order.size(); ++i) {
    EXPECT_EQ(source->order[i], data.picture_name(static_cast<int>(i / 3)));
  }
  // 60 questions of 4 ms are several slices of 50 ms.
  EXPECT_GE(progressed.size(), 3);
  EXPECT_EQ(progressed.back()[0], kBrowserRows);
  EXPECT_GT(progressed.back()[2].toDouble(), 0);
}

TEST_F(BrowserPredictions, LetOtherQuestionsPass) {
  source->milliseconds = 10;
  predictions.start(source, dataset, rows);
  QTest::qWait(60);
  int asked_before = -1;
  jobs.submit("ask", [&](Job&) { asked_before = source->asked; });
  ASSERT_TRUE(QTest::qWaitFor([&] { return !jobs.busy("ask"); }));
  EXPECT_TRUE(predictions.running());
  EXPECT_LT(asked_before, kBrowserRows - 10);
  ASSERT_TRUE(ended.wait(10000));
  EXPECT_EQ(heard.size(), std::size_t{kBrowserRows});
}

TEST_F(BrowserPredictions, KeepsWhatWasDoneWhenCancelled) {
  source->milliseconds = 10;
  predictions.start(source, dataset, rows);
  ASSERT_TRUE(QTest::qWaitFor([&] { return !heard.empty(); }));
  predictions.cancel();
  ASSERT_EQ(ended.size(), 1);
  EXPECT_FALSE(predictions.running());
  EXPECT_EQ(ended[0][0].toULongLong(), heard.size());
  const std::size_t heard_then = heard.size();
  EXPECT_LT(heard_then, std::size_t{kBrowserRows});
  QTest::qWait(120);
  EXPECT_EQ(heard.size(), heard_then);
  EXPECT_LT(source->asked, kBrowserRows);
  predictions.cancel();
  EXPECT_EQ(ended.size(), 1);
}

TEST_F(BrowserPredictions, NotesWhatCannotBeAnswered) {
  source->fail_for(data.picture_name(4));
  std::filesystem::remove(data.folder / ("val2014/" + data.picture_name(5)));
  dataset = load_records(data.source(), {}, kNotCancelled).dataset;
  predictions.start(source, dataset, rows);
  ASSERT_TRUE(ended.wait(10000));
  EXPECT_EQ(ended[0][0], kBrowserRows);
  EXPECT_EQ(ended[0][2], 6);
  for (const RecordAnswer& answer : heard) {
    const auto image = answer.row % kBrowserImages;
    EXPECT_EQ(answer.problem.empty(), image != 4 && image != 5);
    if (image == 4) {
      EXPECT_NE(answer.problem.find("is no picture"), std::string::npos);
    }
    if (image == 5) {
      EXPECT_EQ(answer.problem, "no picture of image 5");
    }
  }
}

TEST_F(BrowserPredictions, EndsWhenTheSourceBreaks) {
  class Breaking : public FakeAnswers {
    AnswerEvidence ask(const std::filesystem::path&, const std::string&,
                       const AskOptions&) override {
      throw std::runtime_error("broken");
    }
  };
  QSignalSpy failed(&predictions, &Predictions::failed);
  predictions.start(std::make_shared<Breaking>(), dataset, rows);
  ASSERT_TRUE(failed.wait(10000));
  EXPECT_EQ(failed[0][0], "internal error: broken");
  EXPECT_EQ(ended.size(), 1);
  EXPECT_FALSE(predictions.running());
}

TEST_F(BrowserPredictions, OfNoRowEndAtOnce) {
  predictions.start(source, dataset, {});
  ASSERT_TRUE(ended.wait(10000));
  EXPECT_EQ(ended[0][1], 0);
  EXPECT_EQ(source->asked, 0);
}

TEST(BrowserPredictionsAlone, MayGoWhileRunning) {
  const BrowserData data;
  JobThread jobs;
  const auto source = std::make_shared<FakeAnswers>();
  source->milliseconds = 5;
  {
    Predictions predictions(jobs);
    predictions.start(source, load_records(data.source(), {}, kNotCancelled).dataset, {0, 1, 2});
    ASSERT_TRUE(QTest::qWaitFor([&] { return source->asked > 0; }));
  }
  QTest::qWait(50);
  EXPECT_FALSE(jobs.busy());
}

}  // namespace
}  // namespace vqalign::test
