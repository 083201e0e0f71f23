#include "vqalign/fusion/model_options.h"

#include "vqalign/core/error.h"

namespace vqalign {

namespace {

/// How many of what.
std::vector<OptionField> sizes(ModelOptions& o) {
  return {
      {.name = "layers",
       .target = &o.layers,
       .help = "layers of encoder and of decoder",
       .minimum = 1,
       .maximum = 64},
      {.name = "hidden",
       .target = &o.hidden,
       .help = "width of word and region states",
       .minimum = 2,
       .maximum = 8192},
      {.name = "heads",
       .target = &o.heads,
       .help = "attention heads",
       .minimum = 1,
       .maximum = 256},
      {.name = "feed_forward",
       .target = &o.feed_forward,
       .help = "width inside the feed-forward",
       .minimum = 1,
       .maximum = 65536},
      {.name = "pooling_hidden",
       .target = &o.pooling_hidden,
       .help = "width inside attentional pooling",
       .minimum = 1,
       .maximum = 65536},
      {.name = "glimpses",
       .target = &o.glimpses,
       .help = "glimpses of attentional pooling",
       .minimum = 1,
       .maximum = 64},
      {.name = "pooled",
       .target = &o.pooled,
       .help = "width of the pooled states",
       .minimum = 2,
       .maximum = 65536},
  };
}

}  // namespace

std::vector<OptionField> ModelOptions::fields() {
  std::vector<OptionField> fields = sizes(*this);
  const std::vector<OptionField> others = {
      {.name = "structure",
       .target = &structure,
       .help = "what decoder layers see",
       .choices = {"encoder-decoder", "stacking"}},
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
  fields.insert(fields.end(), others.begin(), others.end());
  return fields;
}

void ModelOptions::check() const {
  if (hidden % heads == 0) return;
  throw UsageError(
      concat("model.hidden is ", hidden, ", which model.heads (", heads, ") does not divide"));
}

}  // namespace vqalign
