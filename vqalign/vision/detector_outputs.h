#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "vqalign/vision/detector.h"

namespace vqalign {

/// One output of a detector's network, its leading sizes of 1 left out.
struct DetectorOutput {
  std::string name;
  std::vector<int64_t> shape;  ///< as the network gives it
  int64_t rows = 0;
  int64_t columns = 0;  ///< 0 where it is no table
  const float* values = nullptr;
};

enum class DetectorProfile { kPicodet, kNanodet, kYoloFastest };

/// How to read a network's outputs.
struct DetectorLayout {
  /// Cells of one stride, and which outputs tell of them.
  struct Level {
    int64_t stride = 0;
    std::size_t classes = 0;
    std::size_t distances = 0;
  };

  DetectorProfile profile = DetectorProfile::kPicodet;
  std::vector<Level> levels;  ///< of kPicodet and kNanodet
};

/// The profile that outputs are of, told by their shapes; nothing where they are of none.
std::optional<DetectorLayout> recognise_outputs(const std::vector<DetectorOutput>& outputs,
                                                bool darknet, const DetectorInput& input,
                                                int64_t classes);

/// How many classes outputs of such a profile tell apart; 0 where they are of none. (Of 32 classes
/// the outputs of an ONNX do not tell which are classes and which distances.)
int64_t classes_of(const std::vector<DetectorOutput>& outputs, bool darknet,
                   const DetectorInput& input);

/// For messages: "792 [1, 2704, 80], 795 [1, 2704, 32]".
std::string outputs_text(const std::vector<DetectorOutput>& outputs);

/// Every cell's boxes in pixels of the network's input, cut at its border, that score at least
/// `least`, in the outputs' order; boxes without area and numbers that are none are left out.
std::vector<Detection> decode_outputs(const std::vector<DetectorOutput>& outputs,
                                      const DetectorLayout& layout, const DetectorInput& input,
                                      int64_t classes, float least);

}  // namespace vqalign
