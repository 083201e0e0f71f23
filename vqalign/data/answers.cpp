#include "vqalign/data/answers.h"

#include <algorithm>
#include <cassert>
#include <map>

#include "vqalign/core/error.h"
#include "vqalign/core/json.h"
#include "vqalign/core/json_stream.h"
#include "vqalign/data/accuracy.h"
#include "vqalign/data/record_reader.h"

namespace vqalign {
namespace {

/// Reads either form of an answer file: ["yes", ...] or [{"yes": 0, ...}, {"0": "yes", ...}]. The
/// second object of the latter says the same again and is passed over.
class AnswerFileReader : public JsonEvents {
 public:
  explicit AnswerFileReader(std::string file) : file_(std::move(file)) {}

  std::vector<std::string> take() {
    if (answers_.empty()) fail(file_, ": holds no answers");
    return std::move(answers_);
  }

  void null_value() override { reject("null"); }
  void bool_value(bool) override { reject("true or false"); }
  void double_value(double) override { reject("a number that is no index"); }
  void int_value(int64_t value) override {
    if (depth_ != 2 || objects_ != 1) reject("a number");
    indices_.push_back(value);
    answers_.push_back(key_);
  }
  void string_value(std::string_view value) override {
    if (depth_ == 2 && objects_ == 2) return;
    if (depth_ != 1 || objects_ > 0) reject("a string");
    answers_.emplace_back(value);
  }
  void key(std::string_view name) override { key_ = name; }
  void begin_object() override {
    if (depth_ != 1 || objects_ == 2 || (objects_ == 0 && !answers_.empty())) reject("an object");
    ++depth_;
    ++objects_;
  }
  void end_object() override {
    --depth_;
    if (objects_ == 1) sort_by_index();
  }
  void begin_array() override {
    if (depth_ != 0) reject("an array");
    ++depth_;
  }
  void end_array() override { --depth_; }

 private:
  [[noreturn]] void reject(const char* found) const {
    fail(file_, depth_ == 0 ? concat(": expected a list of answers, found ", found)
                            : concat(": after ", answers_.size(), " answers: expected a list of ",
                                     "strings or a pair of dictionaries, found ", found));
  }

  void sort_by_index() {
    std::vector<std::string> sorted(answers_.size());
    std::vector<bool> seen(answers_.size());
    for (std::size_t i = 0; i < answers_.size(); ++i) {
      const int64_t index = indices_[i];
      if (index < 0 || index >= static_cast<int64_t>(sorted.size())) {
        fail(file_, ": ", detail::describe(answers_[i]), " has index ", index, ", beyond ",
             sorted.size(), " answers");
      }
      const auto place = static_cast<std::size_t>(index);
      if (seen[place]) {
        fail(file_, ": ", detail::describe(sorted[place]), " and ", detail::describe(answers_[i]),
             " share index ", index);
      }
      seen[place] = true;
      sorted[place] = std::move(answers_[i]);
    }
    answers_ = std::move(sorted);
  }

  std::string file_;
  std::string key_;
  std::vector<std::string> answers_;
  std::vector<int64_t> indices_;
  int depth_ = 0;
  int objects_ = 0;
};

struct Seen {
  std::string normalised;
  int64_t count = 0;
  std::map<std::string, int64_t> spellings;

  /// The most frequent one; among equals the normalised one, then the first in order.
  std::string spelling() const {
    const auto rank = [this](const auto& item) {
      return std::make_pair(item.second, item.first == normalised);
    };
    return std::max_element(spellings.begin(), spellings.end(),
                            [&](const auto& a, const auto& b) { return rank(a) < rank(b); })
        ->first;
  }
};

}  // namespace

AnswerList::AnswerList(std::vector<std::string> answers, std::vector<float> priors)
    : answers_(std::move(answers)), priors_(std::move(priors)) {
  if (priors_.empty()) priors_.resize(answers_.size());
  assert(priors_.size() == answers_.size());
  for (std::size_t i = 0; i < answers_.size(); ++i) {
    if (!index_.emplace(answers_[i], static_cast<int64_t>(i)).second) {
      fail(detail::describe(answers_[i]), " is both answer ", index_[answers_[i]], " and ", i);
    }
  }
  for (std::size_t i = 0; i < answers_.size(); ++i) {
    index_.emplace(normalise_answer(answers_[i]), static_cast<int64_t>(i));
  }
}

AnswerList AnswerList::from_annotations(const std::vector<Annotation>& annotations,
                                        int64_t minimum_count, int64_t most) {
  std::vector<Seen> seen;
  std::unordered_map<std::string, std::size_t> index;
  for (const Annotation& annotation : annotations) {
    std::string answer = normalise_answer(annotation.multiple_choice_answer);
    const auto [place, fresh] = index.emplace(answer, seen.size());
    if (fresh) seen.push_back({std::move(answer), 0, {}});
    ++seen[place->second].count;
    ++seen[place->second].spellings[annotation.multiple_choice_answer];
  }
  std::vector<std::size_t> kept;
  for (std::size_t i = 0; i < seen.size(); ++i) {
    if (seen[i].count >= minimum_count) kept.push_back(i);
  }
  if (most > 0 && static_cast<int64_t>(kept.size()) > most) {
    std::stable_sort(kept.begin(), kept.end(),
                     [&](std::size_t a, std::size_t b) { return seen[a].count > seen[b].count; });
    kept.resize(static_cast<std::size_t>(most));
    std::sort(kept.begin(), kept.end());
  }
  std::vector<std::string> answers;
  for (const std::size_t i : kept) answers.push_back(seen[i].spelling());
  AnswerList list(std::move(answers), {});
  list.set_priors(annotations);
  return list;
}

AnswerList AnswerList::from_file(const std::filesystem::path& path) {
  AnswerFileReader reader(path.string());
  stream_json(path, reader);
  std::vector<std::string> answers = reader.take();
  try {
    return AnswerList(std::move(answers), {});
  } catch (const Error& error) {
    fail(path.string(), ": ", error.what());
  }
}

void AnswerList::write_dictionary(const std::filesystem::path& path) const {
  Json::Object indices, texts;
  for (std::size_t i = 0; i < answers_.size(); ++i) {
    indices.emplace_back(answers_[i], i);
    texts.emplace_back(std::to_string(i), answers_[i]);
  }
  write_json(path, Json::array().push(std::move(indices)).push(std::move(texts)));
}

void AnswerList::set_priors(const std::vector<Annotation>& annotations) {
  set_priors(SoftTargets(annotations, *this));
}

void AnswerList::set_priors(const SoftTargets& targets) {
  // Whole numbers: no order of adding matters.
  std::vector<int64_t> millionths(answers_.size());
  for (std::size_t i = 0; i < targets.size(); ++i) {
    for (const auto& [answer, score] : targets[i]) {
      millionths[static_cast<std::size_t>(answer)] += static_cast<int64_t>(score * 1e6F + 0.5F);
    }
  }
  const double questions = std::max<double>(1, static_cast<double>(targets.size()));
  for (std::size_t i = 0; i < priors_.size(); ++i) {
    priors_[i] = static_cast<float>(static_cast<double>(millionths[i]) / 1e6 / questions);
  }
}

int64_t AnswerList::find(const std::string& answer) const {
  const auto place = index_.find(answer);
  return place == index_.end() ? -1 : place->second;
}

std::vector<std::pair<int64_t, float>> soft_target(const Annotation& annotation,
                                                   const AnswerList& list) {
  std::vector<int64_t> found;
  for (const AnswerRecord& record : annotation.answers) {
    const int64_t index = list.find(normalise_answer(record.answer));
    if (index >= 0) found.push_back(index);
  }
  std::sort(found.begin(), found.end());
  std::vector<std::pair<int64_t, float>> target;
  for (auto first = found.begin(); first != found.end();) {
    const auto last = std::upper_bound(first, found.end(), *first);
    const double share =
        static_cast<double>(last - first) / static_cast<double>(annotation.answers.size());
    target.emplace_back(*first, static_cast<float>(std::min(1.0, 3 * share)));
    first = last;
  }
  return target;
}

SoftTargets::SoftTargets(const std::vector<Annotation>& annotations, const AnswerList& list)
    : entries_(annotations.size(), [&](std::size_t question, std::vector<Entry>& entries) {
        for (const auto& [answer, score] : soft_target(annotations[question], list)) {
          entries.push_back({static_cast<int32_t>(answer), score});
        }
      }) {}

}  // namespace vqalign
