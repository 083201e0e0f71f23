#include "vqalign/data/data_options.h"

namespace vqalign {

std::vector<OptionField> DataOptions::fields() {
  return {
      {"questions_per_picture", &questions_per_picture,
       "questions of one picture kept together in a batch, so that it is encoded once", 1, 64},
      {"bucket", &bucket,
       "batches of similar length and shape are cut from windows of this many; 1: no sorting", 1,
       100000},
      {"cache_mb", &cache_mb, "bound of the decoded pictures kept in memory, in MiB", 0, 1 << 24},
      {"regions_mb", &regions_mb,
       "regions of pictures kept once the grid CNN is left as it is, where all fit, in MiB", 0,
       1 << 24},
      {"workers", &workers,
       "threads that decode pictures and put batches together ahead; 0: the training's own", 0, 64},
      {.name = "encodings",
       .target = &encodings,
       .help = "folder that keeps regions made by a pretrained encoder; none: nowhere; empty: "
               "vqalign in ~/.cache"},
      {.name = "mirror",
       .target = &mirror,
       .help = "learn from mirrored pictures too, with left and right exchanged in the words"},
      {"crops", &crops, "learn from this many parts of each picture too", 0, 1000},
      {"crop_side", &crop_side, "smallest side of such a part, as a share of the picture's", 0.1,
       1},
  };
}

}  // namespace vqalign
