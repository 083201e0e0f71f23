#include "vqalign/gui/browser/browser_drop.h"

#include <QFileInfo>
#include <QUrl>

namespace vqalign {

BrowserDrop::BrowserDrop(const QMimeData& mime) {
  for (const QUrl& url : mime.urls()) {
    const QString file = url.toLocalFile();
    if (file.isEmpty()) continue;
    if (QFileInfo(file).isDir()) {
      folder = file;
    } else if (file.endsWith(QString::fromUtf8(".json"), Qt::CaseInsensitive)) {
      results = file;
    }
  }
}

}  // namespace vqalign
