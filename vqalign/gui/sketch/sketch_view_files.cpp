#include <QFileDialog>
#include <QFileInfo>

#include "vqalign/core/error.h"
#include "vqalign/figure/png_bytes.h"
#include "vqalign/gui/models/path_of.h"
#include "vqalign/gui/sketch/sketch_canvas.h"
#include "vqalign/gui/sketch/sketch_view.h"

namespace vqalign {
namespace {

/// No sketch is nearly as large.
constexpr std::size_t kMostSketchBytes = std::size_t{1} << 20;

}  // namespace

template <typename Work>
bool SketchView::try_to(Work work) {
  try {
    work();
    return true;
  } catch (const Error& error) {
    Q_EMIT problem(QString::fromUtf8(error.what()), QString::fromStdString(error.hint()));
    return false;
  }
}

bool SketchView::save_picture(const QString& path) {
  return try_to([&] { write_bytes(path_of(path), png_bytes(image())); });
}

bool SketchView::save_sketch(const QString& path) {
  return try_to([&] { write_json(path_of(path), sketch_json(sketch())); });
}

bool SketchView::open_sketch(const QString& path) {
  return try_to([&] {
    const Sketch opened =
        sketch_from_json(read_json(path_of(path), kMostSketchBytes), path.toStdString());
    canvas_->replace_all(opened, QString::fromUtf8("Open ") + QFileInfo(path).fileName());
  });
}

void SketchView::ask_to_open() {
  const QString path =
      QFileDialog::getOpenFileName(this, QString::fromUtf8("Open sketch"), {},
                                   QString::fromUtf8("Sketches (*.json);;All files (*)"));
  if (!path.isEmpty()) open_sketch(path);
}

QString SketchView::ask_where(const QString& title, const QString& proposed,
                              const QString& filter) {
  return QFileDialog::getSaveFileName(this, title, proposed, filter);
}

}  // namespace vqalign
