#pragma once

#include <optional>
#include <vector>

#include "vqalign/gui/browser/record_query.h"

namespace vqalign {

/// The filters that were set, to go back and forward over. What is typed in one go is one step.
class FilterHistory {
 public:
  /// A filter has been set; what was undone can no longer be redone.
  void push(const RecordFilter& filter);
  /// What is typed from now on is a step of its own.
  void settle() { typing_ = false; }
  /// The filter to go back (forward) to; nothing when there is none.
  std::optional<RecordFilter> undo();
  std::optional<RecordFilter> redo();
  bool can_undo() const { return now_ > 0; }
  bool can_redo() const { return now_ + 1 < filters_.size(); }

 private:
  std::vector<RecordFilter> filters_ = {RecordFilter()};
  std::size_t now_ = 0;
  bool typing_ = false;
};

}  // namespace vqalign
