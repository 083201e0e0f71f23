#include "vqalign/figure/write_figure.h"

#include <QBuffer>
#include <QPainter>
#include <QSvgGenerator>
#include <algorithm>
#include <charconv>

#include "vqalign/core/atomic_file.h"
#include "vqalign/core/error.h"
#include "vqalign/figure/draw_figure.h"
#include "vqalign/figure/text_block.h"

namespace vqalign {
namespace {

constexpr int kHighest = 32000;
constexpr const char* kTitleMark = "the title of the figure stands here";
constexpr const char* kDescriptionMark = "the description of the figure stands here";

/// What the figure shows, for the file's own description.
QString description(const AnswerEvidence& evidence, const FigureOptions& options) {
  QString text = QString::fromUtf8("Answer: ");
  if (!evidence.answers.empty()) {
    text += display_text(evidence.answers.front().text) + QString::fromUtf8(", ") +
            percent_text(evidence.answers.front().probability);
  }
  return text + QString::fromUtf8(". Picture: %1. Model: %2. View: %3, colours %4.")
                    .arg(display_text(std::filesystem::path(evidence.picture).filename().string()),
                         display_text(evidence.model), QString::fromStdString(options.view),
                         QString::fromStdString(options.colours));
}

QSize checked_size(const std::filesystem::path& path, const AnswerEvidence& evidence,
                   const QImage& picture, const FigureOptions& options) {
  const QSize size = figure_size(evidence, picture, options);
  if (size.height() > kHighest) {
    throw Error(concat(path.string(), ": the figure would be ", size.height(),
                       " pixels high, allowed is ", kHighest),
                "show fewer answers or make it less wide");
  }
  return size;
}

void write_bytes(const std::filesystem::path& path, const QByteArray& bytes) {
  write_file_atomic(path, std::string_view(bytes.constData(), std::size_t(bytes.size())));
}

void write_png(const std::filesystem::path& path, const AnswerEvidence& evidence,
               const QImage& picture, const FigureOptions& options) {
  QImage image(checked_size(path, evidence, picture, options), QImage::Format_RGB32);
  if (image.isNull()) throw std::bad_alloc();
  image.fill(Qt::white);
  QPainter painter(&image);
  draw_figure(painter, QRectF(QPointF(0, 0), QSizeF(image.size())), evidence, picture, options);
  painter.end();
  image.setText(QString::fromUtf8("Title"), display_text(evidence.question));
  image.setText(QString::fromUtf8("Description"), description(evidence, options));
  QBuffer buffer;
  buffer.open(QIODevice::WriteOnly);
  if (!image.save(&buffer, "PNG")) fail(path.string(), ": cannot be encoded as PNG");
  write_bytes(path, buffer.data());
}

void write_svg(const std::filesystem::path& path, const AnswerEvidence& evidence,
               const QImage& picture, const FigureOptions& options) {
  const QSize size = checked_size(path, evidence, picture, options);
  QBuffer buffer;
  buffer.open(QIODevice::WriteOnly);
  QSvgGenerator generator;
  generator.setOutputDevice(&buffer);
  generator.setResolution(96);  // CSS's pixels by inch, so that a pixel stays one
  generator.setSize(size);
  generator.setViewBox(QRect(QPoint(0, 0), size));
  // Whether these two are escaped depends on Qt's version.
  generator.setTitle(QString::fromUtf8(kTitleMark));
  generator.setDescription(QString::fromUtf8(kDescriptionMark));
  QPainter painter(&generator);
  draw_figure(painter, QRectF(QPointF(0, 0), QSizeF(size)), evidence, picture, options);
  painter.end();
  QByteArray svg = buffer.data();
  svg.replace(kTitleMark, display_text(evidence.question).toHtmlEscaped().toUtf8());
  svg.replace(kDescriptionMark, description(evidence, options).toHtmlEscaped().toUtf8());
  // Where the font is missing, one of the same widths or at least without serifs.
  svg.replace("font-family=\"DejaVu Sans\"",
              "font-family=\"DejaVu Sans, Verdana, Arial, sans-serif\"");
  write_bytes(path, svg);
}

std::string number(double value) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, value, std::chars_format::fixed, 6).ptr;
  return {text, end};
}

std::string quoted(const std::string& text) {
  std::string result = "\"";
  for (const char c : text) result += c == '"' ? std::string("\"\"") : std::string(1, c);
  return result + "\"";
}

}  // namespace

FigureFormat figure_format(const std::filesystem::path& path) {
  std::string extension = path.extension().string();
  for (char& c : extension) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  if (extension == ".svg") return FigureFormat::kSvg;
  if (extension == ".png") return FigureFormat::kPng;
  if (extension == ".json") return FigureFormat::kJson;
  if (extension == ".csv") return FigureFormat::kCsv;
  throw UsageError(concat(path.string(),
                          ": a figure is written as .svg, .png, .json or .csv, not as \"",
                          path.extension().string(), "\""));
}

void write_figure(const std::filesystem::path& path, const AnswerEvidence& evidence,
                  const QImage& picture, const FigureOptions& options) {
  switch (figure_format(path)) {
    case FigureFormat::kSvg:
      return write_svg(path, evidence, picture, options);
    case FigureFormat::kPng:
      return write_png(path, evidence, picture, options);
    case FigureFormat::kJson:
      return write_json(path, figure_json(evidence, options));
    case FigureFormat::kCsv:
      return write_file_atomic(path, figure_csv(evidence));
  }
}

Json figure_json(const AnswerEvidence& evidence, FigureOptions options) {
  Json json = evidence_json(evidence, evidence.regions.size());
  json.set("figure", options_to_json({{"figure", options.fields()}}).at("figure"));
  return json;
}

std::string figure_csv(const AnswerEvidence& evidence) {
  std::string csv = "part,rank,text,value,spread,prior,note,x1,y1,x2,y2\r\n";
  for (std::size_t i = 0; i < evidence.answers.size(); ++i) {
    const RankedAnswer& answer = evidence.answers[i];
    csv += concat("answer,", i + 1, ",", quoted(answer.text), ",", number(answer.probability), ",",
                  evidence.passes > 0 ? number(answer.spread) : "", ",", number(answer.prior),
                  ",,,,,\r\n");
  }
  for (std::size_t i = 0; i < evidence.words.size(); ++i) {
    const QuestionWord& word = evidence.words[i];
    csv += concat("word,", i + 1, ",", quoted(word.text), ",", number(word.weight), ",,,",
                  word.cut     ? "cut"
                  : word.known ? ""
                               : "unknown",
                  ",,,,\r\n");
  }
  const std::vector<std::size_t> order = top_regions(evidence, evidence.regions.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    const PictureRegion& region = evidence.regions[order[i]];
    csv += concat("region,", i + 1, ",,", number(region.weight), ",,,,", number(region.x1), ",",
                  number(region.y1), ",", number(region.x2), ",", number(region.y2), "\r\n");
  }
  return csv;
}

}  // namespace vqalign
