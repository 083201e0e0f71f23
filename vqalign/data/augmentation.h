#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "vqalign/vision/picture_cut.h"

namespace vqalign {

struct Annotation;
struct Question;

/// Further views of pictures to learn from: parts of them, and all of it mirrored. Where a picture
/// is mirrored, left and right change places in questions and answers too.
struct Augmentation {
  bool mirror = false;
  int64_t crops = 0;        ///< parts of each picture, besides the whole
  double crop_side = 0.75;  ///< smallest side of a part, as a share of the picture's

  /// Of every picture, itself among them.
  int64_t views() const { return (1 + crops) * (mirror ? 2 : 1); }
  /// Number `index` of the views of a picture, 0 being the picture itself: a function of its id and
  /// of nothing else that changes, so that every training sees the same parts.
  PictureCut view(int64_t image_id, int64_t index) const;
};

/// Views of a picture have image ids of their own: the picture's, plus the view's index times 2^40.
int64_t view_image_id(int64_t image_id, int64_t index);
int64_t original_image_id(int64_t image_id);
int64_t view_index(int64_t image_id);

/// Appends to the questions those about every further view of their pictures, view by view, and to
/// the annotations (which may be empty) theirs. Error naming the question when an image id is
/// negative or 2^40 and above.
void add_views(std::vector<Question>& questions, std::vector<Annotation>& annotations,
               const Augmentation& augmentation);

/// The text with the words left and right (also leftmost and rightmost) exchanged.
std::string mirrored_text(std::string_view text);

}  // namespace vqalign
