#include "vqalign/data/batch_sampler.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>
#include <set>
#include <span>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "vqalign/core/error.h"
#include "vqalign/vision/picture_header.h"

namespace vqalign {
namespace {

// Streams of the seed's random numbers that belong to batching.
constexpr uint64_t kStream = uint64_t{0xBA7C} << 48;

// Pictures of one class waste little when padded together: aspect and area agree to about a fifth,
// stored regions are equally many.
using ShapeClass = std::pair<int64_t, int64_t>;

ShapeClass shape_class(const QuestionShape& shape) {
  if (shape.regions > 0) return {shape.regions, 0};
  if (shape.width <= 0 || shape.height <= 0) return {INT64_MIN, INT64_MIN};
  const auto width = static_cast<double>(shape.width);
  const auto height = static_cast<double>(shape.height);
  return {std::llround(4.0 * std::log2(width / height)),
          std::llround(4.0 * std::log2(width * height))};
}

std::vector<std::vector<int64_t>> group_by_picture(std::span<const QuestionShape> questions) {
  std::vector<std::vector<int64_t>> groups;
  std::unordered_map<int64_t, std::size_t> group_of;
  for (std::size_t i = 0; i < questions.size(); ++i) {
    const auto [found, added] = group_of.try_emplace(questions[i].image_id, groups.size());
    if (added) groups.emplace_back();
    groups[found->second].push_back(static_cast<int64_t>(i));
  }
  return groups;
}

std::vector<std::vector<int64_t>> cut(const std::vector<std::vector<int64_t>>& groups,
                                      int64_t batch_size) {
  std::vector<std::vector<int64_t>> batches;
  for (const std::vector<int64_t>& group : groups) {
    for (const int64_t question : group) {
      if (batches.empty() || static_cast<int64_t>(batches.back().size()) == batch_size) {
        batches.emplace_back();
      }
      batches.back().push_back(question);
    }
  }
  return batches;
}

}  // namespace

namespace {

/// Of a picture, what question_shapes() tells; all else is left as it was.
void measure_picture(const BatchInputs& inputs, QuestionShape& shape) {
  if (inputs.features != nullptr) {
    shape.regions = inputs.features->regions(shape.image_id).value_or(0);
    return;
  }
  const std::filesystem::path* path = inputs.dataset->picture(shape.image_id);
  if (path == nullptr) return;
  try {
    const auto [width, height] = read_picture_size(*path);
    const auto [part_width, part_height] =
        cut_size(width, height, inputs.dataset->view(shape.image_id));
    std::tie(shape.width, shape.height) = scaled_size(part_width, part_height, inputs.scale);
  } catch (const Error&) {
    // Told by the loader, which needs the pixels.
  }
}

}  // namespace

std::vector<QuestionShape> question_shapes(const BatchInputs& inputs, const CancelToken* cancel) {
  std::unordered_map<int64_t, std::size_t> first;  // of each picture, the question measured
  std::vector<QuestionShape> shapes;
  shapes.reserve(inputs.dataset->questions.size());
  for (const Question& question : inputs.dataset->questions) {
    if (cancel != nullptr) cancel->check();
    const auto [known, added] = first.try_emplace(question.image_id, shapes.size());
    QuestionShape shape;
    if (!added) shape = shapes[known->second];
    shape.image_id = question.image_id;
    shape.tokens = static_cast<int64_t>(
        inputs.vocabulary->encode(question.question, inputs.max_tokens).size());
    if (added) measure_picture(inputs, shape);
    shapes.push_back(shape);
  }
  return shapes;
}

BatchSampler::BatchSampler(std::vector<QuestionShape> questions, const DataOptions& options,
                           int64_t batch_size, uint64_t seed, bool drop_last, int64_t views)
    : questions_(std::move(questions)),
      options_(options),
      batch_size_(batch_size),
      seed_(seed),
      views_(views),
      count_(static_cast<int64_t>(questions_.size()) / views),
      drop_last_(drop_last && count_ >= batch_size) {
  assert(batch_size_ > 0 && options_.questions_per_picture > 0 && options_.bucket > 0);
  assert(count_ * views_ == static_cast<int64_t>(questions_.size()));
  pictures_ = group_by_picture(std::span(questions_).first(static_cast<std::size_t>(count_)));
}

int64_t BatchSampler::batches() const {
  return drop_last_ ? count_ / batch_size_ : (count_ + batch_size_ - 1) / batch_size_;
}

std::vector<BatchSampler::Group> BatchSampler::shuffled_groups(Random& random) const {
  std::vector<Group> groups;
  for (Group questions : pictures_) {
    random.shuffle(questions);
    const auto size = static_cast<std::size_t>(options_.questions_per_picture);
    for (std::size_t begin = 0; begin < questions.size(); begin += size) {
      const std::size_t end = std::min(begin + size, questions.size());
      groups.emplace_back(questions.begin() + static_cast<std::ptrdiff_t>(begin),
                          questions.begin() + static_cast<std::ptrdiff_t>(end));
    }
  }
  random.shuffle(groups);
  if (views_ == 1) return groups;
  for (Group& group : groups) {
    const int64_t view = random.below(static_cast<uint32_t>(views_));
    for (int64_t& question : group) question += view * count_;
  }
  return groups;
}

// The window is cut by shape into parts of two batches, for padded pixels cost most, and each part
// sorted by length. Stable, so that ties stay shuffled.
void BatchSampler::sort_window(std::vector<Group>& groups, std::size_t begin,
                               std::size_t end) const {
  const auto shape = [this](const Group& group) {
    return shape_class(questions_[static_cast<std::size_t>(group.front())]);
  };
  const auto length = [this](const Group& group) {
    int64_t longest = 0;
    for (const int64_t question : group) {
      longest = std::max(longest, questions_[static_cast<std::size_t>(question)].tokens);
    }
    return longest;
  };
  const auto first = groups.begin() + static_cast<std::ptrdiff_t>(begin);
  const auto last = groups.begin() + static_cast<std::ptrdiff_t>(end);
  std::set<ShapeClass> shapes;
  for (auto group = first; group != last; ++group) shapes.insert(shape(*group));
  std::stable_sort(first, last,
                   [&](const Group& a, const Group& b) { return shape(a) < shape(b); });
  const auto wanted = static_cast<std::size_t>((options_.bucket + 1) / 2);
  const std::size_t parts = std::min(wanted, shapes.size());
  for (std::size_t part = 0; part < parts; ++part) {
    const auto from = first + static_cast<std::ptrdiff_t>((end - begin) * part / parts);
    const auto to = first + static_cast<std::ptrdiff_t>((end - begin) * (part + 1) / parts);
    std::stable_sort(from, to,
                     [&](const Group& a, const Group& b) { return length(a) < length(b); });
  }
}

std::vector<std::vector<int64_t>> BatchSampler::epoch(int64_t epoch) const {
  Random random(seed_, kStream | static_cast<uint64_t>(epoch));
  std::vector<Group> groups = shuffled_groups(random);
  if (drop_last_) {
    // Dropped before sorting: it must not always be the longest questions that go.
    auto spare = count_ % batch_size_;
    while (spare > 0) {
      const auto dropped = std::min<int64_t>(spare, static_cast<int64_t>(groups.back().size()));
      groups.back().resize(groups.back().size() - static_cast<std::size_t>(dropped));
      if (groups.back().empty()) groups.pop_back();
      spare -= dropped;
    }
  }
  if (options_.bucket > 1) {
    const int64_t window = options_.bucket * batch_size_;
    std::size_t begin = 0;
    int64_t questions = 0;
    for (std::size_t end = 0; end < groups.size(); ++end) {
      questions += static_cast<int64_t>(groups[end].size());
      if (questions >= window || end + 1 == groups.size()) {
        sort_window(groups, begin, end + 1);
        begin = end + 1;
        questions = 0;
      }
    }
  }
  std::vector<std::vector<int64_t>> batches = cut(groups, batch_size_);
  if (options_.bucket > 1) random.shuffle(batches);
  return batches;
}

std::vector<std::vector<int64_t>> evaluation_batches(const std::vector<QuestionShape>& questions,
                                                     int64_t batch_size) {
  assert(batch_size > 0);
  std::vector<std::vector<int64_t>> groups = group_by_picture(questions);
  const auto shape = [&](const std::vector<int64_t>& group) {
    return shape_class(questions[static_cast<std::size_t>(group.front())]);
  };
  std::stable_sort(groups.begin(), groups.end(),
                   [&](const auto& a, const auto& b) { return shape(a) < shape(b); });
  return cut(groups, batch_size);
}

}  // namespace vqalign
