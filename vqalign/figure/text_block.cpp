#include "vqalign/figure/text_block.h"

#include <QFontMetricsF>
#include <QTextLayout>
#include <algorithm>
#include <cmath>

namespace vqalign {
namespace {

constexpr double kLeading = 1.3;  // line height by font size

double line_height(const QFont& font) {
  return font.pixelSize() * kLeading;
}

bool is_drawable(QChar c) {
  return c.isPrint() || c.isSurrogate() || c.category() == QChar::Other_Format;
}

}  // namespace

QString display_text(const std::string& text) {
  QString shown = QString::fromStdString(text);
  for (QChar& c : shown) {
    if (!is_drawable(c) || c.isSpace()) c = u' ';
  }
  return shown.simplified();
}

QFont figure_font(int size, QFont::Weight weight) {
  QFont font;
  font.setFamilies({"DejaVu Sans", "sans-serif"});
  font.setPixelSize(size);
  font.setWeight(weight);
  font.setHintingPreference(QFont::PreferNoHinting);
  return font;
}

QString percent_text(double share, int decimals) {
  const double percent = share * 100;
  if (decimals == 1 && percent > 0 && percent < 0.05) return QString::fromUtf8("< 0.1\u00a0%");
  return QString::number(percent, 'f', decimals) + QChar(0xA0) + u'%';
}

int percent_decimals(double largest, int least) {
  constexpr int kMost = 6;
  const double percent = largest * 100;
  if (percent >= 10 || percent <= 0) return least;
  return std::clamp(1 - static_cast<int>(std::floor(std::log10(percent))), least, kMost);
}

double TextBlock::height() const {
  return line_height(font) * static_cast<double>(lines.size());
}

void TextBlock::draw(QPainter& painter, QPointF top_left, const QColor& colour) const {
  const QFontMetricsF metrics(font);
  const double step = line_height(font);
  const double baseline = (step - metrics.height()) / 2 + metrics.ascent();
  painter.setFont(font);
  painter.setPen(colour);
  for (qsizetype i = 0; i < lines.size(); ++i) {
    painter.drawText(top_left + QPointF(0, step * static_cast<double>(i) + baseline), lines[i]);
  }
}

TextBlock wrapped(const QString& text, const QFont& font, double width, int max_lines) {
  QTextLayout layout(text, font);
  QTextOption option;
  option.setWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
  layout.setTextOption(option);
  TextBlock block{{}, font};
  layout.beginLayout();
  for (QTextLine line = layout.createLine(); line.isValid(); line = layout.createLine()) {
    line.setLineWidth(width);
    if (block.lines.size() + 1 == max_lines) {
      const QString rest = text.mid(line.textStart());
      block.lines << QFontMetricsF(font).elidedText(rest, Qt::ElideRight, width);
      break;
    }
    block.lines << text.mid(line.textStart(), line.textLength()).trimmed();
  }
  layout.endLayout();
  return block;
}

void draw_line(QPainter& painter, const QRectF& where, Qt::Alignment alignment, const QFont& font,
               const QColor& colour, const QString& text) {
  const QFontMetricsF metrics(font);
  const QString shown = metrics.elidedText(text, Qt::ElideRight, where.width());
  const double free = where.width() - metrics.horizontalAdvance(shown);
  const double share = alignment & Qt::AlignRight ? 1.0 : alignment & Qt::AlignHCenter ? 0.5 : 0.0;
  const double baseline = where.center().y() + (metrics.ascent() - metrics.descent()) / 2;
  painter.setFont(font);
  painter.setPen(colour);
  painter.drawText(QPointF(where.left() + free * share, baseline), shown);
}

}  // namespace vqalign
