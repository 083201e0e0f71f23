#include "vqalign/data/scenes_layout.h"

#include <algorithm>
#include <array>

namespace vqalign::scenes {
namespace {

constexpr int kTriesPerObject = 60;
constexpr int kTriesPerScene = 6;

/// Width and height: about 20,000 pixels each, aspects from 1:2 to 2:1. Few different ones, all
/// multiples of 16, so that batches of equal pictures are easy to form.
constexpr std::array<std::array<int, 2>, 10> kPictureSizes = {{{144, 144},
                                                               {144, 144},
                                                               {160, 128},
                                                               {128, 160},
                                                               {176, 112},
                                                               {112, 176},
                                                               {192, 96},
                                                               {96, 192},
                                                               {128, 128},
                                                               {192, 128}}};

class Placer {
 public:
  Placer(Layout& layout, bool overlaps, Random& random)
      : layout_(layout), overlaps_(overlaps), random_(random) {}

  bool place_all(const std::vector<SceneObject>& objects, const std::vector<Stamp>& stamps) {
    owner_ = cv::Mat::zeros(layout_.scene.height, layout_.scene.width, CV_8UC1);
    visible_.clear();
    layout_.scene.objects.clear();
    layout_.stamps.clear();
    layout_.origins.clear();
    for (std::size_t i = 0; i < objects.size(); ++i) {
      if (!place(objects[i], stamps[i])) return false;
    }
    return true;
  }

  bool place(const SceneObject& object, const Stamp& stamp) {
    const int room_x = layout_.scene.width - 2 - stamp.bounds.width;
    const int room_y = layout_.scene.height - 2 - stamp.bounds.height;
    for (int attempt = 0; attempt < kTriesPerObject; ++attempt) {
      const cv::Point corner(1 + static_cast<int>(random_.below(room_x + 1)),
                             1 + static_cast<int>(random_.below(room_y + 1)));
      if (!fits(stamp, corner)) continue;
      layout_.add(object, stamp, corner);
      return true;
    }
    return false;
  }

 private:
  bool fits(const Stamp& stamp, cv::Point corner) {
    std::array<int, 256> covered{};
    const cv::Point origin = corner - stamp.bounds.tl();
    const cv::Rect picture(0, 0, layout_.scene.width, layout_.scene.height);
    const cv::Rect inside = cv::Rect(origin, stamp.solid.size()) & picture;
    const cv::Mat& taken = overlaps_ ? stamp.solid : stamp.near;
    for (int y = inside.y; y < inside.br().y; ++y) {
      const uchar* owner = owner_.ptr<uchar>(y);
      const uchar* mine = taken.ptr<uchar>(y - origin.y);
      for (int x = inside.x; x < inside.br().x; ++x) {
        if (mine[x - origin.x] != 0) ++covered[owner[x]];
      }
    }
    for (std::size_t i = 0; i < visible_.size(); ++i) {
      const int left = visible_[i] - covered[i + 1];
      const int needed =
          overlaps_ ? static_cast<int>(kLeastVisible * layout_.stamps[i].area) + 1 : visible_[i];
      if (left < needed) return false;
    }
    for (std::size_t i = 0; i < visible_.size(); ++i) visible_[i] -= covered[i + 1];
    visible_.push_back(stamp.area);
    owner_(cv::Rect(origin, stamp.solid.size()) & picture)
        .setTo(static_cast<double>(visible_.size()),
               stamp.solid(cv::Rect(inside.tl() - origin, inside.size())));
    return true;
  }

  Layout& layout_;
  bool overlaps_;
  Random& random_;
  cv::Mat owner_;             ///< 1 + index of the object on top, 0 where there is none
  std::vector<int> visible_;  ///< solid pixels of each object that nothing covers
};

std::vector<Stamp> make_stamps(const std::vector<SceneObject>& objects) {
  std::vector<Stamp> stamps;
  for (const SceneObject& object : objects) stamps.push_back(make_stamp(object));
  return stamps;
}

/// Smallest first leaves no room for the rest, so a crowded scene that failed starts with its
/// largest objects.
void largest_first(std::vector<SceneObject>& objects) {
  std::stable_sort(objects.begin(), objects.end(),
                   [](const SceneObject& a, const SceneObject& b) { return a.extent > b.extent; });
}

}  // namespace

void Layout::add(SceneObject object, const Stamp& stamp, cv::Point corner) {
  object.box[0] = corner.x;
  object.box[1] = corner.y;
  object.box[2] = corner.x + stamp.bounds.width;
  object.box[3] = corner.y + stamp.bounds.height;
  scene.objects.push_back(object);
  stamps.push_back(stamp);
  origins.push_back(corner - stamp.bounds.tl());
}

Layout place_objects(std::vector<SceneObject> objects, const SceneOptions& options,
                     Random& random) {
  Layout layout;
  const auto& size = kPictureSizes[random.below(kPictureSizes.size())];
  layout.scene.width = size[0];
  layout.scene.height = size[1];
  const bool overlaps = options.overlaps && random.chance(0.6);
  Placer placer(layout, overlaps, random);
  if (random.chance(0.5)) largest_first(objects);
  std::vector<Stamp> stamps = make_stamps(objects);
  for (int attempt = 0; attempt < kTriesPerScene; ++attempt) {
    if (placer.place_all(objects, stamps)) return layout;
    largest_first(objects);
    stamps = make_stamps(objects);
  }
  const int smallest = options.sizes == 1 ? 1 : 0;
  for (SceneObject& object : objects) {
    object.extent *= kSizeExtents[smallest] / kSizeExtents[object.size];
    object.size = smallest;
  }
  stamps = make_stamps(objects);
  for (int attempt = 0; attempt < kTriesPerScene; ++attempt) {
    if (placer.place_all(objects, stamps)) break;
  }
  return layout;
}

}  // namespace vqalign::scenes
