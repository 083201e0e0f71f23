#include <QKeyEvent>
#include <QMouseEvent>
#include <QWheelEvent>
#include <cmath>

#include "vqalign/gui/sketch/sketch_canvas.h"
#include "vqalign/gui/sketch/sketch_geometry.h"

namespace vqalign {
namespace {

constexpr double kReach = 9;          // pixels of the widget around a handle
constexpr double kKnobDistance = 20;  // from the frame
constexpr double kKnobRoom = 7;       // to the edge of the widget
constexpr double kTurnStep = 15;      // degrees
constexpr double kWheelNotch = 120;   // Qt's units
constexpr double kResizeStep = 2;     // pixels of the picture
constexpr int kMergeKinds = 4;

enum MergeKind { kDragging, kNudging, kTurning, kResizing };

/// Different for different kinds of edit and different numbers; never 0.
int64_t merge_key_of(MergeKind kind, int64_t number) {
  return kMergeKinds * number + kind;
}

double between(QPointF a, QPointF b) {
  return std::hypot(a.x() - b.x(), a.y() - b.y());
}

}  // namespace

SketchCanvas::Knob SketchCanvas::place_knob() const {
  const SketchShape* shape = selected();
  if (!shape) return {};
  const QPointF centre = to_widget({shape->x, shape->y});
  const double scale = picture_rect().width() / state_.sketch.width;
  const QPointF reach =
      (0.5 * kFrameShare * shape->extent * scale + kKnobDistance) * upward(*shape);
  const QRectF room = QRectF(rect()).adjusted(kKnobRoom, kKnobRoom, -kKnobRoom, -kKnobRoom);
  const bool flipped = !room.contains(centre + reach) && room.contains(centre - reach);
  return {flipped ? centre - reach : centre + reach, flipped};
}

SketchCanvas::Hold SketchCanvas::hold_at(QPointF widget) const {
  const QPointF point = to_picture(widget);
  if (const SketchShape* shape = selected()) {
    const Knob knob = place_knob();
    if (between(widget, knob.place) <= kReach) return {Grip::kKnob, knob.flipped ? 1 : 0, {}};
    const auto corners = frame_corners(*shape);
    for (int i = 0; i < 4; ++i) {
      const QPointF corner = corners[static_cast<std::size_t>(i)];
      if (between(widget, to_widget(corner)) <= kReach) return {Grip::kCorner, i, corner - point};
    }
  }
  const int index = shape_index(state_.sketch, shape_at(state_.sketch, point));
  if (index < 0) return {};
  const SketchShape& hit = state_.sketch.shapes[static_cast<std::size_t>(index)];
  return {Grip::kBody, 0, QPointF(hit.x, hit.y) - point};
}

void SketchCanvas::mousePressEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton || drag_) return;
  const QPointF point = to_picture(event->position());
  const bool inside = picture_rect().contains(event->position());
  const SketchState before = state_;
  const int64_t key = merge_key_of(kDragging, ++drags_);
  Hold hold = hold_at(event->position());
  if (hold.grip == Grip::kNone && armed_ && inside) {
    add_merging(*armed_, {std::round(point.x()), std::round(point.y())}, key);
    disarm();
    if (selected()) hold = {Grip::kBody, 0, QPointF(selected()->x, selected()->y) - point};
  } else if (hold.grip == Grip::kBody) {
    select(shape_at(state_.sketch, point));
  } else if (hold.grip == Grip::kNone) {
    select(0);
  }
  if (hold.grip != Grip::kNone && selected()) drag_ = Drag{hold, before, *selected(), key};
  update_cursor(event->position());
}

void SketchCanvas::mouseMoveEvent(QMouseEvent* event) {
  pointer_ = event->position();
  if (drag_) {
    drag_to(event->position(), event->modifiers().testFlag(Qt::ShiftModifier));
  } else {
    update_cursor(event->position());
    if (armed_) update();
  }
}

void SketchCanvas::drag_to(QPointF widget, bool snap) {
  const Drag& drag = *drag_;
  const QPointF target = to_picture(widget) + drag.hold.offset;
  switch (drag.hold.grip) {
    case Grip::kBody: {
      const QPointF begin(drag.shape.x, drag.shape.y);
      const QPointF shift(std::round(target.x() - begin.x()), std::round(target.y() - begin.y()));
      commit_shape(QString::fromUtf8("Move"), moved(drag.shape, begin + shift, state_.sketch),
                   drag.merge_key);
      break;
    }
    case Grip::kCorner:
      commit_shape(QString::fromUtf8("Resize"),
                   resized(drag.shape, drag.hold.corner, target, state_.sketch), drag.merge_key);
      break;
    case Grip::kKnob: {
      const QPointF centre(drag.shape.x, drag.shape.y);
      const QPointF above = drag.hold.corner == 0 ? target : 2 * centre - target;
      commit_shape(QString::fromUtf8("Turn"), turned_to(drag.shape, above, snap), drag.merge_key);
      break;
    }
    case Grip::kNone:
      break;
  }
}

void SketchCanvas::give_up_drag() {
  const Drag drag = *drag_;
  drag_.reset();
  commit(QString::fromUtf8("Move"), drag.before, drag.merge_key);
}

void SketchCanvas::mouseReleaseEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton) return;
  drag_.reset();
  update_cursor(event->position());
}

void SketchCanvas::leaveEvent(QEvent* event) {
  pointer_.reset();
  update();
  QWidget::leaveEvent(event);
}

void SketchCanvas::update_cursor(QPointF widget) {
  const Hold hold = drag_ ? drag_->hold : hold_at(widget);
  if (hold.grip == Grip::kCorner) {
    const QPointF centre = to_widget({selected()->x, selected()->y});
    const QPointF out = widget - centre;
    setCursor((out.x() < 0) == (out.y() < 0) ? Qt::SizeFDiagCursor : Qt::SizeBDiagCursor);
  } else if (hold.grip == Grip::kKnob) {
    setCursor(Qt::PointingHandCursor);
  } else if (hold.grip == Grip::kBody) {
    setCursor(Qt::SizeAllCursor);
  } else {
    setCursor(armed_ && picture_rect().contains(widget) ? Qt::CrossCursor : Qt::ArrowCursor);
  }
}

void SketchCanvas::turn_selected(double degrees) {
  const SketchShape* shape = selected();
  if (!shape || drag_) return;
  commit_shape(QString::fromUtf8("Turn"), with_angle(*shape, shape->angle + degrees),
               merge_key_of(kTurning, shape->id));
}

void SketchCanvas::wheelEvent(QWheelEvent* event) {
  if (!event->modifiers().testFlag(Qt::ControlModifier) || !selected()) {
    event->ignore();
    return;
  }
  // Whole degrees also from touchpads, which send small parts of a notch.
  turn_selected(std::round(kTurnStep * event->angleDelta().y() / kWheelNotch));
  event->accept();
}

bool SketchCanvas::focusNextPrevChild(bool next) {
  const int count = static_cast<int>(state_.sketch.shapes.size());
  const int index = shape_index(state_.sketch, state_.selected);
  const int target = index < 0 && !next ? count - 1 : index + (next ? 1 : -1);
  if (target < 0 || target >= count) return QWidget::focusNextPrevChild(next);
  select(state_.sketch.shapes[static_cast<std::size_t>(target)].id);
  return true;
}

bool SketchCanvas::event(QEvent* event) {
  if (event->type() == QEvent::ShortcutOverride) {
    // Else a window's own Ctrl+Z or Delete would get what is meant for the canvas.
    const auto* key = static_cast<QKeyEvent*>(event);
    const bool ours = key->matches(QKeySequence::Undo) || key->matches(QKeySequence::Redo) ||
                      key->matches(QKeySequence::Delete) || key->key() == Qt::Key_Backspace ||
                      (key->key() == Qt::Key_D && key->modifiers() == Qt::ControlModifier) ||
                      (key->key() == Qt::Key_Escape && (drag_ || armed_ || selected()));
    if (ours) {
      event->accept();
      return true;
    }
  }
  return QWidget::event(event);
}

bool SketchCanvas::move_by_key(const QKeyEvent& event) {
  QPointF direction;
  switch (event.key()) {
    case Qt::Key_Left:
      direction = {-1, 0};
      break;
    case Qt::Key_Right:
      direction = {1, 0};
      break;
    case Qt::Key_Up:
      direction = {0, -1};
      break;
    case Qt::Key_Down:
      direction = {0, 1};
      break;
    default:
      return false;
  }
  const SketchShape* shape = selected();
  if (!shape) return false;
  const double step = event.modifiers().testFlag(Qt::ShiftModifier) ? 8 : 1;
  commit_shape(QString::fromUtf8("Move"),
               moved(*shape, QPointF(shape->x, shape->y) + step * direction, state_.sketch),
               merge_key_of(kNudging, shape->id));
  return true;
}

bool SketchCanvas::edit_by_key(const QKeyEvent& event) {
  const auto resize = [this](double change) {
    if (!selected()) return;
    commit_shape(QString::fromUtf8("Resize"), with_extent(*selected(), selected()->extent + change),
                 merge_key_of(kResizing, selected()->id));
  };
  switch (event.key()) {
    case Qt::Key_Delete:
    case Qt::Key_Backspace:
      remove_selected();
      return true;
    case Qt::Key_PageUp:
      bring_forward();
      return true;
    case Qt::Key_PageDown:
      send_backward();
      return true;
    case Qt::Key_BracketLeft:
      turn_selected(-kTurnStep);
      return true;
    case Qt::Key_BracketRight:
      turn_selected(kTurnStep);
      return true;
    case Qt::Key_Plus:
    case Qt::Key_Equal:
      resize(kResizeStep);
      return true;
    case Qt::Key_Minus:
      resize(-kResizeStep);
      return true;
    case Qt::Key_Return:
    case Qt::Key_Enter:
      Q_EMIT add_requested();
      return true;
    default:
      return move_by_key(event);
  }
}

void SketchCanvas::keyPressEvent(QKeyEvent* event) {
  event->accept();
  if (event->key() == Qt::Key_Escape && (drag_ || armed_ || selected())) {
    drag_ ? give_up_drag() : armed_ ? disarm() : select(0);
    return;
  }
  // Nothing else may change what a drag holds.
  if (drag_) return;
  if (event->matches(QKeySequence::Undo)) {
    undo_stack_.undo();
  } else if (event->matches(QKeySequence::Redo)) {
    undo_stack_.redo();
  } else if (event->key() == Qt::Key_D && event->modifiers() == Qt::ControlModifier) {
    duplicate_selected();
  } else if (event->modifiers().testFlag(Qt::ControlModifier) || !edit_by_key(*event)) {
    QWidget::keyPressEvent(event);
  }
}

}  // namespace vqalign
