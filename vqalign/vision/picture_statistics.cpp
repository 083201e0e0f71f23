#include "vqalign/vision/picture_statistics.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <functional>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>
#include <vector>

namespace vqalign {
namespace {

// Writes the statistics one after the other.
class Writer {
 public:
  explicit Writer(PictureStatistics& statistics) : statistics_(statistics) {}
  void add(double value) { statistics_.at(next_++) = value; }
  bool full() const { return next_ == statistics_.size(); }

 private:
  PictureStatistics& statistics_;
  std::size_t next_ = 0;
};

// Large pictures are reduced to about as many pixels as drawn scenes have, so that sizes do not
// speak.
cv::Mat reduce(const Picture& picture) {
  constexpr double kPixels = 32768;
  constexpr double kShortest = 8;
  const auto width = static_cast<double>(picture.width);
  const auto height = static_cast<double>(picture.height);
  const cv::Mat whole(static_cast<int>(picture.height), static_cast<int>(picture.width), CV_8UC3,
                      const_cast<uint8_t*>(picture.rgb.data()));
  const double ratio = std::min(1.0, std::sqrt(kPixels / (width * height)));
  const cv::Size size(static_cast<int>(std::max(kShortest, std::round(width * ratio))),
                      static_cast<int>(std::max(kShortest, std::round(height * ratio))));
  if (size == whole.size()) return whole;
  cv::Mat reduced;
  cv::resize(whole, reduced, size, 0, 0, cv::INTER_AREA);
  return reduced;
}

// Of every pixel how far its 3 x 3 neighbourhood spreads, in the channel where that is most.
cv::Mat local_range(const cv::Mat& rgb) {
  cv::Mat largest, smallest;
  cv::dilate(rgb, largest, cv::Mat());
  cv::erode(rgb, smallest, cv::Mat());
  std::vector<cv::Mat> channels;
  cv::split(largest - smallest, channels);
  return cv::max(cv::max(channels[0], channels[1]), channels[2]);
}

void add_ranges(const cv::Mat& range, Writer& out) {
  std::array<int64_t, 256> counts{};
  for (int y = 0; y < range.rows; ++y) {
    const uint8_t* row = range.ptr<uint8_t>(y);
    for (int x = 0; x < range.cols; ++x) ++counts[row[x]];
  }
  const auto pixels = static_cast<double>(range.total());
  const auto share_up_to = [&](int limit) {
    int64_t sum = 0;
    for (int value = 0; value <= limit; ++value) sum += counts[static_cast<std::size_t>(value)];
    return static_cast<double>(sum) / pixels;
  };
  for (const int limit : {2, 12, 48}) out.add(share_up_to(limit));
  for (const double share : {0.25, 0.5, 0.75, 0.9, 0.97}) {
    int value = 0;
    while (value < 255 && share_up_to(value) <= share) ++value;
    out.add(std::log1p(value));
  }
}

// How many of 4096 colours are used, and how much of the picture the most frequent ones cover.
void add_colours(const cv::Mat& rgb, Writer& out) {
  std::vector<int64_t> counts(4096);
  for (int y = 0; y < rgb.rows; ++y) {
    const uint8_t* row = rgb.ptr<uint8_t>(y);
    for (int x = 0; x < rgb.cols; ++x, row += 3) {
      ++counts[static_cast<std::size_t>((row[0] >> 4) << 8 | (row[1] >> 4) << 4 | row[2] >> 4)];
    }
  }
  std::sort(counts.begin(), counts.end(), std::greater<>());
  const auto pixels = static_cast<double>(rgb.total());
  const auto used = std::count_if(counts.begin(), counts.end(), [&](int64_t count) {
    return static_cast<double>(count) > pixels / 1000;
  });
  int64_t top = 0;
  for (std::size_t i = 0; i < 8; ++i) top += counts[i];
  out.add(std::log1p(static_cast<double>(used)));
  out.add(static_cast<double>(top) / pixels);
  out.add(static_cast<double>(counts.front()) / pixels);
}

// Detail at four scales: white noise loses it from scale to scale, photographs keep it.
void add_detail(const cv::Mat& rgb, Writer& out) {
  cv::Mat grey;
  cv::cvtColor(rgb, grey, cv::COLOR_RGB2GRAY);
  grey.convertTo(grey, CV_32F);
  cv::Scalar mean, deviation;
  cv::meanStdDev(grey, mean, deviation);
  double finer = 0;
  for (int level = 0; level < 4; ++level) {
    cv::Mat smooth;
    cv::GaussianBlur(grey, smooth, cv::Size(5, 5), 1.0);
    const cv::Mat detail = grey - smooth;
    const double energy = std::log(0.5 + std::sqrt(cv::mean(detail.mul(detail))[0]));
    out.add(energy - finer);
    finer = energy;
    const cv::Size half((grey.cols + 1) / 2, (grey.rows + 1) / 2);
    cv::resize(smooth, grey, half, 0, 0, cv::INTER_AREA);
  }
  out.add(mean[0] / 255);
  out.add(std::log1p(deviation[0]));
}

void add_saturation(const cv::Mat& rgb, const cv::Mat& range, Writer& out) {
  cv::Mat hsv;
  cv::cvtColor(rgb, hsv, cv::COLOR_RGB2HSV);
  std::vector<cv::Mat> channels;
  cv::split(hsv, channels);
  cv::Scalar mean, deviation;
  cv::meanStdDev(channels[1], mean, deviation);
  const auto pixels = static_cast<double>(rgb.total());
  out.add(mean[0] / 255);
  out.add(deviation[0] / 255);
  out.add(cv::countNonZero(channels[1] > 128) / pixels);
  // Drawn shapes are vivid and flat at once; a half where nothing is vivid.
  const cv::Mat vivid = (channels[1] > 100) & (channels[2] > 40);
  const double flat = cv::countNonZero(vivid & (range <= 12));
  out.add((flat + 0.001 * pixels) / (cv::countNonZero(vivid) + 0.002 * pixels));
}

}  // namespace

PictureStatistics picture_statistics(const Picture& picture) {
  assert(picture.width > 0 && picture.height > 0);
  PictureStatistics statistics{};
  Writer out(statistics);
  const cv::Mat rgb = reduce(picture);
  const cv::Mat range = local_range(rgb);
  add_ranges(range, out);
  add_colours(rgb, out);
  add_detail(rgb, out);
  add_saturation(rgb, range, out);
  assert(out.full());
  return statistics;
}

}  // namespace vqalign
