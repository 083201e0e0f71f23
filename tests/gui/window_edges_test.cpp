// Odd sizes and bad input: a message that says what to do, and a window that goes on.
#include <QApplication>
#include <QLineEdit>
#include <fstream>

#include "vqalign/gui/models/edit_state.h"
#include "vqalign/inspect/shipped_files.h"
#include "window_fixture.h"

namespace vqalign::test {
namespace {

namespace fs = std::filesystem;

class EdgesTest : public WindowTest {
 protected:
  /// The window answers still.
  void expect_usable() {
    ask(QString::fromUtf8(kQuestion));
    ASSERT_NE(window_.inspector().inspection(), nullptr);
    EXPECT_EQ(best_answer(), "square");
  }
  static void write(const fs::path& file, const std::string& text) {
    std::ofstream(file, std::ios::binary) << text;
  }
  void expect_problem(const QString& part) {
    ASSERT_FALSE(problems_.isEmpty());
    EXPECT_TRUE(problems_.back().contains(part)) << problems_.back().toStdString();
    EXPECT_TRUE(view<NoticeBar>().isVisible());
  }
};

class FakeSizes : public WindowTest, public testing::WithParamInterface<FakeShape> {};

/// Every view is drawn, hovered and walked at that size.
TEST_P(FakeSizes, AllViewsStand) {
  load_fake(GetParam());
  window_.open_picture(example_text(), "all");
  ASSERT_TRUE(settle());
  for (const char* name : {"heads", "matrix", "head", "numbers", "model", "log"}) {
    window_.show_panel(QString::fromUtf8(name));
    QTest::qWait(10);
    EXPECT_FALSE(picture_of(window_).isNull());
  }
  const HeadSite last{AttentionFamily::kGuided, GetParam().layers - 1, GetParam().heads - 1};
  select_head(window_.inspector(), last);
  window_.show_panel("matrix");
  QTest::qWait(10);
  MatrixPanel& matrix = view<MatrixPanel>();
  const QRectF cell = matrix.cell_box(GetParam().regions - 1, GetParam().words - 1);
  ASSERT_FALSE(cell.isEmpty());
  EXPECT_TRUE(QRectF(matrix.rect()).contains(cell.center()));
  hover(matrix, cell.center());
  for (std::size_t i = 0; i < inspection().evidence.words.size(); ++i) {
    hover(view<WordsView>(), view<WordsView>().word_box(i).center());
  }
  toggle_solo(window_.inspector(), last);
  ASSERT_TRUE(settle());
  EXPECT_EQ(inspection().edits.silenced.size(),
            std::size_t(GetParam().layers * GetParam().heads - 1));
  EXPECT_FALSE(picture_of(window_).isNull());
  EXPECT_TRUE(problems_.isEmpty()) << problems_.join("\n").toStdString();
}

INSTANTIATE_TEST_SUITE_P(
    Sizes, FakeSizes,
    testing::Values(FakeShape{.layers = 1, .heads = 1, .words = 1, .regions = 1},
                    FakeShape{.layers = 1, .heads = 1, .words = 1, .regions = 100},
                    FakeShape{.layers = 16, .heads = 1, .words = 14, .regions = 100},
                    FakeShape{.layers = 6, .heads = 8, .words = 14, .regions = 100},
                    FakeShape{.layers = 2, .heads = 16, .words = 30, .regions = 2}));

TEST_F(EdgesTest, NotAPicture) {
  ask_shipped();
  write(test_file("text.png"), "this is no picture");
  window_.open_picture(test_file_text("text.png"));
  ASSERT_TRUE(settle());
  expect_problem("text.png");
  EXPECT_EQ(window_.inspector().state().picture, example());
  expect_usable();
}

TEST_F(EdgesTest, ABrokenPicture) {
  ask_shipped();
  std::ifstream whole(example(), std::ios::binary);
  std::string bytes((std::istreambuf_iterator<char>(whole)), {});
  write(test_file("half.png"), bytes.substr(0, bytes.size() / 2));
  window_.open_picture(test_file_text("half.png"));
  ASSERT_TRUE(settle());
  expect_problem("half.png");
  expect_usable();
}

TEST_F(EdgesTest, AFolderAndAMissingFile) {
  load_shipped();
  fs::create_directories(test_file("folder.png"));
  for (const char* name : {"folder.png", "missing.png"}) {
    window_.open_picture(test_file_text(name), "Is there a circle?");
    ASSERT_TRUE(settle());
    expect_problem(QString::fromUtf8(name));
    EXPECT_TRUE(window_.inspector().state().picture.empty());
  }
  window_.open_picture(example_text(), QString::fromUtf8(kQuestion));
  ASSERT_TRUE(settle());
  expect_usable();
}

TEST_F(EdgesTest, AVeryWideAndATinyPicture) {
  load_shipped();
  QImage wide(20'000, 40, QImage::Format_RGB32);
  wide.fill(QColor(120, 120, 120));
  ASSERT_TRUE(wide.save(test_file_text("wide.png")));
  QImage tiny(1, 1, QImage::Format_RGB32);
  tiny.fill(Qt::red);
  ASSERT_TRUE(tiny.save(test_file_text("tiny.png")));
  for (const char* name : {"wide.png", "tiny.png"}) {
    window_.open_picture(test_file_text(name), "Is there a circle?");
    ASSERT_TRUE(settle());
    ASSERT_NE(window_.inspector().inspection(), nullptr) << name;
    EXPECT_EQ(inspection().evidence.picture, test_file(name).string());
    EXPECT_FALSE(picture_of(window_).isNull());
  }
}

TEST_F(EdgesTest, QuestionsOfAllKinds) {
  ask_shipped();
  QLineEdit& field = view<QuestionBar>().field();
  field.clear();
  QTest::keyClick(&field, Qt::Key_Return);
  expect_problem("empty");
  ask("???");
  expect_problem("word");
  QString long_one;
  for (int i = 0; i < 500; ++i) long_one += "word ";
  for (const QString& question :
       {long_one, QString::fromUtf8("赤いものは何ですか"), QString::fromUtf8("ما الشكل الأحمر؟"),
        QString::fromUtf8("what \xF0\x9F\x98\x80 is it")}) {
    field.setText(question);
    QTest::keyClick(&field, Qt::Key_Return);
    ASSERT_TRUE(settle());
    EXPECT_EQ(inspection().evidence.question, question.simplified().toStdString());
    EXPECT_FALSE(picture_of(window_).isNull());
  }
  expect_usable();
}

TEST_F(EdgesTest, ALongWordWidensNothing) {
  ask_shipped();
  const QSize before = window_.size();
  view<QuestionBar>().field().setText(QString(3000, u'w'));
  QTest::keyClick(&view<QuestionBar>().field(), Qt::Key_Return);
  ASSERT_TRUE(settle());
  QTest::qWait(50);
  EXPECT_TRUE(view<NoticeBar>().isVisible());
  EXPECT_EQ(window_.size(), before);
}

TEST_F(EdgesTest, AQuestionThatCannotBeAnsweredStaysInItsField) {
  load_fake({.fails_for = "bad question"});
  window_.open_picture(example_text(), "good");
  ASSERT_TRUE(settle());
  ask("bad question");
  EXPECT_EQ(view<QuestionBar>().question(), "bad question");
  EXPECT_EQ(inspection().evidence.question, "good");
  // What is being typed is not touched by steps elsewhere.
  view<QuestionBar>().field().setText("half a ques");
  toggle_silenced(window_.inspector(), {AttentionFamily::kGuided, 0, 0});
  ASSERT_TRUE(settle());
  EXPECT_EQ(view<QuestionBar>().field().text(), "half a ques");
}

TEST_F(EdgesTest, NotAModel) {
  ask_shipped();
  write(test_file("no.safetensors"), std::string(200, 'x'));
  window_.open_model(test_file_text("no.safetensors"));
  ASSERT_TRUE(settle());
  expect_problem("no.safetensors");
  expect_usable();
}

TEST_F(EdgesTest, WithoutAnyModelItSaysSo) {
  window_.open_model(test_file_text("missing.safetensors"));
  ASSERT_TRUE(settle());
  expect_problem("missing.safetensors");
  window_.open_picture(example_text(), QString::fromUtf8(kQuestion));
  ASSERT_TRUE(settle());
  EXPECT_FALSE(window_.inspector().picture().isNull());
  load_shipped();
  EXPECT_EQ(best_answer(), "square");
}

TEST_F(EdgesTest, AModelWhoseFileVanishesGoesOn) {
  const fs::path copy = test_file("copy.safetensors");
  fs::copy_file(shipped_model(), copy, fs::copy_options::overwrite_existing);
  window_.open_model(QString::fromStdString(copy.string()));
  ASSERT_TRUE(settle());
  fs::remove(copy);
  window_.open_picture(example_text(), QString::fromUtf8(kQuestion));
  ASSERT_TRUE(settle());
  expect_usable();
}

TEST_F(EdgesTest, APictureThatVanishes) {
  load_shipped();
  const fs::path copy = test_file("copy.png");
  fs::copy_file(example(), copy, fs::copy_options::overwrite_existing);
  window_.open_picture(QString::fromStdString(copy.string()), QString::fromUtf8(kQuestion));
  ASSERT_TRUE(settle());
  fs::remove(copy);
  action("Reload picture").trigger();
  ASSERT_TRUE(settle());
  expect_problem("copy.png");
  EXPECT_EQ(best_answer(), "square");
}

TEST_F(EdgesTest, NotASession) {
  ask_shipped();
  write(test_file("a.json"), "{\"format\": 99}");
  write(test_file("b.json"), "{ this is not JSON");
  write(test_file("c.json"),
        "{\"format\": 1, \"model\": \"\", \"picture\": \"\", \"question\": \"\"}");
  for (const char* name : {"a.json", "b.json", "c.json", "d.json"}) {
    problems_.clear();
    window_.open_session(test_file_text(name));
    ASSERT_TRUE(settle());
    expect_problem(QString::fromUtf8(name));
  }
  expect_usable();
}

TEST_F(EdgesTest, TheLastWordAndRegionStay) {
  load_fake({.layers = 1, .heads = 1, .words = 1, .regions = 1});
  window_.open_picture(example_text(), "one");
  ASSERT_TRUE(settle());
  toggle_dropped_token(window_.inspector(), {true, 0});
  toggle_dropped_token(window_.inspector(), {false, 0});
  ASSERT_TRUE(settle());
  EXPECT_TRUE(window_.inspector().state().edits.empty());
}

TEST_F(EdgesTest, TwoWindowsOnTheSameSettings) {
  const WindowOptions options{.keeps_settings = true, .theme = Theme::kLight};
  for (int round = 0; round < 2; ++round) {
    MainWindow first(options), second(options);
    first.show();
    second.show();
    first.close();
    second.close();
  }
}

}  // namespace
}  // namespace vqalign::test
