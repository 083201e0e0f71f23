#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "vqalign/core/options.h"

namespace vqalign {

/// How an answer is drawn: option group "figure".
struct FigureOptions {
  /// "pooling": the picture under what region pooling looked at, the words tinted by question
  /// pooling, the answers.
  std::string view = "pooling";
  /// A colour map of one direction of lightness that colour-blind people can read (colour_map.h).
  std::string colours = "viridis";
  /// Of the overlay where its weight is largest; 0 is invisible.
  double opacity = 0.65;
  /// Weight that gets the map's last colour, to compare figures; 0: chosen by this figure's largest
  /// weight (overlay.h).
  double scale = 0.0;
  /// How many of the regions with the largest weights are outlined and numbered.
  int64_t regions = 3;
  /// Of the whole figure in pixels; its height follows from what is in it.
  int64_t width = 1200;

  std::vector<OptionField> fields();
};

}  // namespace vqalign
