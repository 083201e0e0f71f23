#include "vqalign/figure/draw_figure.h"

#include <algorithm>
#include <cmath>

#include "vqalign/figure/layout.h"
#include "vqalign/figure/views.h"

namespace vqalign {
namespace {

constexpr int kLongestPicture = 4096;

}  // namespace

QImage picture_image(const Picture& picture) {
  const QImage whole(picture.rgb.data(), static_cast<int>(picture.width),
                     static_cast<int>(picture.height), picture.width * 3, QImage::Format_RGB888);
  if (std::max(whole.width(), whole.height()) <= kLongestPicture) return whole.copy();
  return whole.scaled(kLongestPicture, kLongestPicture, Qt::KeepAspectRatio,
                      Qt::SmoothTransformation);
}

QSize figure_size(const FigureSubject& subject, const FigureOptions& options) {
  const FigureInput input(subject, options);
  const double scale = double(options.width) / FigureLayout::kWidth;
  const double height = lay_out_view(input).height * scale;
  return {static_cast<int>(options.width), static_cast<int>(std::ceil(height))};
}

void draw_figure(QPainter& painter, const QRectF& target, const FigureSubject& subject,
                 const FigureOptions& options) {
  const FigureInput input(subject, options);
  const View view = lay_out_view(input);
  const double scale =
      std::min(target.width() / FigureLayout::kWidth, target.height() / view.height);
  painter.save();
  painter.setRenderHints(QPainter::Antialiasing | QPainter::SmoothPixmapTransform |
                         QPainter::TextAntialiasing);
  painter.translate(target.center());
  painter.scale(scale, scale);
  painter.translate(-FigureLayout::kWidth / 2, -view.height / 2);
  view.draw(painter);
  painter.restore();
}

}  // namespace vqalign
