#pragma once

#include <QUndoCommand>

#include "vqalign/gui/models/inspector.h"

namespace vqalign {

/// One step of the inspector's history of states.
class StateStep : public QUndoCommand {
 public:
  /// Steps of one non-empty `merge` that follow each other become one.
  StateStep(Inspector& inspector, ViewState before, ViewState after, const QString& what,
            const QString& merge);

  void undo() override;
  void redo() override;
  int id() const override { return merge_.isEmpty() ? -1 : 1; }
  bool mergeWith(const QUndoCommand* other) override;

 private:
  Inspector& inspector_;
  ViewState before_, after_;
  QString merge_;
};

}  // namespace vqalign
