#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include "vqalign/data/parallel.h"

namespace vqalign::detail {

/// A short list of entries for each of many questions, all in one piece of memory.
template <typename Entry>
class PerQuestion {
 public:
  PerQuestion() = default;
  /// `append(question, list)` puts a question's entries behind those of the list; several threads
  /// call it, for other questions each.
  template <typename Append>
  PerQuestion(std::size_t questions, Append append) : ends_(questions) {
    std::mutex mutex;
    std::map<std::size_t, std::vector<Entry>> parts;
    parallel_ranges(questions, 0, [&](std::size_t begin, std::size_t end) {
      std::vector<Entry> part;
      for (std::size_t i = begin; i < end; ++i) {
        const std::size_t before = part.size();
        append(i, part);
        ends_[i] = part.size() - before;
      }
      const std::lock_guard lock(mutex);
      parts[begin] = std::move(part);
    });
    std::partial_sum(ends_.begin(), ends_.end(), ends_.begin());
    if (!ends_.empty()) entries_.reserve(ends_.back());
    for (const auto& [begin, part] : parts) {
      entries_.insert(entries_.end(), part.begin(), part.end());
    }
  }

  std::size_t size() const { return ends_.size(); }
  std::span<const Entry> operator[](std::size_t question) const {
    const std::size_t begin = question == 0 ? 0 : ends_[question - 1];
    return {entries_.data() + begin, ends_[question] - begin};
  }

 private:
  std::vector<std::size_t> ends_;  ///< of each question's entries
  std::vector<Entry> entries_;
};

}  // namespace vqalign::detail
