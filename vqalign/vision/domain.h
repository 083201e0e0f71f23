#pragma once

#include <string_view>
#include <vector>

#include "vqalign/core/json.h"
#include "vqalign/vision/picture_statistics.h"

namespace vqalign {

/// What pictures a model was trained on, so that it can warn when asked about another kind: a
/// photograph for a model of drawn scenes. A small mixture of normal distributions over
/// picture_statistics(), and the distance up to which held-out pictures of the same kind lie.
class DomainModel {
 public:
  /// Covers every picture.
  DomainModel() = default;

  /// From the statistics of training pictures in random order, a few hundred or more;
  /// deterministic. Fewer than 50 say nothing and give the model that covers every picture.
  static DomainModel fit(const std::vector<PictureStatistics>& sample);

  /// Null when nothing was fitted; else about 10 kB, for a model file's metadata. from_json gives
  /// the same model back; Error naming `where` and the member when a size, type or number is wrong.
  Json to_json() const;
  static DomainModel from_json(const Json& json, std::string_view where);

  bool fitted() const { return !components_.empty(); }

  /// How far a picture is from the training pictures: below 1 it is one like them (all but about
  /// one in a thousand are), from 1 on it is another kind. 0 when nothing was fitted.
  double distance(const PictureStatistics& statistics) const;
  double distance(const Picture& picture) const { return distance(picture_statistics(picture)); }
  bool covers(const Picture& picture) const { return !fitted() || distance(picture) < 1; }

  bool operator==(const DomainModel&) const = default;

 private:
  struct Component {
    PictureStatistics centre;
    PictureStatistics variance;
    bool operator==(const Component&) const = default;
  };

  PictureStatistics whiten(const PictureStatistics& statistics) const;
  void fit_whitening(const std::vector<PictureStatistics>& sample);
  void fit_components(const std::vector<PictureStatistics>& whitened);
  double nearest(const PictureStatistics& statistics) const;

  PictureStatistics mean_{};
  std::vector<PictureStatistics>
      axes_;  // rows: directions of unit variance, after subtracting the mean
  std::vector<Component> components_;  // in coordinates along the axes
  double limit_ = 0;
};

}  // namespace vqalign
