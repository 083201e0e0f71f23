#include "vqalign/data/scenes_shapes.h"

#include <array>
#include <cmath>
#include <functional>
#include <numbers>
#include <opencv2/imgproc.hpp>

namespace vqalign::scenes {
namespace {

constexpr int kSupersampling = 4;
constexpr double kPi = std::numbers::pi;
constexpr double kOutlinePixels = 0.9;

using Contour = std::vector<cv::Point2d>;

/// A shape in units of half its extent, around the origin; contours combine by the even-odd rule.
/// The factors make different shapes of one extent look equally large.
using Outline = std::vector<Contour>;

Contour arc(cv::Point2d centre, double radius, double from, double to, int steps) {
  Contour points;
  for (int i = 0; i <= steps; ++i) {
    const double angle = from + (to - from) * i / steps;
    points.emplace_back(centre.x + radius * std::cos(angle), centre.y + radius * std::sin(angle));
  }
  return points;
}

Contour regular(int corners, double outer, double inner) {
  Contour points;
  const int count = inner > 0 ? 2 * corners : corners;
  for (int i = 0; i < count; ++i) {
    const double radius = inner > 0 && i % 2 == 1 ? inner : outer;
    const double angle = -kPi / 2 + 2 * kPi * i / count;
    points.emplace_back(radius * std::cos(angle), radius * std::sin(angle));
  }
  return points;
}

Outline circle() {
  return {arc({0, 0}, 1, 0, 2 * kPi, 48)};
}

Outline ring() {
  return {arc({0, 0}, 1.03, 0, 2 * kPi, 48), arc({0, 0}, 0.52, 0, 2 * kPi, 32)};
}

Outline square() {
  const double half = 0.88;
  return {{{-half, -half}, {half, -half}, {half, half}, {-half, half}}};
}

Outline triangle() {
  return {regular(3, 1.17, 0)};
}

Outline star() {
  return {regular(5, 1.2, 0.48)};
}

Outline cross() {
  const double a = 1.04;
  const double b = 0.34;
  return {{{-b, -a},
           {b, -a},
           {b, -b},
           {a, -b},
           {a, b},
           {b, b},
           {b, a},
           {-b, a},
           {-b, b},
           {-a, b},
           {-a, -b},
           {-b, -b}}};
}

Outline heart() {
  Contour points;
  for (int i = 0; i < 60; ++i) {
    const double t = 2 * kPi * i / 60;
    const double x = 16 * std::pow(std::sin(t), 3);
    const double y = 13 * std::cos(t) - 5 * std::cos(2 * t) - 2 * std::cos(3 * t) - std::cos(4 * t);
    points.emplace_back(1.08 * x / 16, -1.08 * (y + 2.5) / 15);
  }
  return {points};
}

/// The outer disc less a disc that is shifted towards +x, its tips where the two circles meet.
Outline crescent() {
  const double outer = 1.12;
  const double inner = 0.9;
  const double shift = 0.62;
  const double meet_x = (outer * outer - inner * inner + shift * shift) / (2 * shift);
  const double meet_y = std::sqrt(outer * outer - meet_x * meet_x);
  const double from = std::atan2(meet_y, meet_x);
  const double back = std::atan2(meet_y, meet_x - shift);
  const double centring = 0.5 * (outer - meet_x);
  Contour points = arc({centring, 0}, outer, from, 2 * kPi - from, 40);
  const Contour hollow = arc({centring + shift, 0}, inner, 2 * kPi - back, back, 32);
  points.insert(points.end(), hollow.begin() + 1, hollow.end() - 1);
  return {points};
}

const Outline& outline_of(int shape) {
  static const std::array<Outline, 8> outlines = {circle(), square(), triangle(), star(),
                                                  cross(),  ring(),   heart(),    crescent()};
  return outlines.at(static_cast<std::size_t>(shape));
}

std::vector<std::vector<cv::Point>> transform(const SceneObject& object, int side, int shift) {
  const double scale = 0.5 * object.extent * kSupersampling;
  const double cosine = std::cos(object.angle);
  const double sine = std::sin(object.angle);
  const double centre = 0.5 * side - 0.5;
  const double fixed = 1 << shift;
  std::vector<std::vector<cv::Point>> contours;
  for (const Contour& contour : outline_of(object.shape)) {
    auto& points = contours.emplace_back();
    for (const cv::Point2d& p : contour) {
      const double x = centre + scale * (cosine * p.x - sine * p.y);
      const double y = centre + scale * (sine * p.x + cosine * p.y);
      points.emplace_back(static_cast<int>(std::lround(x * fixed)),
                          static_cast<int>(std::lround(y * fixed)));
    }
  }
  return contours;
}

}  // namespace

Stamp make_stamp(const SceneObject& object, bool outlined) {
  constexpr int kShift = 4;
  const int patch = static_cast<int>(std::ceil(object.extent * 1.26)) + 6;
  const int side = patch * kSupersampling;
  const auto contours = transform(object, side, kShift);
  cv::Mat fill = cv::Mat::zeros(side, side, CV_8UC1);
  cv::Mat outline = cv::Mat::zeros(side, side, CV_8UC1);
  cv::fillPoly(fill, contours, cv::Scalar(255), cv::LINE_8, kShift);
  if (outlined) {
    cv::polylines(outline, contours, true, cv::Scalar(255),
                  static_cast<int>(std::lround(kOutlinePixels * kSupersampling)), cv::LINE_8,
                  kShift);
  }

  Stamp stamp;
  cv::resize(fill, stamp.fill, {patch, patch}, 0, 0, cv::INTER_AREA);
  cv::resize(outline, stamp.outline, {patch, patch}, 0, 0, cv::INTER_AREA);
  const cv::Mat covered = cv::max(fill, outline);
  cv::Mat coverage;
  cv::resize(covered, coverage, {patch, patch}, 0, 0, cv::INTER_AREA);
  stamp.solid = (coverage >= 128) / 255;
  stamp.area = cv::countNonZero(stamp.solid);
  cv::dilate(stamp.solid, stamp.near, cv::getStructuringElement(cv::MORPH_ELLIPSE, {5, 5}));
  stamp.bounds = cv::boundingRect(coverage >= 32);
  return stamp;
}

}  // namespace vqalign::scenes
