#include "vqalign/figure/write_figure.h"

#include <QBuffer>
#include <QPainter>
#include <QSvgGenerator>
#include <algorithm>

#include "vqalign/core/atomic_file.h"
#include "vqalign/core/error.h"
#include "vqalign/figure/draw_figure.h"
#include "vqalign/figure/figure_facts.h"
#include "vqalign/figure/png_bytes.h"
#include "vqalign/figure/text_block.h"
#include "vqalign/figure/views.h"

namespace vqalign {
namespace {

constexpr int kHighest = 32000;
constexpr const char* kTitleMark = "the title of the figure stands here";
constexpr const char* kDescriptionMark = "the description of the figure stands here";

QString title_of(const FigureSubject& subject) {
  return display_text(subject.inspection.evidence.question);
}

QSize checked_size(const std::filesystem::path& path, const FigureSubject& subject,
                   const FigureOptions& options) {
  const QSize size = figure_size(subject, options);
  if (size.height() > kHighest) {
    throw Error(concat(path.string(), ": the figure would be ", size.height(),
                       " pixels high, allowed is ", kHighest),
                "show less or make it less wide");
  }
  return size;
}

void write_png(const std::filesystem::path& path, const FigureSubject& subject,
               const FigureOptions& options) {
  QImage image(checked_size(path, subject, options), QImage::Format_RGB32);
  if (image.isNull()) throw std::bad_alloc();
  image.fill(ground_of(options));  // the last line of pixels may be covered in part
  QPainter painter(&image);
  draw_figure(painter, QRectF(QPointF(0, 0), QSizeF(image.size())), subject, options);
  painter.end();
  const FigureFacts facts = figure_facts(subject, options);
  image.setText(QString::fromUtf8("Title"), title_of(subject));
  image.setText(QString::fromUtf8("Description"), facts_text(facts));
  for (const auto& [name, text] : facts) image.setText(name, text);
  write_bytes(path, png_bytes(image));
}

void write_svg(const std::filesystem::path& path, const FigureSubject& subject,
               const FigureOptions& options) {
  const QSize size = checked_size(path, subject, options);
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
  painter.fillRect(QRect(QPoint(0, 0), size), ground_of(options));
  draw_figure(painter, QRectF(QPointF(0, 0), QSizeF(size)), subject, options);
  painter.end();
  QByteArray svg = buffer.data();
  svg.replace(kTitleMark, title_of(subject).toHtmlEscaped().toUtf8());
  svg.replace(kDescriptionMark,
              facts_text(figure_facts(subject, options)).toHtmlEscaped().toUtf8());
  // Where the font is missing, one of the same widths or at least without serifs.
  svg.replace("font-family=\"DejaVu Sans\"",
              "font-family=\"DejaVu Sans, Verdana, Arial, sans-serif\"");
  write_bytes(path, svg);
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

void write_figure(const std::filesystem::path& path, const FigureSubject& subject,
                  const FigureOptions& options) {
  switch (figure_format(path)) {
    case FigureFormat::kSvg:
      return write_svg(path, subject, options);
    case FigureFormat::kPng:
      return write_png(path, subject, options);
    case FigureFormat::kJson:
      return write_json(path, figure_json(subject, options));
    case FigureFormat::kCsv:
      return write_file_atomic(path, figure_csv(subject, options));
  }
}

}  // namespace vqalign
