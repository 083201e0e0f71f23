#include "vqalign/vision/detector_outputs.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "vqalign/core/error.h"

namespace vqalign {
namespace {

constexpr int64_t kBins = 8;
constexpr int64_t kDistanceColumns = 4 * kBins;
constexpr int64_t kYoloColumns = 5;  // centre, size and whether there is anything, before classes
constexpr int64_t kFinestStride = 8;

int64_t cells_along(int64_t side, int64_t stride) {
  return (side + stride - 1) / stride;
}

/// The one output of that many rows and columns.
std::optional<std::size_t> only_output(const std::vector<DetectorOutput>& outputs, int64_t rows,
                                       int64_t columns) {
  std::optional<std::size_t> found;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (outputs[i].rows != rows || outputs[i].columns != columns) continue;
    if (found) return std::nullopt;
    found = i;
  }
  return found;
}

/// Expectation of a softmax over the bins.
float expected_bin(const float* logits) {
  const float largest = *std::max_element(logits, logits + kBins);
  float sum = 0, weighted = 0;
  for (int64_t bin = 0; bin < kBins; ++bin) {
    const float weight = std::exp(logits[bin] - largest);
    sum += weight;
    weighted += weight * float(bin);
  }
  return weighted / sum;
}

class OutputDecoder {
 public:
  OutputDecoder(const DetectorInput& input, int64_t classes, float least)
      : width_(float(input.width)),
        height_(float(input.height)),
        classes_(classes),
        least_(least) {}

  void read_cells(const DetectorOutput& scores, const DetectorOutput& distances, int64_t stride,
                  DetectorProfile profile) {
    const int64_t across = cells_along(int64_t(width_), stride);
    const auto step = float(stride);
    // NanoDet counts from the middle of the first pixels, PicoDet from that of the cell.
    const float first = profile == DetectorProfile::kNanodet ? 0.5f * (step - 1) : 0.5f * step;
    for (int64_t row = 0; row < scores.rows; ++row) {
      const float* of_cell = scores.values + row * classes_;
      if (!any(of_cell)) continue;
      const float* logits = distances.values + row * kDistanceColumns;
      std::array<float, 4> reach{};
      for (std::size_t side = 0; side < 4; ++side) {
        reach[side] = expected_bin(logits + int64_t(side) * kBins) * step;
      }
      const float x = first + float(row % across) * step, y = first + float(row / across) * step;
      add({x - reach[0], y - reach[1], x + reach[2], y + reach[3]}, of_cell);
    }
  }

  void read_yolo(const DetectorOutput& output) {
    for (int64_t row = 0; row < output.rows; ++row) {
      const float* values = output.values + row * output.columns;
      if (!any(values + kYoloColumns)) continue;
      const float x = values[0] * width_, y = values[1] * height_;
      const float half_width = values[2] * width_ / 2, half_height = values[3] * height_ / 2;
      add({x - half_width, y - half_height, x + half_width, y + half_height},
          values + kYoloColumns);
    }
  }

  std::vector<Detection> take() { return std::move(found_); }

 private:
  bool any(const float* scores) const {
    return std::any_of(scores, scores + classes_, [this](float score) { return score >= least_; });
  }

  void add(const Box& box, const float* scores) {
    const Box cut{std::clamp(box.x1, 0.0f, width_), std::clamp(box.y1, 0.0f, height_),
                  std::clamp(box.x2, 0.0f, width_), std::clamp(box.y2, 0.0f, height_)};
    if (!(cut.x2 > cut.x1 && cut.y2 > cut.y1)) return;  // of what is no number neither
    for (int64_t id = 0; id < classes_; ++id) {
      if (scores[id] >= least_) found_.push_back({cut, id, std::min(scores[id], 1.0f)});
    }
  }

  float width_, height_;
  int64_t classes_;
  float least_;
  std::vector<Detection> found_;
};

}  // namespace

std::optional<DetectorLayout> recognise_outputs(const std::vector<DetectorOutput>& outputs,
                                                bool darknet, const DetectorInput& input,
                                                int64_t classes) {
  if (darknet) {
    const bool yolo =
        std::all_of(outputs.begin(), outputs.end(), [classes](const DetectorOutput& output) {
          return output.columns == kYoloColumns + classes;
        });
    if (outputs.empty() || !yolo) return std::nullopt;
    return DetectorLayout{DetectorProfile::kYoloFastest, {}};
  }
  const bool four = outputs.size() == 8;
  if (!four && outputs.size() != 6) return std::nullopt;
  DetectorLayout layout{four ? DetectorProfile::kPicodet : DetectorProfile::kNanodet, {}};
  int64_t stride = kFinestStride;
  for (std::size_t level = 0; level < outputs.size() / 2; ++level, stride *= 2) {
    const int64_t cells = cells_along(input.width, stride) * cells_along(input.height, stride);
    const auto scores = only_output(outputs, cells, classes);
    const auto distances = only_output(outputs, cells, kDistanceColumns);
    if (!scores || !distances) return std::nullopt;
    layout.levels.push_back({stride, *scores, *distances});
  }
  return layout;
}

int64_t classes_of(const std::vector<DetectorOutput>& outputs, bool darknet,
                   const DetectorInput& input) {
  for (const DetectorOutput& output : outputs) {
    const int64_t classes = darknet ? output.columns - kYoloColumns : output.columns;
    if (classes > 0 && recognise_outputs(outputs, darknet, input, classes)) return classes;
  }
  return 0;
}

std::string outputs_text(const std::vector<DetectorOutput>& outputs) {
  constexpr std::size_t kMostNamed = 12;
  std::string text;
  for (std::size_t i = 0; i < std::min(outputs.size(), kMostNamed); ++i) {
    std::string shape;
    for (const int64_t size : outputs[i].shape) shape += concat(shape.empty() ? "" : ", ", size);
    text += concat(text.empty() ? "" : ", ", outputs[i].name, " [", shape, "]");
  }
  if (outputs.size() > kMostNamed) text += concat(" and ", outputs.size() - kMostNamed, " more");
  return text.empty() ? "none" : text;
}

std::vector<Detection> decode_outputs(const std::vector<DetectorOutput>& outputs,
                                      const DetectorLayout& layout, const DetectorInput& input,
                                      int64_t classes, float least) {
  OutputDecoder decoder(input, classes, least);
  if (layout.profile == DetectorProfile::kYoloFastest) {
    for (const DetectorOutput& output : outputs) decoder.read_yolo(output);
  }
  for (const DetectorLayout::Level& level : layout.levels) {
    decoder.read_cells(outputs[level.classes], outputs[level.distances], level.stride,
                       layout.profile);
  }
  return decoder.take();
}

}  // namespace vqalign
