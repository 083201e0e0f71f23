#pragma once

#include <QImage>
#include <QUndoStack>
#include <QWidget>
#include <optional>

#include "vqalign/gui/sketch/sketch_edit.h"

namespace vqalign {

/// Shows a sketch, scaled up, and lets it be edited by mouse and keys: a click selects (the topmost
/// first), dragging moves, the corners of the frame resize, its knob turns (Shift: in steps of 15
/// degrees), Esc gives a drag up. Keys, while the canvas has the focus: Tab and Shift+Tab walk the
/// shapes before they leave, arrows move by 1 pixel (Shift: 8), + and - resize, [ and ] and
/// Ctrl+wheel turn, Page Up and Page Down change the order, Ctrl+D duplicates, Delete removes,
/// Ctrl+Z and Ctrl+Shift+Z undo and redo, Esc deselects. The accessible name says what is selected.
///
/// Every edit is one step of undo_stack(), a whole drag too. Shapes keep their centre inside the
/// picture.
class SketchCanvas : public QWidget {
  Q_OBJECT

 public:
  explicit SketchCanvas(QWidget* parent = nullptr);
  ~SketchCanvas() override;

  const Sketch& sketch() const { return state_.sketch; }
  /// The sketch as a picture, at its own size.
  const QImage& image() const { return image_; }
  /// Begins anew with that sketch, without a way back. Error as check_sketch() says.
  void set_sketch(const Sketch& sketch);
  QUndoStack& undo_stack() { return undo_stack_; }

  /// The selected shape; null when there is none.
  const SketchShape* selected() const;
  /// 0 or an unknown id: none.
  void select(int64_t id);

  /// From now on a click on free ground adds a shape like this, once; the pointer shows it.
  void arm(const SketchShape& shape);
  void disarm();
  bool is_armed() const { return armed_.has_value(); }

  // Edits. Those of the selected shape do nothing when there is none.
  /// Adds it, selected, with an id of its own; nothing at kMostSketchShapes.
  void add(const SketchShape& shape, QPointF centre);
  void add_in_middle(const SketchShape& shape);
  /// Error as check_sketch() says.
  void replace_all(const Sketch& sketch, const QString& what);
  void remove_selected();
  void duplicate_selected();
  /// Before or behind the next shape in drawing order.
  void bring_forward();
  void send_backward();
  void recolour_selected(int colour);
  void resize_selected(double extent);

  QPointF to_widget(QPointF picture) const;
  QPointF to_picture(QPointF widget) const;
  /// The picture's place in the widget.
  QRectF picture_rect() const;
  /// Where the knob that turns the selected shape is, in the widget.
  QPointF knob() const { return place_knob().place; }

  QSize sizeHint() const override { return {400, 400}; }
  QSize minimumSizeHint() const override { return {180, 180}; }

 Q_SIGNALS:
  /// During drags too; once an event.
  void sketch_changed(const Sketch& sketch);
  /// Another shape is selected, or none.
  void selection_changed();
  void armed_changed(bool armed);
  /// A shape could not be added: there are kMostSketchShapes.
  void full();
  /// Return was pressed.
  void add_requested();

 protected:
  bool event(QEvent* event) override;
  bool focusNextPrevChild(bool next) override;
  void paintEvent(QPaintEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void leaveEvent(QEvent* event) override;
  void wheelEvent(QWheelEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;

 private:
  enum class Grip { kNone, kBody, kCorner, kKnob };
  struct Hold {
    Grip grip = Grip::kNone;
    int corner = 0;  ///< of a knob 1 when it is on the lower side
    QPointF offset;  ///< from the pointer to what it holds, in pixels of the picture
  };
  struct Knob {
    QPointF place;         ///< in the widget
    bool flipped = false;  ///< beyond the lower side, since the upper one has no room
  };
  struct Drag {
    Hold hold;
    SketchState before;  ///< what Esc goes back to
    SketchShape shape;   ///< as it was when the drag began
    int64_t merge_key = 0;
  };

  void show_state(const SketchState& state);
  /// Pushes an undo step, unless nothing changes.
  void commit(const QString& what, SketchState after, int64_t merge_key = 0);
  void commit_shape(const QString& what, const SketchShape& shape, int64_t merge_key = 0);
  void add_merging(const SketchShape& shape, QPointF centre, int64_t merge_key);
  void move_in_order(int steps, const QString& what);
  void turn_selected(double degrees);
  void tell_selection();
  Knob place_knob() const;
  Hold hold_at(QPointF widget) const;
  void drag_to(QPointF widget, bool snap);
  void give_up_drag();
  void update_cursor(QPointF widget);
  bool edit_by_key(const QKeyEvent& event);
  bool move_by_key(const QKeyEvent& event);
  void paint_selection(QPainter& painter) const;
  void paint_armed(QPainter& painter) const;
  void paint_hint(QPainter& painter) const;

  SketchState state_;
  scenes::PicturePainter painter_;
  QImage image_;
  QUndoStack undo_stack_;
  std::optional<SketchShape> armed_;
  QImage armed_picture_;
  std::optional<QPointF> pointer_;  ///< in the widget, while it is over it
  std::optional<Drag> drag_;
  int64_t drags_ = 0;
};

}  // namespace vqalign
