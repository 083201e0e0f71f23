#include "vqalign/vision/class_names.h"

#include <algorithm>
#include <set>

#include "vqalign/core/atomic_file.h"
#include "vqalign/core/error.h"
#include "vqalign/core/unicode.h"

namespace vqalign {
namespace {

constexpr std::size_t kMostNameBytes = 1 << 20;
constexpr std::size_t kMostNames = 4096;

}  // namespace

const std::vector<std::string>& coco_class_names() {
  static const std::vector<std::string> names = {
      "person",        "bicycle",       "car",           "motorbike",
      "aeroplane",     "bus",           "train",         "truck",
      "boat",          "traffic light", "fire hydrant",  "stop sign",
      "parking meter", "bench",         "bird",          "cat",
      "dog",           "horse",         "sheep",         "cow",
      "elephant",      "bear",          "zebra",         "giraffe",
      "backpack",      "umbrella",      "handbag",       "tie",
      "suitcase",      "frisbee",       "skis",          "snowboard",
      "sports ball",   "kite",          "baseball bat",  "baseball glove",
      "skateboard",    "surfboard",     "tennis racket", "bottle",
      "wine glass",    "cup",           "fork",          "knife",
      "spoon",         "bowl",          "banana",        "apple",
      "sandwich",      "orange",        "broccoli",      "carrot",
      "hot dog",       "pizza",         "donut",         "cake",
      "chair",         "sofa",          "pottedplant",   "bed",
      "diningtable",   "toilet",        "tvmonitor",     "laptop",
      "mouse",         "remote",        "keyboard",      "cell phone",
      "microwave",     "oven",          "toaster",       "sink",
      "refrigerator",  "book",          "clock",         "vase",
      "scissors",      "teddy bear",    "hair drier",    "toothbrush"};
  return names;
}

std::vector<std::string> read_class_names(const std::filesystem::path& path) {
  const std::string text = read_file(path, kMostNameBytes);
  std::vector<std::string> names;
  std::set<std::string> seen;
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    const std::string name(strip(std::string_view(text).substr(start, end - start)));
    start = end + 1;
    if (name.empty()) continue;
    if (!is_utf8(name)) fail(path.string(), ": class ", names.size() + 1, " is no UTF-8 text");
    if (!seen.insert(name).second) fail(path.string(), ": names the class \"", name, "\" twice");
    names.push_back(name);
    if (names.size() > kMostNames) fail(path.string(), ": has more than ", kMostNames, " classes");
  }
  if (names.empty()) fail(path.string(), ": has no class names, expected is one a line");
  return names;
}

}  // namespace vqalign
