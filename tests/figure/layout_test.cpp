#include "vqalign/figure/layout.h"

#include <gtest/gtest.h>

#include <QFontMetricsF>

#include "sample_evidence.h"

namespace vqalign::test {
namespace {

struct Case {
  const char* name;
  AnswerEvidence evidence;
  QSize picture;
};

AnswerEvidence with_answers(std::size_t count) {
  AnswerEvidence evidence = sample_evidence();
  evidence.answers.assign(count, {"an answer", 0.5, 0.1, 0});
  return evidence;
}

AnswerEvidence with_words(std::size_t read, std::size_t cut) {
  AnswerEvidence evidence = sample_evidence();
  evidence.question.clear();
  evidence.words.clear();
  for (std::size_t i = 0; i < read + cut; ++i) {
    evidence.words.push_back({"remarkable", true, i >= read, i < read ? 1.0 / double(read) : 0});
    evidence.question += "remarkable ";
  }
  return evidence;
}

AnswerEvidence with_everything() {
  AnswerEvidence evidence = sample_evidence();
  evidence.passes = 30;
  evidence.certainty = Certainty{false, 0.3, evidence.answers[0].text, evidence.answers[1].text};
  evidence.over_passes = spread_evenly(evidence, 0.1);
  evidence.warnings = {"The model does not know the word \"zorp\".",
                       "The picture is of another kind than those the model was trained on; its "
                       "answers may mean little, and this sentence goes on for quite a while yet."};
  return evidence;
}

std::vector<Case> cases() {
  AnswerEvidence one_word = with_words(1, 0);
  one_word.question = one_word.words[0].text = std::string(3000, 'w');
  AnswerEvidence one_region = sample_evidence();
  one_region.regions = {{0, 0, 40, 20, 1.0}};
  return {{"ordinary", sample_evidence(), {640, 480}},
          {"everything", with_everything(), {640, 480}},
          {"one region", one_region, {640, 480}},
          {"tall", sample_evidence(), {100, 2000}},
          {"wide", sample_evidence(), {2000, 100}},
          {"a line of pixels", sample_evidence(), {1, 10000}},
          {"a row of pixels", sample_evidence(), {10000, 1}},
          {"one pixel", sample_evidence(), {1, 1}},
          {"no picture", sample_evidence(), {0, 0}},
          {"one answer", with_answers(1), {640, 480}},
          {"a hundred answers", with_answers(100), {640, 480}},
          {"eleven answers", with_answers(11), {2000, 500}},
          {"no answer", with_answers(0), {640, 480}},
          {"long question", with_words(40, 0), {640, 480}},
          {"question cut", with_words(14, 500), {640, 480}},
          {"one long word", one_word, {640, 480}},
          {"empty", {}, {640, 480}}};
}

/// What must lie inside the card, each apart from the others.
std::vector<QRectF> parts(const FigureLayout& layout) {
  std::vector<QRectF> boxes;
  const auto text_box = [&](const PlacedText& text, double width) {
    if (!text.text.lines.isEmpty()) {
      boxes.emplace_back(text.at, QSizeF(width, text.text.height()));
    }
  };
  double widest = 1;
  for (const QString& line : layout.question.text.lines) {
    widest = std::max(widest, QFontMetricsF(layout.question.text.font).horizontalAdvance(line));
  }
  text_box(layout.question, widest);
  for (const WordChip& chip : layout.words.chips) boxes.push_back(chip.box.adjusted(0, 0, 0, 16));
  text_box(layout.word_legend, 100);
  boxes.push_back(layout.picture);
  boxes.push_back(layout.legend);
  boxes.push_back(layout.answers.heading);
  for (const AnswerRow& row : layout.answers.rows) boxes.push_back(row.box);
  if (!layout.answers.prior_legend.isEmpty()) boxes.push_back(layout.answers.prior_legend);
  text_box(layout.answers.certainty, 100);
  for (const PlacedText& warning : layout.warnings) text_box(warning, 100);
  boxes.push_back(layout.footer);
  return boxes;
}

TEST(Layout, EverythingInsideTheCardAndNothingOverAnother) {
  for (const Case& one : cases()) {
    const FigureLayout layout = lay_out(one.evidence, one.picture, {});
    const std::vector<QRectF> boxes = parts(layout);
    EXPECT_LT(layout.card.bottom(), layout.height) << one.name;
    for (std::size_t i = 0; i < boxes.size(); ++i) {
      EXPECT_TRUE(layout.card.adjusted(20, 10, -20, -4).contains(boxes[i]))
          << one.name << ": part " << i << " from " << boxes[i].left() << ", " << boxes[i].top()
          << " to " << boxes[i].right() << ", " << boxes[i].bottom();
      for (std::size_t j = 0; j < i; ++j) {
        EXPECT_FALSE(boxes[i].adjusted(0.1, 0.1, -0.1, -0.1).intersects(boxes[j]))
            << one.name << ": parts " << j << " and " << i;
      }
    }
  }
}

TEST(Layout, KeepsThePicturesAspect) {
  for (const QSize size : {QSize(640, 480), QSize(300, 900), QSize(1600, 400), QSize(128, 128)}) {
    const QRectF picture = lay_out(sample_evidence(), size, {}).picture;
    EXPECT_NEAR(picture.width() / picture.height(), double(size.width()) / size.height(), 1e-6);
  }
}

TEST(Layout, WidePicturesAndManyAnswersStandBelowEachOther) {
  const auto beside = [](std::size_t answers, QSize picture) {
    const FigureLayout layout = lay_out(with_answers(answers), picture, {});
    return layout.answers.heading.top() < layout.picture.bottom();
  };
  EXPECT_TRUE(beside(5, {640, 480}));
  EXPECT_TRUE(beside(10, {640, 480}));
  EXPECT_FALSE(beside(11, {640, 480}));
  EXPECT_FALSE(beside(5, {1600, 500}));
}

TEST(Layout, ShowsEveryAnswerAndTellsOfWordsThatWereCut) {
  EXPECT_EQ(lay_out(with_answers(100), {640, 480}, {}).answers.rows.size(), 100u);
  const FigureLayout layout = lay_out(with_words(14, 500), {640, 480}, {});
  ASSERT_EQ(layout.words.chips.size(), 14u + 8 + 1);
  EXPECT_FALSE(layout.words.chips[13].cut);
  EXPECT_TRUE(layout.words.chips[14].cut);
  EXPECT_EQ(layout.words.chips.back().text.toStdString(), "+ 492 more");
}

TEST(Wrapped, BreaksAtSpacesAndElidesTheRest) {
  const QFont font = figure_font(20);
  const double width = QFontMetricsF(font).horizontalAdvance(QString("seven seven s"));
  const TextBlock block = wrapped("seven seven seven seven seven", font, width, 9);
  EXPECT_EQ(block.lines, (QStringList{"seven seven", "seven seven", "seven"}));
  const TextBlock cut = wrapped("seven seven seven seven seven", font, width, 2);
  ASSERT_EQ(cut.lines.size(), 2);
  EXPECT_TRUE(cut.lines[1].endsWith(QChar(0x2026)));
  EXPECT_GT(wrapped(QString(400, 'w'), font, width, 99).lines.size(), 10);
  EXPECT_TRUE(wrapped("", font, width, 2).lines.join("").isEmpty());
}

TEST(DisplayText, IsOneLineOfDrawableCharacters) {
  EXPECT_EQ(display_text("a\tb\n c\x01\x7f").toStdString(), "a b c");
  EXPECT_EQ(display_text("caf\xC3\xA9 \xF0\x9F\x98\x80").toStdString(),
            "caf\xC3\xA9 \xF0\x9F\x98\x80");
  EXPECT_EQ(display_text("\xEF\xBF\xBF").toStdString(), "");  // U+FFFF, which XML has not
}

TEST(PercentText, HasAsManyDecimalsAsTellNumbersApart) {
  const auto text = [](double share, int least) {
    return percent_text(share, percent_decimals(share, least)).toStdString();
  };
  EXPECT_EQ(text(0.405, 1), "40.5\u00a0%");
  EXPECT_EQ(text(0.405, 0), "41\u00a0%");
  EXPECT_EQ(text(0.0405, 0), "4.0\u00a0%");
  EXPECT_EQ(text(0.000123, 1), "0.012\u00a0%");
  EXPECT_EQ(text(1, 0), "100\u00a0%");
  EXPECT_EQ(text(0, 0), "0\u00a0%");
  EXPECT_EQ(text(1e-12, 0), "0.000000\u00a0%");
}

TEST(PercentText, NeverRoundsSomethingToNothing) {
  EXPECT_EQ(percent_text(0.9312).toStdString(), "93.1\u00a0%");
  EXPECT_EQ(percent_text(0).toStdString(), "0.0\u00a0%");
  EXPECT_EQ(percent_text(0.00001).toStdString(), "< 0.1\u00a0%");
  EXPECT_EQ(percent_text(1, 0).toStdString(), "100\u00a0%");
}

}  // namespace
}  // namespace vqalign::test
