#pragma once

#include <QImage>
#include <QWidget>

#include "vqalign/gui/sketch/sketch.h"

class QLabel;
class QMenu;
class QToolButton;

namespace vqalign {

class SketchCanvas;
class SketchPalette;

/// Draw your own: a picture of the generator's shapes to ask about. A shape is chosen above the
/// canvas, then a click into the picture adds it there (Return: in the middle); colours and sizes
/// are those of the selected shape and of the next one. How the canvas is edited stands at
/// SketchCanvas.
class SketchView : public QWidget {
  Q_OBJECT

 public:
  explicit SketchView(QWidget* parent = nullptr);

  const Sketch& sketch() const;
  /// Begins anew with that sketch, without a way back. Error as check_sketch() says.
  void set_sketch(const Sketch& sketch);
  /// The picture at its own size: what a model is to be asked about.
  QImage image() const;
  SketchCanvas& canvas() { return *canvas_; }

  // Each tells what goes wrong by problem() and then returns false.
  bool save_picture(const QString& path);
  bool save_sketch(const QString& path);
  /// As an edit that can be undone.
  bool open_sketch(const QString& path);

  QSize sizeHint() const override { return {420, 520}; }

 Q_SIGNALS:
  /// Live, while something is dragged too.
  void picture_changed(const QImage& image);
  void problem(const QString& message, const QString& hint);

 protected:
  void keyPressEvent(QKeyEvent* event) override;
  void changeEvent(QEvent* event) override;

 private:
  QWidget* make_actions();
  void fill_menu(QMenu& menu);
  void connect_palette();
  void connect_canvas();
  SketchShape next_shape() const;
  void choose_shape(int shape);
  void add_in_middle();
  void replace_all(const Sketch& sketch, const QString& what);
  void ask_to_open();
  /// A path to save to, asked for; empty when given up.
  QString ask_where(const QString& title, const QString& proposed, const QString& filter);
  /// Runs `work`, telling an Error.
  template <typename Work>
  bool try_to(Work work);
  void show_selection();
  void draw_icons();

  SketchPalette* palette_;
  SketchCanvas* canvas_;
  QLabel* status_;
  QToolButton *add_, *delete_, *forward_, *backward_, *undo_, *redo_, *random_, *clear_;
  int last_shape_ = 0;
};

}  // namespace vqalign
