#include "vqalign/gui/browser/thumbnails.h"

#include "vqalign/vision/picture.h"

namespace vqalign {
namespace {

const QString kThumbnailJob = QString::fromUtf8("thumbnail");

QImage shrunk(const Picture& picture, double device_pixel_ratio) {
  const QImage whole(picture.rgb.data(), static_cast<int>(picture.width),
                     static_cast<int>(picture.height), 3 * static_cast<int>(picture.width),
                     QImage::Format_RGB888);
  const QSize most = (QSizeF(Thumbnails::kSize) * device_pixel_ratio).toSize();
  const QSize size = whole.size().scaled(most, Qt::KeepAspectRatio).expandedTo({1, 1});
  QImage thumbnail = whole.scaled(size, Qt::IgnoreAspectRatio, Qt::SmoothTransformation);
  thumbnail.setDevicePixelRatio(device_pixel_ratio);
  return thumbnail;
}

}  // namespace

Thumbnails::Thumbnails() : kept_(kKept) {
  connect(&jobs_, &JobThread::failed, this, [this] { keep({}); });
}

void Thumbnails::want(const std::vector<WantedThumbnail>& wanted, double device_pixel_ratio) {
  if (device_pixel_ratio != device_pixel_ratio_) kept_.clear();
  device_pixel_ratio_ = device_pixel_ratio;
  wanted_.assign(wanted.begin(), wanted.end());
  if (!jobs_.busy()) next();
}

void Thumbnails::forget() {
  kept_.clear();
  wanted_.clear();
  jobs_.cancel(kThumbnailJob);
}

// One job a picture: what is wanted may have changed when it is done.
void Thumbnails::next() {
  while (!wanted_.empty() && kept_.contains(wanted_.front().image_id)) wanted_.pop_front();
  if (wanted_.empty()) return;
  const WantedThumbnail wanted = wanted_.front();
  wanted_.pop_front();
  current_ = wanted.image_id;
  jobs_.submit(kThumbnailJob, [this, wanted, ratio = device_pixel_ratio_](Job& job) {
    const QImage thumbnail = shrunk(read_picture(wanted.picture), ratio);
    job.deliver([this, thumbnail] { keep(thumbnail); });
  });
}

void Thumbnails::keep(QImage thumbnail) {
  ++decoded_;
  kept_.insert(current_, new QImage(std::move(thumbnail)));
  Q_EMIT ready(current_);
  next();
}

}  // namespace vqalign
