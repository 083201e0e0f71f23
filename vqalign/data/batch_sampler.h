#pragma once

#include <cstdint>
#include <vector>

#include "vqalign/core/philox.h"
#include "vqalign/data/batch.h"
#include "vqalign/data/data_options.h"

namespace vqalign {

/// What batching needs to know of a question.
struct QuestionShape {
  int64_t image_id = 0;
  int64_t tokens = 0;
  /// Of its picture, scaled; 0 where they are not known, which then counts as one more shape.
  int64_t width = 0;
  int64_t height = 0;
  /// Stored regions of its picture; 0 with pixels and where nobody knows.
  int64_t regions = 0;
};

/// The questions' lengths and their pictures' scaled sizes, or how many regions are stored of them,
/// for batching. Sizes come from the pictures' headers; of a picture that cannot be read they stay
/// 0 (the loader tells of it when it gets there). `cancel` may be null; Cancelled when a stop was
/// asked for.
std::vector<QuestionShape> question_shapes(const BatchInputs& inputs,
                                           const CancelToken* cancel = nullptr);

/// The order in which questions are shown: a list of batches, each a list of indices into the
/// questions. The same arguments give the same batches, so that a position in an epoch is two
/// numbers (epoch, batch).
class BatchSampler {
 public:
  /// `views`: the questions hold, one after another, the same questions about so many views of
  /// their pictures (augmentation.h). With `drop_last` the questions that fill no whole batch are
  /// left out of their epoch (others every epoch), unless they are all there is.
  BatchSampler(std::vector<QuestionShape> questions, const DataOptions& options, int64_t batch_size,
               uint64_t seed, bool drop_last, int64_t views = 1);

  /// Shuffled by (seed, epoch). Up to questions_per_picture questions of a picture stand together;
  /// inside a window of `bucket` batches questions are put together by the shape of their pictures
  /// (or by their number of regions) and by length, then the order of the batches is shuffled.
  /// Every question comes once, about one of the views of its picture, drawn anew in every epoch.
  std::vector<std::vector<int64_t>> epoch(int64_t epoch) const;

  /// How many batches every epoch has.
  int64_t batches() const;

 private:
  using Group = std::vector<int64_t>;

  std::vector<Group> shuffled_groups(Random& random) const;
  void sort_window(std::vector<Group>& groups, std::size_t begin, std::size_t end) const;

  std::vector<QuestionShape> questions_;
  std::vector<Group> pictures_;  // the questions of each picture, in order of first appearance
  DataOptions options_;
  int64_t batch_size_;
  uint64_t seed_;
  int64_t views_;
  int64_t count_;  ///< questions of an epoch
  bool drop_last_;
};

/// Every question once and in no random order, for scoring: questions of one picture stand
/// together, pictures of similar shape in one batch.
std::vector<std::vector<int64_t>> evaluation_batches(const std::vector<QuestionShape>& questions,
                                                     int64_t batch_size);

}  // namespace vqalign
