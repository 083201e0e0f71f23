#include "vqalign/train/evaluation_report.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>

#include "vqalign/core/atomic_file.h"
#include "vqalign/core/error.h"
#include "vqalign/vision/picture.h"

namespace vqalign {
namespace {

namespace fs = std::filesystem;

/// What HTML and SVG let stand without an end.
bool is_void(const std::string& name) {
  return name == "meta" || name == "img" || name == "input" || name == "!DOCTYPE";
}

/// The elements of a page in their order; fails where one is not closed in its turn, or where a
/// sign stands that only a tag may hold.
std::vector<std::string> elements_of(const std::string& html) {
  std::vector<std::string> open, all;
  for (std::size_t at = html.find('<'); at != std::string::npos; at = html.find('<', at + 1)) {
    const std::size_t end = html.find('>', at);
    const std::string tag = html.substr(at + 1, end - at - 1);
    const bool closes = tag[0] == '/';
    const std::string name =
        tag.substr(closes ? 1 : 0, tag.find_first_of(" \n/", 1) - (closes ? 1 : 0));
    if (closes) {
      EXPECT_FALSE(open.empty()) << tag;
      if (open.empty()) return all;
      EXPECT_EQ(open.back(), name) << html.substr(at > 200 ? at - 200 : 0, 260);
      open.pop_back();
      continue;
    }
    all.push_back(name);
    if (name == "script" || name == "style") {
      at = html.find("</" + name + ">", at) + name.size();
      continue;
    }
    if (!is_void(name) && tag.back() != '/') open.push_back(name);
  }
  EXPECT_TRUE(open.empty());
  return all;
}

std::size_t times(const std::string& text, const std::string& what) {
  std::size_t count = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) {
    ++count;
  }
  return count;
}

class Report : public testing::Test {
 protected:
  void SetUp() override {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = fs::path(testing::TempDir()) / (std::string("report.") + test->name());
    fs::remove_all(folder_);
    fs::create_directories(folder_ / "pictures");
    dataset_.name = "val2014";
    add("What is it?", "other", "what is", "cat", "dog", 0.9);
    add("How many?", "number", "how many", "2", "2", 0.6);
    add("Is it?", "yes/no", "is it", "yes", "no", 0.95);
  }

  /// Ten people say `truth`, the last one something else; the model says `said`.
  void add(const std::string& question, const std::string& answer_type, const std::string& type,
           const std::string& truth, const std::string& said, double confidence) {
    const auto id = static_cast<int64_t>(answers_.size()) + 1;
    Annotation annotation{id, id, type, answer_type, truth, {}};
    for (int64_t i = 1; i <= 10; ++i)
      annotation.answers.push_back({i, i < 10 ? truth : "x", "yes"});
    dataset_.questions.push_back({id, id, question});
    dataset_.annotations.push_back(annotation);
    answers_.push_back(said);
    confidences_.push_back(confidence);
  }

  std::string write(const PriorScore* prior = nullptr) {
    const Score score = score_predictions(answers_, dataset_.annotations, Metric::kOfficial);
    SilentProgress progress;
    write_evaluation_report(folder_ / "r.html",
                            {.model = "m.safetensors",
                             .dataset = &dataset_,
                             .answers = &answers_,
                             .confidences = &confidences_,
                             .score = &score,
                             .prior = prior,
                             .passes = passes_ ? &*passes_ : nullptr,
                             .loss = 1.5,
                             .outside_answer_list = 0.25},
                            progress, {});
    return read_file(folder_ / "r.html", 1 << 26);
  }

  void add_pictures() {
    for (int64_t id = 1; id <= static_cast<int64_t>(answers_.size()); ++id) {
      std::vector<uint8_t> rgb(600 * 400 * 3);
      for (std::size_t i = 0; i < rgb.size(); ++i) rgb[i] = static_cast<uint8_t>(i / 600 + id);
      write_png(folder_ / ("pictures/" + std::to_string(id) + ".png"), {600, 400, rgb});
    }
    dataset_.images.add(folder_ / "pictures");
  }

  fs::path folder_;
  Dataset dataset_;
  std::vector<std::string> answers_;
  std::vector<double> confidences_;
  std::optional<MeasuredPasses> passes_;
};

TEST_F(Report, TellsTheFigures) {
  const std::string html = write();
  elements_of(html);
  EXPECT_NE(html.find("<b>33.33 %</b><span>official accuracy"), std::string::npos);
  EXPECT_NE(html.find("<b>2</b><span>answered wrongly"), std::string::npos);
  EXPECT_NE(html.find("<b>25.00 %</b>"), std::string::npos);
  EXPECT_EQ(times(html, "class=\"card\""), 2u);
  // The most confident mistake first.
  EXPECT_LT(html.find("<div class=\"question\"><bdi>Is it?"),
            html.find("<bdi>What is it?</bdi></div>"));
  EXPECT_NE(html.find("sure to 95.0&nbsp;%"), std::string::npos);
  EXPECT_NE(html.find("<bdi>yes</bdi>&nbsp;\u00d79, <bdi>x</bdi>&nbsp;\u00d71"), std::string::npos);
  EXPECT_EQ(times(html, "class=\"prior\""), 0u);
}

TEST_F(Report, DrawsRiskAgainstCoverageOfWhatWasMeasured) {
  // The most confident answer is wrong, then one more, then one is right: risks 1, 1, 2/3.
  const std::string plain = write();
  EXPECT_EQ(
      times(plain, "<polyline class=\"curve\" points=\"146.0,12.0 246.0,12.0 346.0,112.0\"/>"), 1u);
  EXPECT_EQ(times(plain, "passes with dropout"), 0u);
  EXPECT_NE(plain.find("(AURC) 0.8889."), std::string::npos);
  passes_ = MeasuredPasses{20, 66.67, {0.2, 0.9, 0.5}, {0, 1, 0}};
  const std::string html = write();
  elements_of(html);
  EXPECT_NE(html.find("Confidence over 20 passes with dropout"), std::string::npos);
  EXPECT_NE(html.find("PAvPU 66.67 %"), std::string::npos);
  EXPECT_EQ(times(html, "<title>Confidence against accuracy"), 2u);
  EXPECT_EQ(times(html, "<title>Risk against coverage"), 2u);
  EXPECT_EQ(times(html, "points=\"146.0,312.0 246.0,162.0 346.0,112.0\""), 1u);
}

TEST_F(Report, SetsThePriorBesideEveryType) {
  const PriorScore prior{
      "train2014", score_predictions({"cat", "9", "yes"}, dataset_.annotations, Metric::kOfficial)};
  const std::string html = write(&prior);
  elements_of(html);
  EXPECT_EQ(times(html, "class=\"prior\""), 6u);  // three answer types, three question types
  EXPECT_NE(html.find("<b>66.67 %</b><span>without the picture"), std::string::npos);
  EXPECT_NE(html.find("number: 100.00 % of 1, prior 0.00 %"), std::string::npos);
}

TEST_F(Report, ShowsTextOfTheDataAsText) {
  const std::string script = "<script>alert('a')</script>";
  add(script, "\"><img src=x onerror=alert(1)>", script, script, "</bdi></style>" + script, 0.99);
  add(std::string("a\0b\x1B[31m\xFF", 9), "other", "", "", "y", 0.98);
  const std::string html = write();
  const std::vector<std::string> elements = elements_of(html);
  EXPECT_EQ(std::count(elements.begin(), elements.end(), "script"), 1);
  EXPECT_EQ(std::count(elements.begin(), elements.end(), "img"), 0);
  EXPECT_EQ(times(html, "<script>alert"), 0u);
  EXPECT_NE(html.find("<bdi>&lt;script&gt;alert(&#39;a&#39;)&lt;/script&gt;</bdi>"),
            std::string::npos);
  EXPECT_NE(html.find("a b [31m\uFFFD"), std::string::npos) << "control characters";
  EXPECT_NE(html.find("(none)"), std::string::npos);
  EXPECT_EQ(html.find('\0'), std::string::npos);
}

TEST_F(Report, ReachesForNothingOutsideTheFile) {
  add_pictures();
  const std::string html = write();
  EXPECT_EQ(times(html, "<img "), 2u);
  EXPECT_EQ(times(html, "src=\"data:image/jpeg;base64,"), 2u);
  EXPECT_EQ(times(html, "src="), 2u);
  EXPECT_EQ(times(html, "url("), 0u);
  EXPECT_EQ(times(html, "href"), 0u);
  EXPECT_EQ(times(html, "http"),
            times(html, "xmlns=\"http://www.w3.org/2000/svg\"") + times(html, "http-equiv"));
  EXPECT_LT(html.size(), 200000u);  // thumbnails, not pictures
}

TEST_F(Report, IsTheSameEveryTime) {
  add_pictures();
  const std::string first = write();
  EXPECT_EQ(write(), first);
}

TEST_F(Report, LeavesOutPicturesThatCannotBeRead) {
  add_pictures();
  write_file_atomic(folder_ / "pictures/1.png", "no picture");
  EXPECT_EQ(times(write(), "<img "), 1u);
  dataset_.features = folder_;
  EXPECT_EQ(times(write(), "<img "), 0u);
}

TEST_F(Report, ShowsNoMoreThanTwoHundred) {
  for (int i = 0; i < 300; ++i) add("q" + std::to_string(i), "other", "what", "a", "b", 0.5);
  const std::string html = write();
  elements_of(html);
  EXPECT_EQ(times(html, "class=\"card\""), 200u);
  EXPECT_NE(html.find("<td class=\"number\">300</td><td class=\"truth\"><i>(nothing)</i>"),
            std::string::npos)
      << "the article is no answer";
  EXPECT_NE(html.find("The 200 most confident"), std::string::npos);
}

TEST_F(Report, CopesWithEverythingRightAndWithNothing) {
  answers_ = {"cat", "2", "yes"};
  EXPECT_NE(write().find("<p>None.</p>"), std::string::npos);
  answers_.clear();
  confidences_.clear();
  dataset_ = {};
  elements_of(write());
}

TEST_F(Report, StopsWhenAskedAndLeavesNothing) {
  const Score score = score_predictions(answers_, dataset_.annotations, Metric::kOfficial);
  SilentProgress progress;
  CancelToken cancel;
  cancel.request();
  EvaluationReport report;
  report.dataset = &dataset_;
  report.answers = &answers_;
  report.confidences = &confidences_;
  report.score = &score;
  EXPECT_THROW(write_evaluation_report(folder_ / "r.html", report, progress, cancel), Cancelled);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()), 1);
}

}  // namespace
}  // namespace vqalign
