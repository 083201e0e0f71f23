// Every view as a file: what it says, and that SVG and PNG agree.
#include <gtest/gtest.h>

#include <QPainter>
#include <QSvgRenderer>
#include <QXmlStreamReader>
#include <array>

#include "sample_evidence.h"
#include "vqalign/core/error.h"
#include "vqalign/figure/write_figure.h"

namespace vqalign::test {
namespace {

namespace fs = std::filesystem;

constexpr const char* kViews[] = {"summary", "overlay", "answers", "heads", "matrix", "paper"};

QStringList svg_texts(const fs::path& file) {
  QStringList texts;
  QXmlStreamReader xml(QByteArray::fromStdString(bytes_of(file)));
  while (!xml.atEnd()) {
    xml.readNext();
    if (xml.isStartElement() && xml.name() == QString("text")) texts << xml.readElementText();
  }
  EXPECT_FALSE(xml.hasError()) << xml.errorString().toStdString();
  return texts;
}

QImage rendered(const fs::path& svg, QSize size) {
  QSvgRenderer renderer(QString::fromStdString(svg.string()));
  EXPECT_TRUE(renderer.isValid());
  QImage image(size, QImage::Format_RGB32);
  image.fill(Qt::white);
  QPainter painter(&image);
  renderer.render(&painter);
  return image;
}

/// The share of pixels that differ clearly.
double difference(const QImage& a, const QImage& b) {
  int64_t different = 0;
  for (int y = 0; y < a.height(); ++y) {
    for (int x = 0; x < a.width(); ++x) {
      const QColor one = a.pixelColor(x, y), other = b.pixelColor(x, y);
      if (std::abs(one.green() - other.green()) > 24 || std::abs(one.red() - other.red()) > 24) {
        ++different;
      }
    }
  }
  return double(different) / double(a.width()) / a.height();
}

TEST(Views, SvgDrawsAsThePngDoesInBothThemes) {
  const FigureSubject subject = sample_subject();
  for (const char* view : kViews) {
    for (const char* theme : {"light", "dark"}) {
      const FigureOptions options{.view = view, .width = 1000, .theme = theme};
      const fs::path svg = test_file("f.svg"), png = test_file("f.png");
      write_figure(svg, subject, options);
      write_figure(png, subject, options);
      const QImage wanted(QString::fromStdString(png.string()));
      ASSERT_EQ(wanted.width(), 1000) << view;
      EXPECT_LT(difference(rendered(svg, wanted.size()), wanted), 0.025) << view << ", " << theme;
    }
  }
}

TEST(Views, SayInTextWhatTheyShow) {
  FigureSubject subject = sample_subject();
  // Regions are numbered by their places.
  std::vector<std::string> numbers;
  for (const std::size_t region : top_regions(subject.inspection.evidence, 3)) {
    numbers.push_back(std::to_string(region));
  }
  const std::vector<const char*> regions = {numbers[0].c_str(), numbers[1].c_str(),
                                            numbers[2].c_str()};
  const std::pair<const char*, std::vector<const char*>> says[] = {
      {"summary",
       {"dark red", "75.0\u00a0%", "word word word?", "Words: share of question pooling"}},
      {"overlay", regions},
      {"answers", {"dark red", "12.5\u00a0%", "green"}},
      {"heads", {"Question self-attention", "Image self-attention", "Guided attention", "layer 1"}},
      {"matrix", {"Guided attention, layer 1, mean over 3 heads", "word", "0", "7"}},
      {"paper", {"(a)", "(b)", "(c)", "(d)", "dark red", "Guided attention"}}};
  for (const auto& [view, texts] : says) {
    const fs::path file = test_file("f.svg");
    write_figure(file, subject, {.view = view});
    const QStringList found = svg_texts(file);
    for (const char* text : texts) {
      EXPECT_TRUE(found.contains(QString::fromUtf8(text))) << view << ": " << text;
    }
    const bool caveat = found.join(u' ').contains("not by themselves why it answered so.");
    EXPECT_EQ(caveat, view == std::string("summary") || view == std::string("paper")) << view;
  }
}

TEST(Views, ShowAttentionOfTheWordThatWasNamed) {
  const FigureSubject subject = sample_subject();
  const fs::path file = test_file("f.svg");
  write_figure(file, subject, {.weights = "attention", .layer = 0, .head = "2", .word = "#0"});
  const QString all = svg_texts(file).join(u' ');
  EXPECT_TRUE(all.contains("of what \"word\" receives"));
  EXPECT_TRUE(all.contains("guided attention, layer 0, head 2"));
}

TEST(Views, DrawTheSmallestAndTheLargestModels) {
  for (const auto& [layers, heads, words, regions] :
       {std::array<int64_t, 4>{1, 1, 1, 1}, {16, 16, 2, 3}, {2, 2, 30, 100}}) {
    const FigureSubject subject = sample_subject(layers, heads, words, regions);
    for (const char* view : kViews) {
      const fs::path file = test_file("f.png");
      write_figure(file, subject, {.view = view, .width = 500});
      EXPECT_EQ(QImage(QString::fromStdString(file.string())).width(), 500) << view;
    }
  }
}

TEST(Views, HaveTheirGroundUpToTheEdge) {
  const FigureSubject subject = sample_subject();
  for (const char* view : kViews) {
    for (const int64_t width : {777, 1001}) {
      const FigureOptions options{.view = view, .width = width, .theme = "dark"};
      write_figure(test_file("f.png"), subject, options);
      const QImage image(QString::fromStdString(test_file("f.png").string()));
      const Palette& palette = dark_palette();
      const QColor& ground = view == std::string("paper") ? palette.card : palette.page;
      for (const int x : {0, image.width() / 2, image.width() - 1}) {
        EXPECT_EQ(image.pixelColor(x, 0), ground) << view;
        EXPECT_EQ(image.pixelColor(x, image.height() - 1), ground) << view;
      }
    }
  }
}

TEST(Views, FilesSayHowTheyWereMade) {
  FigureSubject subject = sample_subject();
  subject.inspection.edits.silenced = {{AttentionFamily::kGuided, 1, 2}};
  const FigureOptions options{.view = "matrix",
                              .weights = "attention",
                              .family = "image_self",
                              .head = "1",
                              .reading = "given",
                              .word = "#0",
                              .colours = "magma",
                              .scale = 0.25};
  const fs::path png = test_file("f.png");
  write_figure(png, subject, options);
  const QImage image(QString::fromStdString(png.string()));
  const std::pair<const char*, const char*> facts[] = {{"Title", "word word word?"},
                                                       {"Question", "word word word?"},
                                                       {"Answer", "dark red, 75.0\u00a0%"},
                                                       {"Picture", "scene.png"},
                                                       {"Model", "scenes.safetensors"},
                                                       {"Model SHA-256", "0123abcd"},
                                                       {"View", "matrix"},
                                                       {"Weights", "attention"},
                                                       {"Family", "image_self"},
                                                       {"Layer", "1"},
                                                       {"Head", "1"},
                                                       {"Reading", "given"},
                                                       {"Subject", "word #0, word"},
                                                       {"Scale", "25.0\u00a0%"},
                                                       {"Colour map", "magma"},
                                                       {"Silenced heads", "guided:1:2"}};
  const fs::path svg = test_file("f.svg");
  write_figure(svg, subject, options);
  const std::string description = bytes_of(svg);
  for (const auto& [name, text] : facts) {
    EXPECT_EQ(image.text(name).toStdString(), text) << name;
    if (name == std::string("Title")) continue;
    EXPECT_NE(description.find(concat(name, ": ", text)), std::string::npos) << name;
  }
}

TEST(Views, BadChoicesAreRefusedWithoutAFile) {
  const FigureSubject subject = sample_subject();
  for (const char* name : {"f.png", "f.svg", "f.json", "f.csv"}) {
    const fs::path file = test_file(name);
    EXPECT_THROW(write_figure(file, subject, {.view = "matrix", .layer = 2}), UsageError) << name;
    EXPECT_THROW(write_figure(file, subject, {.weights = "attention", .word = "red"}), UsageError);
    EXPECT_FALSE(fs::exists(file));
  }
}

}  // namespace
}  // namespace vqalign::test
