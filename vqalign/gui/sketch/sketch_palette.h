#pragma once

#include <QButtonGroup>
#include <QWidget>

namespace vqalign {

/// What the next shape is to be: buttons for the arrow (none) and each shape, a swatch with its
/// name for each colour, and the sizes. Tab reaches each of the three groups, arrow keys move
/// within.
class SketchPalette : public QWidget {
  Q_OBJECT

 public:
  explicit SketchPalette(QWidget* parent = nullptr);

  int colour() const { return colours_.checkedId(); }
  int size() const { return sizes_.checkedId(); }

  // Without a signal. Shape -1 is the arrow.
  void show_shape(int shape);
  void show_colour(int colour);
  void show_size(int size);

  /// Whether the keyboard's focus is on a shape.
  bool shape_has_focus() const;

 Q_SIGNALS:
  void shape_chosen(int shape);  ///< -1: the arrow
  void colour_chosen(int colour);
  void size_chosen(int size);

 protected:
  void changeEvent(QEvent* event) override;

 private:
  QWidget* make_shapes();
  QWidget* make_colours();
  QWidget* make_sizes();
  void draw_icons();

  QButtonGroup shapes_, colours_, sizes_;
};

}  // namespace vqalign
