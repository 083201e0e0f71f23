#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "vqalign/vision/box.h"
#include "vqalign/vision/detector_file.h"

namespace vqalign {

/// A thing that a detector found in a picture.
struct Detection {
  Box box;               ///< in pixels of the picture, inside of it
  int64_t class_id = 0;  ///< counted from 0
  float score = 0;       ///< 0 to 1
};

/// A picture to look at: rows of R G B bytes, row_bytes apart.
struct RgbView {
  const uint8_t* pixels = nullptr;
  int64_t width = 0;
  int64_t height = 0;
  int64_t row_bytes = 0;
};

/// Which of what a detector found is kept.
struct DetectionLimits {
  double score = 0.3;    ///< at least this
  double overlap = 0.6;  ///< of two of one class whose intersection over union is larger the better
  int64_t most = 20;     ///< the best
};

/// A network that finds objects in pictures, run by OpenCV on the CPU. By its outputs it is one of
///
///     picodet       PP-PicoDet (Yu et al., 2021), ONNX: at strides 8, 16, 32 and 64 the classes
///                   [n, classes] and the distances [n, 4 * 8] of every cell
///     nanodet       NanoDet-m, ONNX: the same at strides 8, 16 and 32
///     yolo-fastest  Darknet, with [yolo] layers: [n, 5 + classes]
///
/// The picture is stretched to the network's size. Distances to left, top, right and bottom of a
/// cell's centre are what softmaxes over 8 bins expect, times the stride (Li et al., "Generalized
/// Focal Loss", NeurIPS 2020).
class Detector {
 public:
  /// `classes`: how many it is expected to tell apart; 0: as many as its outputs say. Error naming
  /// the file: no ONNX, no Darknet, damaged, layers that OpenCV does not know, pictures of another
  /// shape (detector_input()), outputs that are of none of these profiles, each of which is named
  /// with its shape.
  Detector(const DetectorFile& file, int64_t classes);
  ~Detector();
  Detector(Detector&&) noexcept;
  Detector& operator=(Detector&&) noexcept;

  /// "picodet", "nanodet" or "yolo-fastest".
  const char* profile() const;
  const DetectorInput& input() const;
  int64_t classes() const;

  /// What is in a picture, the highest score first (of equals the lower class, then the one that
  /// the network names first); none is no error. The same picture gives the same, whatever was
  /// seen before. May be called from several threads, which then wait for each other.
  std::vector<Detection> detect(const RgbView& picture, const DetectionLimits& limits) const;

 private:
  struct Network;
  std::unique_ptr<Network> network_;
};

}  // namespace vqalign
