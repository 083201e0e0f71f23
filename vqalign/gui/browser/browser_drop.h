#pragma once

#include <QMimeData>
#include <QString>

namespace vqalign {

/// What of a drop the browser can open: a dataset's folder, a results file (.json), or both. Empty
/// where there is none.
struct BrowserDrop {
  QString folder, results;

  explicit BrowserDrop(const QMimeData& mime);
  bool empty() const { return folder.isEmpty() && results.isEmpty(); }
};

}  // namespace vqalign
