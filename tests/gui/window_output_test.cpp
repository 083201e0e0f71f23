// What leaves the window: figures, numbers, commands, sessions.
#include <QApplication>
#include <QClipboard>
#include <QImageReader>
#include <QMimeData>
#include <fstream>
#include <sstream>

#include "vqalign/core/json.h"
#include "vqalign/gui/models/edit_state.h"
#include "vqalign/inspect/shipped_files.h"
#include "window_fixture.h"

namespace vqalign::test {
namespace {

class OutputTest : public WindowTest {
 protected:
  static std::string text_of(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    std::ostringstream text;
    text << stream.rdbuf();
    return text.str();
  }
  std::string save(const std::string& name, const std::string& view = "summary") {
    window_.save_figure(test_file_text(name), view);
    EXPECT_TRUE(settle());
    return text_of(test_file(name));
  }
};

TEST_F(OutputTest, SavesAPng) {
  ask_shipped();
  save("f.png");
  const QImage image(test_file_text("f.png"));
  EXPECT_EQ(image.width(), 1200);
  EXPECT_EQ(image.text("Title"), kQuestion);
}

TEST_F(OutputTest, SavesAVectorFileOfEveryView) {
  ask_shipped();
  for (const char* name : {"summary", "overlay", "answers", "heads", "matrix", "paper"}) {
    const std::string svg = save(std::string(name) + ".svg", name);
    EXPECT_NE(svg.find("<svg"), std::string::npos) << name;
    EXPECT_NE(svg.find("What is the shape of the red object?"), std::string::npos) << name;
  }
  EXPECT_TRUE(problems_.isEmpty()) << problems_.join("\n").toStdString();
}

TEST_F(OutputTest, SavesTheSameNumbersAsCsvAndJson) {
  ask_shipped();
  const std::string csv = save("f.csv");
  EXPECT_NE(csv.find("answer,1,\"square\""), std::string::npos) << csv.substr(0, 200);
  save("f.json");
  const Json json = read_json(test_file("f.json"));
  EXPECT_NEAR(json.at("answers").as_array()[0].at("probability").as_double(), best_probability(),
              1e-6);
  EXPECT_EQ(json.at("model_sha256").as_string().size(), 64u);
}

TEST_F(OutputTest, CopiesPictureAndNumbers) {
  ask_shipped();
  action("Copy figure").trigger();
  const QMimeData* data = QApplication::clipboard()->mimeData();
  EXPECT_TRUE(data->hasImage());
  EXPECT_TRUE(data->text().contains("square"));
  action("Copy numbers").trigger();
  EXPECT_TRUE(QApplication::clipboard()->text().startsWith("part,rank,text"));
  window_.show_panel("numbers");
  CopyTable& table = *panel("numbers").findChild<CopyTable*>();
  table.setFocus();
  table.selectRow(0);
  QTest::keyClick(&table, Qt::Key_C, Qt::ControlModifier);
  EXPECT_TRUE(QApplication::clipboard()->text().startsWith("kind\twhat\tvalue\nanswer\tsquare\t"))
      << QApplication::clipboard()->text().toStdString();
}

TEST_F(OutputTest, CopiesTheCommandThatDrawsWhatIsSeen) {
  ask_shipped();
  select_head(window_.inspector(), {AttentionFamily::kGuided, 1, 2});
  toggle_silenced(window_.inspector(), {AttentionFamily::kImageSelf, 0, 3});
  ASSERT_TRUE(settle());
  action("Copy as command").trigger();
  const std::string command = QApplication::clipboard()->text().toStdString();
  EXPECT_EQ(command, "vqalign figure " + example().string() + " '" + kQuestion + "' --model " +
                         shipped_model().string() +
                         " --top 10 --out figure.svg --set figure.weights=attention --set "
                         "figure.layer=1 --set figure.head=2 --set "
                         "figure.silence=image_self:0:3");
}

TEST_F(OutputTest, ASessionOpensTheExactView) {
  ask_shipped();
  toggle_dropped_token(window_.inspector(), {false, 5});
  ASSERT_TRUE(settle());
  select_head(window_.inspector(), {AttentionFamily::kImageSelf, 2, 0});
  const ViewState before = window_.inspector().state();
  const double probability = best_probability();
  window_.save_session(test_file_text("s.json"));
  ASSERT_TRUE(settle());

  MainWindow other({.keeps_settings = false, .theme = Theme::kLight});
  other.open_session(test_file_text("s.json"));
  ASSERT_TRUE(QTest::qWaitFor(
      [&] { return other.settled() && other.inspector().inspection() != nullptr; }, 30'000));
  EXPECT_EQ(other.inspector().state(), before);
  EXPECT_NEAR(other.inspector().inspection()->evidence.answers.front().probability, probability,
              1e-9);
}

TEST_F(OutputTest, AFullDiskIsToldAndNothingIsLost) {
  ask_shipped();
  window_.save_figure("/dev/full/figure.svg", "summary");
  ASSERT_TRUE(settle());
  ASSERT_EQ(problems_.size(), 1);
  EXPECT_TRUE(problems_[0].contains("/dev/full/figure.svg")) << problems_[0].toStdString();
  EXPECT_EQ(best_answer(), "square");
  window_.save_session("/nowhere/at/all.json");
  ASSERT_TRUE(settle());
  EXPECT_EQ(problems_.size(), 2);
}

TEST_F(OutputTest, WithoutAnAnswerThereIsNothingToDraw) {
  window_.save_figure(test_file_text("f.svg"), "summary");
  EXPECT_EQ(problems_.size(), 1);
  EXPECT_FALSE(std::filesystem::exists(test_file("f.svg")));
}

}  // namespace
}  // namespace vqalign::test
