#pragma once

#include <QCache>
#include <QImage>
#include <QObject>
#include <QSize>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <vector>

#include "vqalign/gui/models/job_thread.h"

namespace vqalign {

struct WantedThumbnail {
  int64_t image_id = 0;
  std::filesystem::path picture;
};

/// Small pictures of the rows that are seen, decoded one after another on a thread of their own and
/// kept up to a number, the longest unused going first.
class Thumbnails : public QObject {
  Q_OBJECT

 public:
  static constexpr QSize kSize = {64, 48};  ///< at most, in logical pixels
  static constexpr int kKept = 500;

  Thumbnails();

  /// nullptr while it has not been decoded; a null image when the picture is broken.
  const QImage* find(int64_t image_id) const { return kept_.object(image_id); }
  /// These are decoded next, in this order, and nothing that was wanted before.
  void want(const std::vector<WantedThumbnail>& wanted, double device_pixel_ratio);
  /// The ids mean other pictures from now on.
  void forget();
  int kept() const { return static_cast<int>(kept_.size()); }
  /// How many pictures have been decoded since the start.
  int64_t decoded() const { return decoded_; }

 Q_SIGNALS:
  void ready(qint64 image_id);

 private:
  void next();
  void keep(QImage thumbnail);

  QCache<qint64, QImage> kept_;
  double device_pixel_ratio_ = 1;
  std::deque<WantedThumbnail> wanted_;
  int64_t current_ = 0;
  int64_t decoded_ = 0;
  JobThread jobs_;
};

}  // namespace vqalign
