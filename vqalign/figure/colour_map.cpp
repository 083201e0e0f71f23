#include "vqalign/figure/colour_map.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>

namespace vqalign {
namespace {

struct ColourMap {
  const char* name;
  std::vector<QRgb> stops;  // evenly spaced
};

const std::array<ColourMap, 4>& colour_maps() {
  static const std::array<ColourMap, 4> maps = {{
      {"viridis",
       {0x440154, 0x472d7b, 0x3b528b, 0x2c728e, 0x21918c, 0x28ae80, 0x5ec962, 0xaddc30, 0xfde725}},
      {"magma",
       {0x000004, 0x1d1147, 0x51127c, 0x832681, 0xb73779, 0xe75263, 0xfc8961, 0xfec488, 0xfcfdbf}},
      {"inferno",
       {0x000004, 0x210c4a, 0x57106e, 0x8a226a, 0xbc3754, 0xe45a31, 0xf98e09, 0xf9cb35, 0xfcffa4}},
      {"cividis",
       {0x00224e, 0x123570, 0x3b496c, 0x575d6d, 0x707173, 0x8a8678, 0xa59c74, 0xc3b369, 0xe1cc55,
        0xfee838}},
  }};
  return maps;
}

double mix(double from, double to, double share) {
  return from + (to - from) * share;
}

QColor mixed(const QColor& from, const QColor& to, double share) {
  return QColor::fromRgbF(static_cast<float>(mix(from.redF(), to.redF(), share)),
                          static_cast<float>(mix(from.greenF(), to.greenF(), share)),
                          static_cast<float>(mix(from.blueF(), to.blueF(), share)));
}

/// Relative luminance as WCAG 2 defines it.
double luminance(const QColor& colour) {
  const auto linear = [](double c) {
    return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
  };
  return 0.2126 * linear(colour.redF()) + 0.7152 * linear(colour.greenF()) +
         0.0722 * linear(colour.blueF());
}

}  // namespace

std::vector<std::string> colour_map_names() {
  std::vector<std::string> names;
  for (const ColourMap& map : colour_maps()) names.emplace_back(map.name);
  return names;
}

QColor map_colour(const std::string& name, double value) {
  const auto& maps = colour_maps();
  const auto map =
      std::find_if(maps.begin(), maps.end(), [&](const ColourMap& m) { return m.name == name; });
  assert(map != maps.end());
  const auto last = static_cast<double>(map->stops.size() - 1);
  const double place = std::clamp(value, 0.0, 1.0) * last;
  const double before = std::min(std::floor(place), last - 1);
  const auto stop = static_cast<std::size_t>(before);
  return mixed(QColor(map->stops[stop]), QColor(map->stops[stop + 1]), place - before);
}

QColor overlay_colour(const std::string& map, double value, double opacity) {
  QColor colour = map_colour(map, value);
  colour.setAlphaF(static_cast<float>(opacity * std::clamp(value, 0.0, 1.0)));
  return colour;
}

QColor laid_over(const QColor& colour, const QColor& background) {
  return mixed(background, colour, colour.alphaF());
}

QColor text_colour_on(const QColor& background) {
  // Where the contrast with black equals that with white.
  return luminance(background) > 0.179 ? QColor(Qt::black) : QColor(Qt::white);
}

}  // namespace vqalign
