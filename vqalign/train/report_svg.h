#pragma once

#include <string>
#include <vector>

namespace vqalign::detail {

// Elements of the report's charts. `style` names a class of the page's style sheet.

/// "12.5"
std::string svg_number(double value);
/// `attributes` are written as they are.
std::string drawn_line(const std::string& attributes, double x1, double y1, double x2, double y2);
std::string drawn_text(const std::string& attributes, const char* anchor, double x, double y,
                       const std::string& text);
std::string line(const char* style, double x1, double y1, double x2, double y2);
std::string rectangle(const char* style, double x, double y, double width, double height);
/// `anchor`: "start", "middle" or "end". The text is escaped.
std::string label(const char* style, const char* anchor, double x, double y,
                  const std::string& text);
/// An <svg> of that size with a title for those who do not see it; "</svg>" ends it.
std::string opening(const std::string& style, int width, int height, const std::string& title);

/// Round numbers that cover the range, a dozen at most: 96, 96.5, 97. `low` <= `high`.
std::vector<double> axis_ticks(double low, double high);

}  // namespace vqalign::detail
