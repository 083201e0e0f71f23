#include "vqalign/gui/browser/filter_history.h"

namespace vqalign {
namespace {

constexpr std::size_t kMostFilters = 100;

bool differ_in_text_only(RecordFilter a, const RecordFilter& b) {
  a.text = b.text;
  return a == b;
}

}  // namespace

void FilterHistory::push(const RecordFilter& filter) {
  if (filter == filters_[now_]) return;
  filters_.resize(now_ + 1);
  const bool typed = differ_in_text_only(filter, filters_[now_]);
  if (typed && typing_) {
    filters_[now_] = filter;
    return;
  }
  typing_ = typed;
  filters_.push_back(filter);
  if (filters_.size() > kMostFilters) filters_.erase(filters_.begin());
  now_ = filters_.size() - 1;
}

std::optional<RecordFilter> FilterHistory::undo() {
  settle();
  if (!can_undo()) return std::nullopt;
  return filters_[--now_];
}

std::optional<RecordFilter> FilterHistory::redo() {
  settle();
  if (!can_redo()) return std::nullopt;
  return filters_[++now_];
}

}  // namespace vqalign
