#include "vqalign/vision/vision_options.h"

#include "vqalign/core/error.h"

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

}  // namespace

std::vector<OptionField> VisionOptions::fields() {
  return {
      {.name = "encoder",
       .target = &encoder,
       .help = "where regions come from",
       .choices = {"grid", "efficientnet-lite0", "efficientnet-lite1", "efficientnet-lite2",
                   "features"}},
      {.name = "weights",
       .target = &weights,
       .help = "file of a pretrained encoder's weights, .pth or .safetensors (default: what "
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
}

void VisionOptions::check() const {
  if (pretrained() && !tune && keep > 0) {
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
