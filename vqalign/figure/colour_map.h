#pragma once

#include <QColor>
#include <string>
#include <vector>

namespace vqalign {

/// "viridis", "magma", "inferno", "cividis": maps whose lightness rises evenly, so that they can be
/// read by colour-blind people and in grey print (van der Walt and Smith, "A Better Default
/// Colormap for Matplotlib", SciPy 2015; Nunez et al., PLoS ONE 2018).
std::vector<std::string> colour_map_names();

/// The colour of `value`, cut to 0 .. 1, in the map of that name.
QColor map_colour(const std::string& map, double value);

/// The same as an overlay: its opacity rises from 0 at value 0, where nothing is drawn, evenly to
/// `opacity` at 1.
QColor overlay_colour(const std::string& map, double value, double opacity);

/// `colour` laid over an opaque background.
QColor laid_over(const QColor& colour, const QColor& background);

/// Black or white, whichever reads better on an opaque background.
QColor text_colour_on(const QColor& background);

}  // namespace vqalign
