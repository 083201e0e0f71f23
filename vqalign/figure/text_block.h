#pragma once

#include <QColor>
#include <QFont>
#include <QPainter>
#include <QRectF>
#include <QString>
#include <QStringList>
#include <string>

namespace vqalign {

/// Text of a model or user as it may be drawn and written into XML: one line, without control
/// characters.
QString display_text(const std::string& text);

/// The figure's font in a size of its units.
QFont figure_font(int size, QFont::Weight weight = QFont::Normal);

/// "93.1 %", "< 0.1 %": a share with one decimal; "93 %" with none.
QString percent_text(double share, int decimals = 1);

/// As many decimals, from `least` on, as tell numbers up to `largest` apart in percent: two digits
/// of it, at most six.
int percent_decimals(double largest, int least);

/// Lines of text, broken to a width.
struct TextBlock {
  QStringList lines;
  QFont font;

  double height() const;
  /// Draws the lines below `top_left`.
  void draw(QPainter& painter, QPointF top_left, const QColor& colour) const;
};

/// Lines of text and where they stand.
struct PlacedText {
  TextBlock text;
  QPointF at;

  QRectF box(double width) const { return {at, QSizeF(width, text.height())}; }
};

/// Breaks at spaces, inside a word only where it is wider than the line; what does not fit into
/// `max_lines` is cut and ends in an ellipsis.
TextBlock wrapped(const QString& text, const QFont& font, double width, int max_lines);

/// One line inside a rectangle, vertically centred, elided at its end when it is too long.
void draw_line(QPainter& painter, const QRectF& where, Qt::Alignment alignment, const QFont& font,
               const QColor& colour, const QString& text);

}  // namespace vqalign
