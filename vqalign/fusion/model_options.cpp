#include "vqalign/fusion/model_options.h"

#include "vqalign/core/error.h"

namespace vqalign {

std::vector<OptionField> ModelOptions::fields() {
  return {
      {.name = "structure",
       .target = &structure,
       .help = "what decoder layers see",
       .choices = {"encoder-decoder", "stacking"}},
      {.name = "layers",
       .target = &layers,
       .help = "layers of encoder and of decoder",
       .minimum = 1,
       .maximum = 64},
      {.name = "hidden",
       .target = &hidden,
       .help = "width of word and region states",
       .minimum = 2,
       .maximum = 8192},
      {.name = "heads", .target = &heads, .help = "attention heads", .minimum = 1, .maximum = 256},
      {.name = "feed_forward",
       .target = &feed_forward,
       .help = "width inside the feed-forward",
       .minimum = 1,
       .maximum = 65536},
      {.name = "dropout",
       .target = &dropout,
       .help = "dropout rate",
       .minimum = 0,
       .maximum = 0.95},
      {.name = "region_dropout",
       .target = &region_dropout,
       .help = "dropout rate of the regions' features",
       .minimum = 0,
       .maximum = 0.95},
      {.name = "region_norm",
       .target = &region_norm,
       .help = "whether a region's features are scaled to a mean square of 1"},
      {.name = "pooling_hidden",
       .target = &pooling_hidden,
       .help = "width inside attentional pooling",
       .minimum = 1,
       .maximum = 65536},
      {.name = "glimpses",
       .target = &glimpses,
       .help = "glimpses of attentional pooling",
       .minimum = 1,
       .maximum = 64},
      {.name = "pooled",
       .target = &pooled,
       .help = "width of the pooled states",
       .minimum = 2,
       .maximum = 65536},
      {.name = "boxes",
       .target = &boxes,
       .help = "how boxes enter a region's description",
       .choices = {"none", "plain", "fourier"}},
      {.name = "init",
       .target = &init,
       .help = "how linear maps are initialised",
       .choices = {"reference", "xavier"}},
      {.name = "norm",
       .target = &norm,
       .help = "whether blocks normalise behind or before a sub-layer",
       .choices = {"post", "pre"}},
  };
}

void ModelOptions::check() const {
  if (hidden % heads == 0) return;
  throw UsageError(
      concat("model.hidden is ", hidden, ", which model.heads (", heads, ") does not divide"));
}

}  // namespace vqalign
