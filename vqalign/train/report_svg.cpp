#include "vqalign/train/report_svg.h"

#include <algorithm>
#include <cmath>

#include "vqalign/core/error.h"
#include "vqalign/train/report_parts.h"

namespace vqalign::detail {

std::string svg_number(double value) {
  return html_number(value, 1);
}

std::string drawn_line(const std::string& attributes, double x1, double y1, double x2, double y2) {
  return concat("<line ", attributes, " x1=\"", svg_number(x1), "\" y1=\"", svg_number(y1),
                "\" x2=\"", svg_number(x2), "\" y2=\"", svg_number(y2), "\"/>");
}

std::string drawn_text(const std::string& attributes, const char* anchor, double x, double y,
                       const std::string& text) {
  return concat("<text ", attributes, " text-anchor=\"", anchor, "\" x=\"", svg_number(x),
                "\" y=\"", svg_number(y), "\">", html_text(text), "</text>");
}

std::string line(const char* style, double x1, double y1, double x2, double y2) {
  return drawn_line(concat("class=\"", style, "\""), x1, y1, x2, y2);
}

std::string rectangle(const char* style, double x, double y, double width, double height) {
  return concat("<rect class=\"", style, "\" x=\"", svg_number(x), "\" y=\"", svg_number(y),
                "\" width=\"", svg_number(width), "\" height=\"", svg_number(height), "\"/>");
}

std::string label(const char* style, const char* anchor, double x, double y,
                  const std::string& text) {
  return drawn_text(concat("class=\"", style, "\""), anchor, x, y, text);
}

std::string opening(const std::string& style, int width, int height, const std::string& title) {
  return concat("<svg class=\"", style, "\" viewBox=\"0 0 ", width, " ", height,
                "\" role=\"img\" xmlns=\"http://www.w3.org/2000/svg\"><title>", html_text(title),
                "</title>\n");
}

std::vector<double> axis_ticks(double low, double high) {
  const double size = std::max(std::abs(low), std::abs(high));
  // The rounding of a mean of equal values is no range.
  if (!(high - low > 1e-9 * size)) {
    const double around = std::max(size * 0.01, 1e-3);
    low -= around;
    high += around;
  }
  // The largest of 1, 2 and 5 times a power of ten that gives four steps or more.
  double step = std::pow(10.0, std::floor(std::log10(high - low)));
  for (const double finer : {0.5, 0.4, 0.5}) {
    if ((high - low) / step >= 4) break;
    step *= finer;
  }
  std::vector<double> ticks;
  const double first = std::floor(low / step + 1e-9), last = std::ceil(high / step - 1e-9);
  for (double i = first; i <= last; ++i) ticks.push_back(i * step);
  return ticks;
}

}  // namespace vqalign::detail
