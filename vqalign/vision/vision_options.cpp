#include "vqalign/vision/vision_options.h"

#include "vqalign/core/error.h"
#include "vqalign/vision/class_names.h"
#include "vqalign/vision/detector_file.h"
#include "vqalign/vision/encoder_names.h"

namespace vqalign {
namespace {

std::vector<int64_t> four_numbers(const std::vector<std::string>& texts, const char* name,
                                  int64_t least, int64_t most) {
  std::vector<int64_t> numbers = whole_numbers(texts, name, least, most);
  if (numbers.size() != 4) {
    throw UsageError(concat(name, " has ", numbers.size(), " entries, needed are 4"));
  }
  return numbers;
}

std::vector<std::string> encoder_choices() {
  std::vector<std::string> names = picture_encoder_names();
  names.emplace_back("features");
  return names;
}

std::vector<OptionField> detector_fields(VisionOptions& options) {
  return {
      {.name = "detector",
       .target = &options.detector,
       .help = "a detector: FILE.onnx (picodet, nanodet), or FILE.cfg with FILE.weights beside it "
               "(yolo-fastest)"},
      {.name = "detector_names",
       .target = &options.detector_names,
       .help = "file of its classes' names, one a line (default: COCO's 80)"},
      {.name = "classes",
       .target = &options.classes,
       .help = "names of a detector's classes (default: those of detector_names)"},
      {.name = "backbone",
       .target = &options.backbone,
       .help = "network that describes what a detector finds",
       .choices = pretrained_network_names()},
      {.name = "detector_score",
       .target = &options.detector_score,
       .help = "least score of what a detector finds",
       .minimum = 0.01,
       .maximum = 1},
      {.name = "detector_overlap",
       .target = &options.detector_overlap,
       .help = "intersection over union up to which two of one class are both kept",
       .minimum = 0.05,
       .maximum = 1},
      {.name = "max_detections",
       .target = &options.max_detections,
       .help = "things that a detector finds in a picture, at most",
       .minimum = 0,
       .maximum = 300},
      {.name = "detector_grid",
       .target = &options.detector_grid,
       .help = "whether the backbone's cells are regions behind a detector's"},
  };
}

}  // namespace

std::vector<OptionField> VisionOptions::fields() {
  std::vector<OptionField> fields = {
      {.name = "encoder",
       .target = &encoder,
       .help = "where regions come from",
       .choices = encoder_choices()},
      {.name = "weights",
       .target = &weights,
       .help = "file of a pretrained encoder's weights, .pth or .safetensors, of resnet50 and "
               "resnet101 with torchvision's names (default: an EfficientNet-Lite's that "
               "scripts/setup --pretrained fetches)"},
      {.name = "stages",
       .target = &stages,
       .help = "last stages of a pretrained encoder that describe a cell",
       .minimum = 1,
       .maximum = 2},
      {.name = "tune", .target = &tune, .help = "whether training changes a pretrained encoder"},
      {.name = "channels", .target = &channels, .help = "channels at strides 2, 4, 8 and 16"},
      {.name = "blocks", .target = &blocks, .help = "residual blocks at strides 2, 4, 8 and 16"},
      {.name = "pool",
       .target = &pool,
       .help = "cells joined to a region, a side",
       .minimum = 1,
       .maximum = 8},
      {.name = "keep",
       .target = &keep,
       .help = "cells kept as regions, the most salient; 0: all",
       .minimum = 0,
       .maximum = 4096},
      {.name = "pixels",
       .target = &pixels,
       .help = "pictures are scaled to about this many pixels",
       .minimum = 256,
       .maximum = 4e6},
      {.name = "longest",
       .target = &longest,
       .help = "longest side after scaling, in pixels",
       .minimum = 16,
       .maximum = 4096},
      {.name = "enlarge", .target = &enlarge, .help = "whether small pictures are scaled up"},
      {.name = "feature_width",
       .target = &feature_width,
       .help = "width of stored features",
       .minimum = 1,
       .maximum = 65536},
      {.name = "max_regions",
       .target = &max_regions,
       .help = "stored regions used at most",
       .minimum = 1,
       .maximum = 4096},
  };
  for (OptionField& field : detector_fields(*this)) fields.push_back(std::move(field));
  return fields;
}

const std::vector<std::string>& VisionOptions::class_names() const {
  return classes.empty() ? coco_class_names() : classes;
}

void VisionOptions::complete() {
  if (pretrained() && weights.empty() && !weights_are_fetched(network())) {
    throw UsageError(concat("vision.", detects() ? "backbone" : "encoder", " is ", network(),
                            ", whose weights do not come with vqalign, and vision.weights names "
                            "no file"),
                     concat("--set vision.weights=FILE, torchvision's weights of ", network(),
                            " (.pth or .safetensors)"));
  }
  if (!detects()) return;
  if (detector.empty()) {
    throw UsageError("vision.encoder is detector, but vision.detector names no file",
                     "--set vision.detector=FILE.onnx");
  }
  if (!detector_names.empty()) classes = read_class_names(detector_names);
}

std::vector<std::filesystem::path> VisionOptions::files() const {
  std::vector<std::filesystem::path> files;
  if (!pretrained()) return files;
  if (!weights.empty()) files.emplace_back(weights);
  if (!detects()) return files;
  for (const std::filesystem::path& file :
       {std::filesystem::path(detector), std::filesystem::path(detector_names),
        darknet_weights(detector)}) {
    if (!file.empty()) files.push_back(file);
  }
  return files;
}

void VisionOptions::check() const {
  if (!detector.empty() && !detects()) {
    throw UsageError(concat("vision.detector is ", detector, ", but vision.encoder is ", encoder,
                            ", which has no use for it"),
                     "set vision.encoder=detector, or leave vision.detector out");
  }
  if (pretrained() && !detects() && !tune && keep > 0) {
    throw UsageError(concat("vision.keep is ", keep, ", but which cells stand out is learned, and ",
                            encoder, " is left as it is"),
                     "set vision.keep=0 (recipe photos does), or vision.tune=true");
  }
}

std::vector<int64_t> VisionOptions::channel_counts() const {
  return four_numbers(channels, "vision.channels", 1, 4096);
}

std::vector<int64_t> VisionOptions::block_counts() const {
  return four_numbers(blocks, "vision.blocks", 0, 16);
}

}  // namespace vqalign
