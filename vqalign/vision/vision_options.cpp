#include "vqalign/vision/vision_options.h"

#include <charconv>

#include "vqalign/core/error.h"

namespace vqalign {

std::vector<OptionField> VisionOptions::fields() {
  return {
      {.name = "encoder",
       .target = &encoder,
       .help = "where regions come from",
       .choices = {"grid", "features"}},
      {.name = "channels", .target = &channels, .help = "channels at strides 2, 4, 8 and 16"},
      {.name = "blocks",
       .target = &blocks,
       .help = "residual blocks a stage",
       .minimum = 0,
       .maximum = 16},
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

std::vector<int64_t> VisionOptions::channel_counts() const {
  std::vector<int64_t> counts;
  for (const std::string& text : channels) {
    int64_t value = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (code != std::errc{} || end != text.data() + text.size() || value < 1 || value > 4096) {
      throw UsageError(concat("vision.channels: \"", text, "\" is no number from 1 to 4096"));
    }
    counts.push_back(value);
  }
  if (counts.size() != 4) {
    throw UsageError(concat("vision.channels has ", counts.size(), " entries, needed are 4"));
  }
  return counts;
}

}  // namespace vqalign
