#include "vqalign/vision/detector_file.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <sstream>
#include <string_view>

#include "vqalign/core/atomic_file.h"
#include "vqalign/core/error.h"
#include "vqalign/core/formats/onnx_file.h"
#include "vqalign/core/unicode.h"

namespace vqalign {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostConfigBytes = 1 << 20;
constexpr int64_t kLeastSide = 32;
constexpr int64_t kMostSide = 2048;

std::string non_empty(const fs::path& path, std::size_t most) {
  std::string bytes = read_file(path, most);
  if (bytes.empty()) fail(path.string(), ": is empty");
  return bytes;
}

/// A number of the section that tells how large pictures are.
int64_t setting_number(const std::string& where, std::string_view key, std::string_view text) {
  int64_t value = 0;
  const auto [stop, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc{} || stop != text.data() + text.size()) {
    fail(where, ": [net] has ", key, "=", text, ", expected is a whole number");
  }
  return value;
}

/// width, height and channels of a .cfg's first section.
DetectorInput darknet_input(const DetectorFile& file) {
  std::istringstream lines(file.config);
  std::optional<int64_t> width, height, channels;
  bool in_net = false;
  for (std::string line; std::getline(lines, line);) {
    const std::string_view text = strip(line);
    if (text.starts_with("[")) {
      if (in_net) break;
      in_net = text == "[net]" || text == "[network]";
      continue;
    }
    const std::size_t equals = text.find('=');
    if (!in_net || text.starts_with("#") || equals == std::string_view::npos) continue;
    const std::string_view key = strip(text.substr(0, equals));
    for (const auto& [name, place] :
         {std::pair{"width", &width}, {"height", &height}, {"channels", &channels}}) {
      if (key == name) *place = setting_number(file.name, key, strip(text.substr(equals + 1)));
    }
  }
  if (!in_net) fail(file.name, ": is no Darknet configuration: it has no [net] section");
  if (!width || !height) fail(file.name, ": [net] has no width or no height");
  if (channels.value_or(3) != 3) {
    fail(file.name, ": takes pictures of ", *channels, " channels, expected are 3");
  }
  return {*width, *height};
}

DetectorInput onnx_input(const DetectorFile& file) {
  const OnnxSummary summary = check_onnx(file.network, file.name);
  if (summary.inputs.size() != 1) {
    fail(file.name, ": has ", summary.inputs.size(), " inputs, a detector has 1");
  }
  const std::vector<int64_t>& shape = summary.inputs.front().shape;
  if (shape.size() == 4 && shape[0] <= 1 && shape[1] == 3) return {shape[3], shape[2]};
  std::string text;
  for (const int64_t size : shape) text += concat(text.empty() ? "" : ", ", size);
  fail(file.name, ": takes pictures of shape [", text, "], expected is [1, 3, height, width]");
}

}  // namespace

fs::path darknet_weights(const fs::path& path) {
  return path.extension() == ".cfg" ? fs::path(path).replace_extension(".weights") : fs::path();
}

DetectorFile read_detector_file(const fs::path& path) {
  DetectorFile file{path.string(), {}, {}};
  if (path.extension() == ".cfg") {
    file.config = non_empty(path, kMostConfigBytes);
    const fs::path weights = darknet_weights(path);
    std::error_code ignored;
    if (!fs::exists(weights, ignored)) {
      throw Error(concat(path.string(), ": its weights are not there, ", weights.string()),
                  "a Darknet detector is two files of one name, .cfg and .weights");
    }
    file.network = non_empty(weights, kMostDetectorBytes);
  } else if (path.extension() == ".onnx") {
    file.network = non_empty(path, kMostDetectorBytes);
  } else {
    fail(path.string(), ": is no detector by its name, which ends in .onnx or .cfg");
  }
  return file;
}

DetectorInput detector_input(const DetectorFile& file) {
  const DetectorInput input = file.darknet() ? darknet_input(file) : onnx_input(file);
  for (const int64_t side : {input.width, input.height}) {
    if (side >= kLeastSide && side <= kMostSide) continue;
    fail(file.name, ": takes pictures of ", input.width, "x", input.height,
         " pixels, allowed is a fixed size of ", kLeastSide, " to ", kMostSide, " a side");
  }
  return input;
}

}  // namespace vqalign
