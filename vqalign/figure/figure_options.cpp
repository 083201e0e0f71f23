#include "vqalign/figure/figure_options.h"

#include "vqalign/figure/colour_map.h"

namespace vqalign {

std::vector<OptionField> FigureOptions::fields() {
  return {
      {.name = "view", .target = &view, .help = "what is drawn", .choices = {"pooling"}},
      {.name = "colours",
       .target = &colours,
       .help = "colour map of the weights",
       .choices = colour_map_names()},
      {.name = "opacity",
       .target = &opacity,
       .help = "of the overlay where its weight is largest",
       .minimum = 0,
       .maximum = 1},
      {.name = "scale",
       .target = &scale,
       .help = "region weight that gets the last colour, 0: by the figure's largest",
       .minimum = 0,
       .maximum = 1},
      {.name = "regions",
       .target = &regions,
       .help = "largest regions that are outlined and numbered",
       .minimum = 0,
       .maximum = 20},
      {.name = "width",
       .target = &width,
       .help = "of the figure in pixels",
       .minimum = 300,
       .maximum = 8000},
  };
}

}  // namespace vqalign
