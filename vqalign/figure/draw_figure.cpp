#include "vqalign/figure/draw_figure.h"

#include <QFontMetricsF>
#include <algorithm>
#include <cmath>

#include "vqalign/figure/colour_map.h"
#include "vqalign/figure/draw_picture.h"
#include "vqalign/figure/layout.h"
#include "vqalign/figure/palette.h"

namespace vqalign {
namespace {

constexpr int kLongestPicture = 4096;

void draw_card(QPainter& painter, const FigureLayout& layout) {
  painter.setPen(Qt::NoPen);
  painter.setBrush(palette::kPage);
  painter.drawRect(QRectF(0, 0, FigureLayout::kWidth, layout.height));
  painter.setPen(QPen(palette::kLine, 1));
  painter.setBrush(palette::kCard);
  painter.drawRoundedRect(layout.card, 14, 14);
}

/// A word tinted by its weight; unknown ones dashed and with a question mark, cut ones struck out.
void draw_chip(QPainter& painter, const WordChip& chip, const FigureOptions& options) {
  const QColor ground =
      laid_over(overlay_colour(options.colours, chip.strength, 1.0), palette::kCard);
  painter.setBrush(chip.cut ? palette::kPage : ground);
  painter.setPen(chip.known || chip.cut ? QPen(palette::kLine, 1)
                                        : QPen(palette::kWarning, 1.4, Qt::DashLine));
  painter.drawRoundedRect(chip.box, 6, 6);
  QFont font = figure_font(15);
  font.setStrikeOut(chip.cut);
  const QColor ink = chip.cut                              ? palette::kMuted
                     : text_colour_on(ground) == Qt::black ? palette::kText
                                                           : QColor(Qt::white);
  draw_line(painter, chip.box.adjusted(6, 0, -6, 0), Qt::AlignHCenter, font, ink, chip.text);
  const QRectF below(chip.box.left(), chip.box.bottom() + 1, chip.box.width(), 16);
  draw_line(painter, below, Qt::AlignHCenter, figure_font(11), palette::kMuted, chip.share);
}

void draw_prior_tick(QPainter& painter, double x, double y) {
  painter.setPen(Qt::NoPen);
  painter.setBrush(palette::kText);
  painter.drawRect(QRectF(x - 0.75, y - 3, 1.5, 14));
}

/// The mean's spread over stochastic passes: a line of one standard deviation to either side.
void draw_spread(QPainter& painter, const QRectF& track, const RankedAnswer& answer) {
  const auto place = [&](double p) {
    return track.left() + track.width() * std::clamp(p, 0.0, 1.0);
  };
  const double low = place(answer.probability - answer.spread);
  const double high = place(answer.probability + answer.spread);
  const double y = track.center().y();
  painter.setPen(QPen(palette::kTag, 1.2));
  painter.drawLine(QPointF(low, y), QPointF(high, y));
  painter.drawLine(QPointF(low, y - 3), QPointF(low, y + 3));
  painter.drawLine(QPointF(high, y - 3), QPointF(high, y + 3));
}

void draw_answer(QPainter& painter, const AnswerRow& row, const AnswerEvidence& evidence) {
  const RankedAnswer& answer = evidence.answers[row.answer];
  const bool first = row.answer == 0;
  const QFont font = figure_font(first ? 17 : 15, first ? QFont::DemiBold : QFont::Normal);
  QString share = percent_text(answer.probability);
  if (evidence.passes > 0) {
    share += QString::fromUtf8(" \u00b1 %1").arg(QString::number(answer.spread * 100, 'f', 1));
  }
  const QRectF line(row.box.left(), row.box.top(), row.box.width(), 24);
  const double number = QFontMetricsF(font).horizontalAdvance(share) + 1;
  draw_line(painter, line.adjusted(0, 0, -number - 12, 0), Qt::AlignLeft, font, palette::kText,
            display_text(answer.text));
  draw_line(painter, line.adjusted(line.width() - number, 0, 0, 0), Qt::AlignRight, font,
            palette::kText, share);
  const QRectF track(row.box.left(), line.bottom() + 1, row.box.width(), 8);
  const double length = track.width() * std::clamp(answer.probability, 0.0, 1.0);
  painter.setPen(Qt::NoPen);
  painter.setBrush(palette::kTrack);
  painter.drawRoundedRect(track, 2, 2);
  painter.setBrush(first ? palette::kBar : palette::kPaleBar);
  painter.drawRoundedRect(QRectF(track.topLeft(), QSizeF(std::max(length, 1.0), 8)), 2, 2);
  if (evidence.passes > 0) draw_spread(painter, track, answer);
  if (answer.prior > 0) {
    draw_prior_tick(painter, track.left() + track.width() * std::min(answer.prior, 1.0),
                    track.top());
  }
}

void draw_answers(QPainter& painter, const FigureLayout& layout, const AnswerEvidence& evidence) {
  draw_line(painter, layout.answers_heading, Qt::AlignLeft, figure_font(12, QFont::DemiBold),
            palette::kMuted, QString::fromUtf8("ANSWERS, EACH WITH ITS OWN PROBABILITY"));
  for (const AnswerRow& row : layout.rows) draw_answer(painter, row, evidence);
  if (!layout.prior_legend.isEmpty()) {
    const QRectF& where = layout.prior_legend;
    draw_prior_tick(painter, where.left() + 3, where.center().y() - 4);
    draw_line(painter, where.adjusted(12, 0, 0, 0), Qt::AlignLeft, figure_font(12), palette::kMuted,
              QString::fromUtf8("its share among the training answers"));
  }
  layout.certainty.text.draw(painter, layout.certainty.at, palette::kText);
}

void draw_warning(QPainter& painter, const PlacedText& warning, double right) {
  const double left = warning.at.x() - 36;
  const QRectF box(left, warning.at.y() - 8, right - left, warning.text.height() + 16);
  painter.setPen(QPen(palette::kWarningLine, 1));
  painter.setBrush(palette::kWarningGround);
  painter.drawRoundedRect(box, 6, 6);
  const QRectF sign(left + 10, warning.at.y() - 1, 18, 18);
  painter.setPen(Qt::NoPen);
  painter.setBrush(palette::kWarning);
  painter.drawEllipse(sign);
  draw_line(painter, sign, Qt::AlignHCenter, figure_font(13, QFont::Bold), Qt::white,
            QString::fromUtf8("!"));
  warning.text.draw(painter, warning.at, palette::kWarning);
}

void draw_footer(QPainter& painter, const FigureLayout& layout, const AnswerEvidence& evidence) {
  const QRectF& footer = layout.footer;
  painter.setPen(QPen(palette::kLine, 1));
  painter.drawLine(footer.topLeft(), footer.topRight());
  const QRectF line = footer.adjusted(0, 10, 0, 0);
  const QFont font = figure_font(11);
  const QString caveat = QString::fromUtf8(
      "Shares tell where the model looked, not by themselves why it answered so.");
  const double width = QFontMetricsF(font).horizontalAdvance(caveat) + 1;
  draw_line(painter, line, Qt::AlignRight, font, palette::kMuted, caveat);
  draw_line(painter, line.adjusted(0, 0, -width - 20, 0), Qt::AlignLeft, font, palette::kMuted,
            QString::fromUtf8("vqalign \u00b7 ") + display_text(evidence.model));
}

}  // namespace

QImage picture_image(const Picture& picture) {
  const QImage whole(picture.rgb.data(), static_cast<int>(picture.width),
                     static_cast<int>(picture.height), picture.width * 3, QImage::Format_RGB888);
  if (std::max(whole.width(), whole.height()) <= kLongestPicture) return whole.copy();
  return whole.scaled(kLongestPicture, kLongestPicture, Qt::KeepAspectRatio,
                      Qt::SmoothTransformation);
}

QSize figure_size(const AnswerEvidence& evidence, const QImage& picture,
                  const FigureOptions& options) {
  const double scale = double(options.width) / FigureLayout::kWidth;
  const double height = lay_out(evidence, picture.size()).height * scale;
  return {static_cast<int>(options.width), static_cast<int>(std::ceil(height))};
}

void draw_figure(QPainter& painter, const QRectF& target, const AnswerEvidence& evidence,
                 const QImage& picture, const FigureOptions& options) {
  const FigureLayout layout = lay_out(evidence, picture.size());
  const double scale =
      std::min(target.width() / FigureLayout::kWidth, target.height() / layout.height);
  painter.save();
  painter.setRenderHints(QPainter::Antialiasing | QPainter::SmoothPixmapTransform |
                         QPainter::TextAntialiasing);
  painter.translate(target.center());
  painter.scale(scale, scale);
  painter.translate(-FigureLayout::kWidth / 2, -layout.height / 2);
  draw_card(painter, layout);
  layout.question.text.draw(painter, layout.question.at, palette::kText);
  for (const WordChip& chip : layout.chips) draw_chip(painter, chip, options);
  draw_picture(painter, layout, evidence, picture, options);
  draw_answers(painter, layout, evidence);
  for (const PlacedText& warning : layout.warnings) {
    draw_warning(painter, warning, layout.footer.right());
  }
  draw_footer(painter, layout, evidence);
  painter.restore();
}

}  // namespace vqalign
