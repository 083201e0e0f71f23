#include "vqalign/gui/models/state_step.h"

namespace vqalign {

StateStep::StateStep(Inspector& inspector, ViewState before, ViewState after, const QString& what,
                     const QString& merge)
    : QUndoCommand(what),
      inspector_(inspector),
      before_(std::move(before)),
      after_(std::move(after)),
      merge_(merge) {}

void StateStep::undo() {
  inspector_.set_state(before_);
  setObsolete(inspector_.dropping_);
}

void StateStep::redo() {
  inspector_.set_state(after_);
}

bool StateStep::mergeWith(const QUndoCommand* other) {
  const auto* next = dynamic_cast<const StateStep*>(other);
  if (!next || next->merge_ != merge_) return false;
  after_ = next->after_;
  setObsolete(before_ == after_);
  return true;
}

}  // namespace vqalign
