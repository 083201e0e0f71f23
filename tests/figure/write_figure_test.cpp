#include "vqalign/figure/write_figure.h"

#include <gtest/gtest.h>

#include <QPainter>
#include <QSvgRenderer>
#include <QXmlStreamReader>

#include "sample_evidence.h"
#include "vqalign/core/error.h"

namespace vqalign::test {
namespace {

namespace fs = std::filesystem;

/// What an SVG file says: the text of its <text> elements, its title and description.
struct SvgContents {
  std::vector<std::string> texts;
  std::string title, description;
  int images = 0;
  std::string problem;
};

SvgContents read_svg(const fs::path& file) {
  SvgContents contents;
  const std::string bytes = bytes_of(file);
  QXmlStreamReader xml(QByteArray::fromStdString(bytes));
  while (!xml.atEnd()) {
    xml.readNext();
    if (!xml.isStartElement()) continue;
    if (xml.name() == QString("text"))
      contents.texts.push_back(xml.readElementText().toStdString());
    if (xml.name() == QString("title")) contents.title = xml.readElementText().toStdString();
    if (xml.name() == QString("desc")) contents.description = xml.readElementText().toStdString();
    if (xml.name() == QString("image")) ++contents.images;
  }
  if (xml.hasError()) contents.problem = xml.errorString().toStdString();
  return contents;
}

bool holds(const std::vector<std::string>& texts, const std::string& text) {
  return std::find(texts.begin(), texts.end(), text) != texts.end();
}

TEST(WriteFigure, SvgIsXmlWithTextAsText) {
  AnswerEvidence evidence = sample_evidence();
  evidence.answers[1].text = "<b> & \"c\"";
  evidence.question = "Is 1 < 2 & so on\x01?";
  const fs::path file = test_file("f.svg");
  write_figure(file, subject_of(evidence, plain_picture(40, 20)), {});
  const SvgContents svg = read_svg(file);
  EXPECT_EQ(svg.problem, "");
  for (const char* text : {"dark red", "<b> & \"c\"", "green", "75.0\u00a0%", "12.5\u00a0%",
                           "Is 1 < 2 & so on ?", "colour", "50\u00a0%", "zorp"}) {
    EXPECT_TRUE(holds(svg.texts, text)) << text;
  }
  EXPECT_EQ(svg.images, 2);  // the picture and its overlay
  EXPECT_EQ(svg.title, "Is 1 < 2 & so on ?");
  EXPECT_NE(svg.description.find("dark red"), std::string::npos);
  EXPECT_NE(svg.description.find("scenes.safetensors"), std::string::npos);
  EXPECT_NE(bytes_of(file).find("DejaVu Sans, Verdana"), std::string::npos);
}

TEST(WriteFigure, SvgDrawsAsThePngDoes) {
  const AnswerEvidence evidence = sample_evidence();
  const fs::path svg = test_file("f.svg"), png = test_file("f.png");
  const FigureOptions options{.width = 1000};
  write_figure(svg, subject_of(evidence, plain_picture(400, 200, Qt::cyan)), options);
  write_figure(png, subject_of(evidence, plain_picture(400, 200, Qt::cyan)), options);
  const QImage wanted(QString::fromStdString(png.string()));
  ASSERT_EQ(wanted.width(), 1000);
  QSvgRenderer renderer(QString::fromStdString(svg.string()));
  ASSERT_TRUE(renderer.isValid());
  QImage drawn(wanted.size(), QImage::Format_RGB32);
  QPainter painter(&drawn);
  renderer.render(&painter);
  painter.end();
  int64_t different = 0;
  for (int y = 0; y < drawn.height(); ++y) {
    for (int x = 0; x < drawn.width(); ++x) {
      if (std::abs(qGreen(drawn.pixel(x, y)) - qGreen(wanted.pixel(x, y))) > 24) ++different;
    }
  }
  EXPECT_LT(double(different), 0.02 * drawn.width() * drawn.height());
}

TEST(WriteFigure, PngHasTheWidthAndSaysWhatItShows) {
  const fs::path file = test_file("f.PNG");
  write_figure(file, subject_of(sample_evidence(), plain_picture(40, 20)), {.width = 700});
  const QImage image(QString::fromStdString(file.string()));
  ASSERT_FALSE(image.isNull());
  EXPECT_EQ(image.width(), 700);
  EXPECT_EQ(image.text("Title").toStdString(), "What colour is zorp?");
  EXPECT_NE(image.text("Description").toStdString().find("dark red, 75.0"), std::string::npos);
}

TEST(WriteFigure, RepeatsToTheByte) {
  for (const char* name : {"f.svg", "f.png", "f.json", "f.csv"}) {
    const fs::path a = test_file(std::string("a_") + name), b = test_file(std::string("b_") + name);
    write_figure(a, subject_of(sample_evidence(), plain_picture(40, 20)), {});
    write_figure(b, subject_of(sample_evidence(), plain_picture(40, 20)), {});
    EXPECT_EQ(bytes_of(a), bytes_of(b)) << name;
    EXPECT_GT(bytes_of(a).size(), 100u) << name;
  }
}

TEST(WriteFigure, JsonHoldsAllNumbersAndTheOptions) {
  const fs::path file = test_file("f.json");
  write_figure(file, subject_of(sample_evidence(), {}), {.colours = "magma"});
  const Json json = read_json(file);
  ASSERT_EQ(json.at("regions").as_array().size(), 8u);
  EXPECT_EQ(json.at("regions").as_array()[0].dump(),
            R"({"region":2,"box":[20.0,0.0,30.0,10.0],"weight":0.4})");
  EXPECT_EQ(json.at("answers").as_array()[0].at("probability").as_double(), 0.75);
  EXPECT_EQ(json.at("word_weights").dump(), "[0.125,0.5,0.125,0.25]");
  EXPECT_EQ(json.at("figure").at("colours").as_string(), "magma");
  EXPECT_EQ(json.at("figure").at("view").as_string(), "summary");
}

TEST(WriteFigure, CsvHasARowEachAnswerWordAndRegion) {
  AnswerEvidence evidence = sample_evidence();
  evidence.answers = {{"a \"b\", c", 0.75, 0.1, 0.02}};
  evidence.passes = 4;
  evidence.words.push_back({"too", true, true, 0});
  evidence.regions.resize(3);
  const std::string csv = figure_csv(subject_of(evidence, {}), {});
  EXPECT_EQ(csv,
            "part,rank,text,value,spread,prior,note,x1,y1,x2,y2\r\n"
            "answer,1,\"a \"\"b\"\", c\",0.750000,0.020000,0.100000,,,,,\r\n"
            "word,1,\"what\",0.125000,,,,,,,\r\n"
            "word,2,\"colour\",0.500000,,,,,,,\r\n"
            "word,3,\"is\",0.125000,,,,,,,\r\n"
            "word,4,\"zorp\",0.250000,,,unknown,,,,\r\n"
            "word,5,\"too\",0.000000,,,cut,,,,\r\n"
            "region,1,2,0.400000,,,,20.000000,0.000000,30.000000,10.000000\r\n"
            "region,2,1,0.100000,,,,10.000000,0.000000,20.000000,10.000000\r\n"
            "region,3,0,0.050000,,,,0.000000,0.000000,10.000000,10.000000\r\n");
}

TEST(WriteFigure, LabelsStandInColumnsBehind) {
  AnswerEvidence evidence = sample_evidence();
  evidence.answers.resize(1);
  evidence.words.resize(1);
  evidence.regions.resize(2);
  evidence.regions[1].label = "a \"bus\"";
  evidence.regions[1].score = 0.9375;
  EXPECT_EQ(figure_csv(subject_of(evidence, {}), {}),
            "part,rank,text,value,spread,prior,note,x1,y1,x2,y2,label,score\r\n"
            "answer,1,\"dark red\",0.750000,,0.100000,,,,,,,\r\n"
            "word,1,\"what\",0.125000,,,,,,,,,\r\n"
            "region,1,1,0.100000,,,,10.000000,0.000000,20.000000,10.000000,\"a \"\"bus\"\"\","
            "0.937500\r\n"
            "region,2,0,0.050000,,,,0.000000,0.000000,10.000000,10.000000,,\r\n");
  const fs::path json = test_file("labels.json");
  write_figure(json, subject_of(evidence, {}), {});
  EXPECT_EQ(read_json(json).at("regions").as_array()[0].at("label").as_string(), "a \"bus\"");
  const fs::path svg = test_file("labels.svg");
  write_figure(svg, subject_of(evidence, plain_picture(40, 20)), {});
  EXPECT_NE(bytes_of(svg).find("bus&quot; 0.94"), std::string::npos);
}

TEST(WriteFigure, KnowsFourFormats) {
  EXPECT_EQ(figure_format("a/b.svg"), FigureFormat::kSvg);
  EXPECT_EQ(figure_format("b.Png"), FigureFormat::kPng);
  EXPECT_EQ(figure_format("b.JSON"), FigureFormat::kJson);
  EXPECT_EQ(figure_format("b.x.csv"), FigureFormat::kCsv);
  for (const char* name : {"b.pdf", "b", "svg", ".png", "b.svgz", "b."}) {
    try {
      figure_format(name);
      ADD_FAILURE() << name;
    } catch (const UsageError& error) {
      const std::string message = error.what();
      for (const char* known : {".svg", ".png", ".json", ".csv"}) {
        EXPECT_NE(message.find(known), std::string::npos) << message;
      }
    }
  }
}

TEST(WriteFigure, RefusesWhatNoFileCanHold) {
  AnswerEvidence evidence = sample_evidence();
  evidence.answers.assign(4000, {"x", 0.5, 0, 0});
  const fs::path file = test_file("f.png");
  EXPECT_THROW(write_figure(file, subject_of(evidence, plain_picture(40, 20)), {}), Error);
  EXPECT_FALSE(fs::exists(file));
  EXPECT_THROW(write_figure(test_file("no folder") / "x" / "f.svg",
                            subject_of(sample_evidence(), plain_picture(40, 20)), {}),
               Error);
}

TEST(WriteFigure, DrawsWhatIsEmptyOrExtreme) {
  AnswerEvidence evidence;
  write_figure(test_file("empty.svg"), subject_of(evidence, {}), {});
  EXPECT_EQ(read_svg(test_file("empty.svg")).problem, "");
  evidence = sample_evidence();
  evidence.picture_width = 100000;
  evidence.picture_height = 1;
  for (const int width : {300, 3000}) {
    write_figure(test_file("wide.png"), subject_of(evidence, plain_picture(4096, 1)),
                 {.width = width});
    EXPECT_EQ(QImage(QString::fromStdString(test_file("wide.png").string())).width(), width);
  }
}

}  // namespace
}  // namespace vqalign::test
