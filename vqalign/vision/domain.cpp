#include "vqalign/vision/domain.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <opencv2/core.hpp>
#include <string>

#include "vqalign/core/error.h"

namespace vqalign {
namespace {

constexpr std::size_t kSize = kPictureStatistics;
constexpr std::size_t kFewestPictures = 50;
constexpr std::size_t kMostComponents = 16;
constexpr std::size_t kPicturesPerComponent = 60;
// Added to every variance, as a share of the whole sample's: what a sample does not show may still
// vary.
constexpr double kRidge = 0.1;
constexpr double kPriorPictures = 30;

using Sample = std::vector<PictureStatistics>;

// Six digits are enough and keep the metadata small.
double rounded(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value);
  return std::strtod(text, nullptr);
}

double squared_distance(const PictureStatistics& a, const PictureStatistics& b) {
  double sum = 0;
  for (std::size_t i = 0; i < kSize; ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return sum;
}

PictureStatistics mean_of(const Sample& sample) {
  PictureStatistics mean{};
  for (const PictureStatistics& one : sample) {
    for (std::size_t i = 0; i < kSize; ++i) mean[i] += one[i] / static_cast<double>(sample.size());
  }
  return mean;
}

// Each centre as far as possible from those before it: no chance involved.
Sample spread_centres(const Sample& points, std::size_t count) {
  Sample centres{points.front()};
  std::vector<double> distances(points.size(), std::numeric_limits<double>::infinity());
  while (centres.size() < count) {
    for (std::size_t i = 0; i < points.size(); ++i) {
      distances[i] = std::min(distances[i], squared_distance(points[i], centres.back()));
    }
    const auto farthest = std::max_element(distances.begin(), distances.end());
    centres.push_back(points[static_cast<std::size_t>(farthest - distances.begin())]);
  }
  return centres;
}

std::vector<Sample> assign(const Sample& points, const Sample& centres) {
  std::vector<Sample> groups(centres.size());
  for (const PictureStatistics& point : points) {
    std::size_t nearest = 0;
    for (std::size_t k = 1; k < centres.size(); ++k) {
      if (squared_distance(point, centres[k]) < squared_distance(point, centres[nearest])) {
        nearest = k;
      }
    }
    groups[nearest].push_back(point);
  }
  return groups;
}

// Lloyd's algorithm.
std::vector<Sample> cluster(const Sample& points, std::size_t count) {
  Sample centres = spread_centres(points, count);
  std::vector<Sample> groups;
  for (int round = 0; round < 25; ++round) {
    groups = assign(points, centres);
    for (std::size_t k = 0; k < count; ++k) {
      if (!groups[k].empty()) centres[k] = mean_of(groups[k]);
    }
  }
  return groups;
}

Json numbers_to_json(const PictureStatistics& numbers) {
  Json json = Json::array();
  for (const double number : numbers) json.push(number);
  return json;
}

PictureStatistics numbers_from_json(const Json& json, const std::string& where) {
  const Json::Array& items = json.as_array(where);
  if (items.size() != kSize) {
    fail(where, ": expected ", kSize, " numbers, found ", items.size());
  }
  PictureStatistics numbers{};
  for (std::size_t i = 0; i < kSize; ++i) numbers[i] = items[i].as_double(where);
  return numbers;
}

}  // namespace

PictureStatistics DomainModel::whiten(const PictureStatistics& statistics) const {
  PictureStatistics result{};
  for (std::size_t axis = 0; axis < kSize; ++axis) {
    for (std::size_t i = 0; i < kSize; ++i) {
      result[axis] += axes_[axis][i] * (statistics[i] - mean_[i]);
    }
  }
  return result;
}

void DomainModel::fit_whitening(const Sample& sample) {
  const int size = kPictureStatistics;
  mean_ = mean_of(sample);
  PictureStatistics deviation{};
  for (const PictureStatistics& one : sample) {
    for (std::size_t i = 0; i < kSize; ++i) deviation[i] += std::pow(one[i] - mean_[i], 2);
  }
  for (double& value : deviation)
    value = 0.01 + std::sqrt(value / static_cast<double>(sample.size()));

  cv::Mat correlation = kRidge * cv::Mat::eye(size, size, CV_64F);
  for (const PictureStatistics& one : sample) {
    cv::Mat row(1, size, CV_64F);
    for (int i = 0; i < size; ++i) {
      const auto at = static_cast<std::size_t>(i);
      row.at<double>(i) = (one[at] - mean_[at]) / deviation[at];
    }
    correlation += row.t() * row / static_cast<double>(sample.size());
  }
  cv::Mat values, vectors;
  cv::eigen(correlation, values, vectors);
  axes_.assign(kSize, {});
  for (int axis = 0; axis < size; ++axis) {
    for (int i = 0; i < size; ++i) {
      const auto at = static_cast<std::size_t>(i);
      axes_[static_cast<std::size_t>(axis)][at] =
          rounded(vectors.at<double>(axis, i) / deviation[at] / std::sqrt(values.at<double>(axis)));
    }
  }
  for (double& value : mean_) value = rounded(value);
}

void DomainModel::fit_components(const Sample& whitened) {
  const std::size_t count =
      std::clamp<std::size_t>(whitened.size() / kPicturesPerComponent, 1, kMostComponents);
  for (const Sample& group : cluster(whitened, count)) {
    if (group.empty()) continue;
    Component component{mean_of(group), {}};
    component.variance.fill(kPriorPictures);
    for (const PictureStatistics& one : group) {
      for (std::size_t i = 0; i < kSize; ++i) {
        component.variance[i] += kRidge + std::pow(one[i] - component.centre[i], 2);
      }
    }
    const double weight = kPriorPictures + static_cast<double>(group.size());
    for (double& value : component.variance) value = rounded(value / weight);
    for (double& value : component.centre) value = rounded(value);
    components_.push_back(component);
  }
}

// Half of the pictures make the mixture, the other half says how far such pictures lie from it.
DomainModel DomainModel::fit(const Sample& sample) {
  DomainModel model;
  if (sample.size() < kFewestPictures) return model;
  Sample halves[2];
  for (std::size_t i = 0; i < sample.size(); ++i) halves[i % 2].push_back(sample[i]);
  model.fit_whitening(halves[0]);
  Sample whitened;
  for (const PictureStatistics& one : halves[0]) whitened.push_back(model.whiten(one));
  model.fit_components(whitened);

  std::vector<double> distances;
  for (const PictureStatistics& one : halves[1]) distances.push_back(model.nearest(one));
  std::sort(distances.begin(), distances.end());
  constexpr double kShare = 0.995;
  constexpr double kSlack = 1.2;
  const double place = kShare * static_cast<double>(distances.size());
  // The least is for pictures that hardly differ at all.
  constexpr double kLeast = 1.0;
  const double farthest =
      distances[std::min(distances.size() - 1, static_cast<std::size_t>(place))];
  model.limit_ = rounded(kSlack * std::max(kLeast, farthest));
  return model;
}

double DomainModel::nearest(const PictureStatistics& statistics) const {
  const PictureStatistics point = whiten(statistics);
  double smallest = std::numeric_limits<double>::infinity();
  for (const Component& component : components_) {
    double sum = 0;
    for (std::size_t i = 0; i < kSize; ++i) {
      sum += std::pow(point[i] - component.centre[i], 2) / component.variance[i];
    }
    smallest = std::min(smallest, sum);
  }
  return std::sqrt(smallest);
}

double DomainModel::distance(const PictureStatistics& statistics) const {
  return fitted() ? nearest(statistics) / limit_ : 0;
}

Json DomainModel::to_json() const {
  if (!fitted()) return {};
  Json axes = Json::array();
  for (const PictureStatistics& axis : axes_) axes.push(numbers_to_json(axis));
  Json components = Json::array();
  for (const Component& component : components_) {
    Json one = Json::object();
    one.set("centre", numbers_to_json(component.centre));
    one.set("variance", numbers_to_json(component.variance));
    components.push(std::move(one));
  }
  Json json = Json::object();
  json.set("mean", numbers_to_json(mean_));
  json.set("axes", std::move(axes));
  json.set("components", std::move(components));
  json.set("limit", limit_);
  return json;
}

DomainModel DomainModel::from_json(const Json& json, std::string_view where) {
  DomainModel model;
  if (json.is_null()) return model;
  const std::string place(where);
  const auto finite_above = [&](double value, double least, const char* name) {
    if (!(value > least && std::isfinite(value))) {
      fail(place, ": ", name, " is ", value, ", expected more than ", least);
    }
  };
  model.mean_ = numbers_from_json(json.at("mean", where), place + ": mean");
  const Json::Array& axes = json.at("axes", where).as_array(place + ": axes");
  if (axes.size() != kSize) fail(place, ": axes: expected ", kSize, " rows, found ", axes.size());
  for (const Json& axis : axes) {
    model.axes_.push_back(numbers_from_json(axis, place + ": axes"));
  }
  const Json::Array& components = json.at("components", where).as_array(place + ": components");
  if (components.empty() || components.size() > kMostComponents) {
    fail(place, ": components: expected 1 to ", kMostComponents, ", found ", components.size());
  }
  for (const Json& one : components) {
    model.components_.push_back(
        {numbers_from_json(one.at("centre", where), place + ": components: centre"),
         numbers_from_json(one.at("variance", where), place + ": components: variance")});
    for (const double value : model.components_.back().variance) {
      finite_above(value, 0, "components: variance");
    }
  }
  model.limit_ = json.at("limit", where).as_double(place + ": limit");
  finite_above(model.limit_, 0, "limit");
  return model;
}

}  // namespace vqalign
