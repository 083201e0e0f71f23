#pragma once

#include <QUndoCommand>
#include <cstdint>
#include <functional>

#include "vqalign/gui/sketch/sketch.h"

namespace vqalign {

/// A sketch and which of its shapes is selected (0: none).
struct SketchState {
  Sketch sketch;
  int64_t selected = 0;
};

/// One undo step: from one state to another. Successive steps with the same `merge_key` other than
/// 0 become one (a drag); one that ends where it began vanishes.
class SketchEdit : public QUndoCommand {
 public:
  using Show = std::function<void(const SketchState&)>;

  SketchEdit(const QString& text, SketchState before, SketchState after, int64_t merge_key,
             Show show)
      : QUndoCommand(text),
        before_(std::move(before)),
        after_(std::move(after)),
        merge_key_(merge_key),
        show_(std::move(show)) {}

  void undo() override { show_(before_); }
  void redo() override { show_(after_); }
  int id() const override { return merge_key_ == 0 ? -1 : 1; }

  bool mergeWith(const QUndoCommand* other) override {
    const auto* next = static_cast<const SketchEdit*>(other);
    if (next->merge_key_ != merge_key_) return false;
    after_ = next->after_;
    setObsolete(after_.sketch == before_.sketch);
    return true;
  }

 private:
  SketchState before_, after_;
  int64_t merge_key_;
  Show show_;
};

}  // namespace vqalign
