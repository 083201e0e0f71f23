#include "vqalign/vision/detector.h"

#include <algorithm>
#include <cstring>
#include <mutex>
#include <opencv2/dnn.hpp>
#include <opencv2/imgproc.hpp>

#include "vqalign/core/error.h"
#include "vqalign/vision/detector_outputs.h"
#include "vqalign/vision/opencv_quiet.h"

namespace vqalign {
namespace {

/// Candidates of a class that suppression looks at; a picture of noise has more.
constexpr int kMostOfAClass = 400;

/// The first line of what a library says.
std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

/// Runs `work`, whose exceptions of any kind mean that the file is not what it says.
template <typename Work>
auto guarded(const DetectorFile& file, const char* failure, const Work& work) {
  try {
    return work();
  } catch (const Error&) {
    throw;
  } catch (const cv::Exception& error) {
    fail(file.name, ": ", failure, " (OpenCV: ", first_line(error.err), ")");
  } catch (const std::exception& error) {
    fail(file.name, ": ", failure, " (", first_line(error.what()), ")");
  }
}

cv::dnn::Net read_network(const DetectorFile& file) {
  cv::dnn::Net net = file.darknet()
                         ? cv::dnn::readNetFromDarknet(file.config.data(), file.config.size(),
                                                       file.network.data(), file.network.size())
                         : cv::dnn::readNetFromONNX(file.network.data(), file.network.size());
  net.setPreferableBackend(cv::dnn::DNN_BACKEND_OPENCV);
  net.setPreferableTarget(cv::dnn::DNN_TARGET_CPU);
  return net;
}

/// OpenCV reads on behind the end of .weights that are too short, and stops in those too long.
void check_darknet_size(const DetectorFile& file, cv::dnn::Net& net) {
  uint64_t numbers = 0;
  for (const std::string& name : net.getLayerNames()) {
    const cv::Ptr<cv::dnn::Layer> layer = net.getLayer(net.getLayerId(name));
    if (layer->type == "Region") continue;  // its anchors stand in the .cfg
    for (const cv::Mat& blob : layer->blobs) numbers += blob.total();
  }
  int32_t version[3] = {0, 0, 0};
  std::memcpy(version, file.network.data(), std::min(sizeof version, file.network.size()));
  // Darknet's load_weights_upto(): how many pictures it saw has 8 bytes from version 0.2 on.
  const bool wide =
      int64_t{version[0]} * 10 + version[1] >= 2 && version[0] < 1000 && version[1] < 1000;
  const uint64_t expected = sizeof version + (wide ? 8 : 4) + 4 * numbers;
  if (file.network.size() == expected) return;
  fail(file.name, ": its weights have ", file.network.size(), " bytes, the layers ask for ",
       expected);
}

DetectorOutput described(const std::string& name, const cv::Mat& values) {
  DetectorOutput output{name, {}, 0, 0, nullptr};
  for (int i = 0; i < values.dims; ++i) output.shape.push_back(values.size[i]);
  const auto& shape = output.shape;
  const bool table = shape.size() == 2 || (shape.size() == 3 && shape[0] == 1);
  if (!table || values.type() != CV_32F || !values.isContinuous()) return output;
  output.rows = shape[shape.size() - 2];
  output.columns = shape.back();
  output.values = values.ptr<float>();
  return output;
}

[[noreturn]] void refuse_outputs(const DetectorFile& file, int64_t classes,
                                 const std::vector<DetectorOutput>& outputs) {
  const std::string what =
      concat(file.name, ": its outputs are none of picodet's, nanodet's or yolo-fastest's");
  const std::string found = concat(": found ", outputs_text(outputs));
  if (classes == 0) fail(what, found);
  throw Error(concat(what, " for ", classes, " classes", found),
              "vision.detector_names names a file of as many classes as it tells apart");
}

/// The better of two of one class that lie on top of each other, the best of all first.
std::vector<Detection> best_of(const std::vector<Detection>& candidates, int64_t classes,
                               const DetectionLimits& limits) {
  std::vector<std::vector<std::size_t>> by_class(static_cast<std::size_t>(classes));
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    by_class[static_cast<std::size_t>(candidates[i].class_id)].push_back(i);
  }
  std::vector<Detection> best;
  for (const std::vector<std::size_t>& members : by_class) {
    if (members.empty()) continue;
    std::vector<cv::Rect2d> boxes;
    std::vector<float> scores;
    for (const std::size_t i : members) {
      const Box& box = candidates[i].box;
      boxes.emplace_back(box.x1, box.y1, double(box.x2) - box.x1, double(box.y2) - box.y1);
      scores.push_back(candidates[i].score);
    }
    std::vector<int> kept;
    // The threshold is the decoder's, which takes what reaches it; this one would not.
    cv::dnn::NMSBoxes(boxes, scores, 0.0f, static_cast<float>(limits.overlap), kept, 1.0f,
                      kMostOfAClass);
    std::sort(kept.begin(), kept.end());
    for (const int place : kept) best.push_back(candidates[members[std::size_t(place)]]);
  }
  std::stable_sort(best.begin(), best.end(),
                   [](const Detection& a, const Detection& b) { return a.score > b.score; });
  if (static_cast<int64_t>(best.size()) > limits.most) best.resize(std::size_t(limits.most));
  return best;
}

}  // namespace

struct Detector::Network {
  DetectorFile file;  ///< its name alone
  int64_t classes = 0;
  DetectorInput input;
  DetectorLayout layout;
  cv::dnn::Net net;
  std::vector<std::string> names;  ///< of outputs
  std::mutex one_at_a_time;

  /// A blob as the profile wants pictures.
  cv::Mat blob_of(const RgbView& picture) const;
  std::vector<cv::Mat> run(const cv::Mat& blob);
  std::vector<DetectorOutput> describe(const std::vector<cv::Mat>& values) const;
};

cv::Mat Detector::Network::blob_of(const RgbView& picture) const {
  const cv::Mat rgb(static_cast<int>(picture.height), static_cast<int>(picture.width), CV_8UC3,
                    const_cast<uint8_t*>(picture.pixels),
                    static_cast<std::size_t>(picture.row_bytes));
  const cv::Size size(static_cast<int>(input.width), static_cast<int>(input.height));
  const bool smaller = size.width <= rgb.cols && size.height <= rgb.rows;
  cv::Mat stretched;
  cv::resize(rgb, stretched, size, 0, 0, smaller ? cv::INTER_AREA : cv::INTER_LINEAR);
  if (layout.profile == DetectorProfile::kYoloFastest) {
    return cv::dnn::blobFromImage(stretched, 1 / 255.0);
  }
  cv::Mat bgr, scaled;
  cv::cvtColor(stretched, bgr, cv::COLOR_RGB2BGR);
  bgr.convertTo(scaled, CV_32F);
  cv::subtract(scaled, cv::Scalar(103.53, 116.28, 123.675), scaled);
  cv::divide(scaled, cv::Scalar(57.375, 57.12, 58.395), scaled);
  return cv::dnn::blobFromImage(scaled);
}

std::vector<cv::Mat> Detector::Network::run(const cv::Mat& blob) {
  net.setInput(blob);
  std::vector<cv::Mat> values;
  net.forward(values, names);
  return values;
}

std::vector<DetectorOutput> Detector::Network::describe(const std::vector<cv::Mat>& values) const {
  std::vector<DetectorOutput> outputs;
  for (std::size_t i = 0; i < values.size(); ++i) outputs.push_back(described(names[i], values[i]));
  return outputs;
}

Detector::Detector(const DetectorFile& file, int64_t classes)
    : network_(std::make_unique<Network>()) {
  quieten_opencv();
  Network& own = *network_;
  own.file.name = file.name;
  own.input = detector_input(file);
  const auto read = [&] {
    own.net = read_network(file);
    if (file.darknet()) check_darknet_size(file, own.net);
    own.names = own.net.getUnconnectedOutLayersNames();
    return own.net.empty();
  };
  if (guarded(file, "cannot be read as a detector", read)) fail(file.name, ": has no layers");
  const std::vector<cv::Mat> values = guarded(file, "its network cannot be run", [&] {
    const int shape[] = {1, 3, static_cast<int>(own.input.height),
                         static_cast<int>(own.input.width)};
    return own.run(cv::Mat(4, shape, CV_32F, cv::Scalar(0)));
  });
  const std::vector<DetectorOutput> outputs = own.describe(values);
  own.classes = classes > 0 ? classes : classes_of(outputs, file.darknet(), own.input);
  const auto layout = recognise_outputs(outputs, file.darknet(), own.input, own.classes);
  if (!layout) refuse_outputs(file, classes, outputs);
  own.layout = *layout;
}

Detector::~Detector() = default;
Detector::Detector(Detector&&) noexcept = default;
Detector& Detector::operator=(Detector&&) noexcept = default;

const char* Detector::profile() const {
  switch (network_->layout.profile) {
    case DetectorProfile::kPicodet:
      return "picodet";
    case DetectorProfile::kNanodet:
      return "nanodet";
    case DetectorProfile::kYoloFastest:
      break;
  }
  return "yolo-fastest";
}

const DetectorInput& Detector::input() const {
  return network_->input;
}

int64_t Detector::classes() const {
  return network_->classes;
}

std::vector<Detection> Detector::detect(const RgbView& picture,
                                        const DetectionLimits& limits) const {
  Network& own = *network_;
  const std::scoped_lock one(own.one_at_a_time);
  std::vector<Detection> found = guarded(own.file, "its network cannot be run", [&] {
    const std::vector<cv::Mat> values = own.run(own.blob_of(picture));
    return best_of(decode_outputs(own.describe(values), own.layout, own.input, own.classes,
                                  static_cast<float>(limits.score)),
                   own.classes, limits);
  });
  const float x = float(picture.width) / float(own.input.width);
  const float y = float(picture.height) / float(own.input.height);
  for (Detection& detection : found) {
    Box& box = detection.box;
    box = {box.x1 * x, box.y1 * y, std::min(box.x2 * x, float(picture.width)),
           std::min(box.y2 * y, float(picture.height))};
  }
  return found;
}

}  // namespace vqalign
