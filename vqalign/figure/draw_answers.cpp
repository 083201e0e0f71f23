#include "vqalign/figure/draw_answers.h"

#include <QFontMetricsF>
#include <QPolygonF>
#include <algorithm>

namespace vqalign {
namespace {

constexpr double kColumnGap = 36;
constexpr double kHeadingHeight = 24;
constexpr double kPriorLine = 18;
constexpr double kTextLine = 24;
constexpr double kBarHeight = 8;
constexpr double kMarkWidth = 14;
constexpr double kNarrowestSpread = 3;  // a shorter line would look like the tick

void draw_prior_tick(QPainter& painter, double x, double y, const Palette& palette) {
  painter.setPen(Qt::NoPen);
  painter.setBrush(palette.text);
  painter.drawRect(QRectF(x - 0.75, y - 3, 1.5, 14));
}

/// The mean's spread over stochastic passes: a line of one standard deviation to either side.
void draw_spread(QPainter& painter, const QRectF& track, const RankedAnswer& answer,
                 const Palette& palette) {
  const auto place = [&](double p) {
    return track.left() + track.width() * std::clamp(p, 0.0, 1.0);
  };
  const double low = place(answer.probability - answer.spread);
  const double high = place(answer.probability + answer.spread);
  if (high - low < kNarrowestSpread) return;
  const double y = track.center().y();
  painter.setPen(QPen(palette.text, 1.2));
  painter.drawLine(QPointF(low, y), QPointF(high, y));
  painter.drawLine(QPointF(low, y - 3), QPointF(low, y + 3));
  painter.drawLine(QPointF(high, y - 3), QPointF(high, y + 3));
}

void draw_arrow(QPainter& painter, const QRectF& line, const Palette& palette) {
  const double y = line.center().y();
  painter.setPen(Qt::NoPen);
  painter.setBrush(palette.accent);
  painter.drawPolygon(QPolygonF(
      {QPointF(line.left(), y - 5), QPointF(line.left() + 8, y), QPointF(line.left(), y + 5)}));
}

void draw_bar(QPainter& painter, const QRectF& track, const RankedAnswer& answer, bool first,
              const Palette& palette) {
  const double length = track.width() * std::clamp(answer.probability, 0.0, 1.0);
  painter.setPen(Qt::NoPen);
  painter.setBrush(palette.track);
  painter.drawRoundedRect(track, 2, 2);
  painter.setBrush(first ? palette.bar : palette.pale_bar);
  painter.drawRoundedRect(QRectF(track.topLeft(), QSizeF(std::max(length, 1.0), kBarHeight)), 2, 2);
}

}  // namespace

AnswersLayout lay_out_answers(const AnswerEvidence& evidence, QPointF top_left, double width,
                              std::size_t columns) {
  AnswersLayout layout;
  double y = top_left.y();
  layout.heading = QRectF(top_left.x(), y, width, kHeadingHeight);
  y += kHeadingHeight;
  const std::size_t answers = evidence.answers.size(), each = (answers + columns - 1) / columns;
  const double column_width =
      (width - kColumnGap * double(columns - 1)) / static_cast<double>(columns);
  for (std::size_t i = 0; i < answers; ++i) {
    const auto column = double(i / each), row = double(i % each);
    layout.rows.push_back({QRectF(top_left.x() + column * (column_width + kColumnGap),
                                  y + row * kAnswerRowHeight, column_width, kAnswerRowHeight),
                           i});
  }
  y += double(each) * kAnswerRowHeight;
  const bool priors = std::any_of(evidence.answers.begin(), evidence.answers.end(),
                                  [](const RankedAnswer& answer) { return answer.prior > 0; });
  if (priors) {
    layout.prior_legend = QRectF(top_left.x(), y, width, kPriorLine);
    y += kPriorLine + 4;
  }
  if (evidence.certainty) {
    layout.certainty = {wrapped(display_text(certainty_text(evidence)), figure_font(12), width, 4),
                        QPointF(top_left.x(), y + 2)};
    y += layout.certainty.text.height() + 4;
  }
  layout.height = y - top_left.y();
  return layout;
}

void draw_answer(QPainter& painter, const AnswerRow& row, const AnswerEvidence& evidence,
                 const FigureOptions& options, bool marked) {
  const Palette& palette = options.palette();
  const RankedAnswer& answer = evidence.answers[row.answer];
  const bool first = row.answer == 0;
  const QFont font = figure_font(first ? 17 : 15, first ? QFont::DemiBold : QFont::Normal);
  QString share = percent_text(answer.probability);
  if (evidence.passes > 0) {
    share += QString::fromUtf8(" \u00b1 %1").arg(QString::number(answer.spread * 100, 'f', 1));
  }
  const QRectF line(row.box.left(), row.box.top(), row.box.width(), kTextLine);
  if (marked) draw_arrow(painter, line, palette);
  const double number = QFontMetricsF(font).horizontalAdvance(share) + 1;
  draw_line(painter, line.adjusted(marked ? kMarkWidth : 0, 0, -number - 12, 0), Qt::AlignLeft,
            font, palette.text, display_text(answer.text));
  draw_line(painter, line.adjusted(line.width() - number, 0, 0, 0), Qt::AlignRight, font,
            palette.text, share);
  const QRectF track(row.box.left(), line.bottom() + 1, row.box.width(), kBarHeight);
  draw_bar(painter, track, answer, first, palette);
  if (evidence.passes > 0) draw_spread(painter, track, answer, palette);
  if (answer.prior > 0) {
    draw_prior_tick(painter, track.left() + track.width() * std::min(answer.prior, 1.0),
                    track.top(), palette);
  }
}

void draw_answers(QPainter& painter, const AnswersLayout& layout, const AnswerEvidence& evidence,
                  const FigureOptions& options, const std::string& explained) {
  const Palette& palette = options.palette();
  draw_line(painter, layout.heading, Qt::AlignLeft, figure_font(12, QFont::DemiBold), palette.muted,
            QString::fromUtf8(evidence.calibrated ? "ANSWERS, EACH WITH ITS CALIBRATED PROBABILITY"
                                                  : "ANSWERS, EACH WITH ITS OWN PROBABILITY"));
  for (const AnswerRow& row : layout.rows) {
    const bool marked = !explained.empty() && evidence.answers[row.answer].text == explained;
    draw_answer(painter, row, evidence, options, marked);
  }
  if (!layout.prior_legend.isEmpty()) {
    const QRectF& where = layout.prior_legend;
    draw_prior_tick(painter, where.left() + 3, where.center().y() - 4, palette);
    draw_line(painter, where.adjusted(12, 0, 0, 0), Qt::AlignLeft, figure_font(12), palette.muted,
              QString::fromUtf8("its share among the training answers"));
  }
  layout.certainty.text.draw(painter, layout.certainty.at, palette.text);
}

}  // namespace vqalign
