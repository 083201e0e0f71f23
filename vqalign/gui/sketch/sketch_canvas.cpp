#include "vqalign/gui/sketch/sketch_canvas.h"

#include <algorithm>

#include "vqalign/core/error.h"
#include "vqalign/gui/sketch/sketch_geometry.h"

namespace vqalign {
namespace {

constexpr int kUndoLimit = 500;
/// Room around the picture for the handles of shapes at its edge, in pixels of the widget.
constexpr double kCanvasMargin = 12;
constexpr double kDuplicateOffset = 10;

QString name_of(const SketchShape& shape) {
  const std::string text = describe(shape);
  return QString::fromStdString(text.substr(0, text.find(',')));
}

}  // namespace

SketchCanvas::SketchCanvas(QWidget* parent) : QWidget(parent), image_(sketch_picture({})) {
  setFocusPolicy(Qt::StrongFocus);
  setMouseTracking(true);
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
  undo_stack_.setUndoLimit(kUndoLimit);
  tell_selection();
}

SketchCanvas::~SketchCanvas() {
  // A stack that ends tells that it is empty, to listeners that may be half gone by then.
  undo_stack_.blockSignals(true);
}

void SketchCanvas::set_sketch(const Sketch& sketch) {
  check_sketch(sketch);
  drag_.reset();
  disarm();
  undo_stack_.clear();
  show_state({sketch, 0});
}

const SketchShape* SketchCanvas::selected() const {
  const int index = shape_index(state_.sketch, state_.selected);
  return index < 0 ? nullptr : &state_.sketch.shapes[static_cast<std::size_t>(index)];
}

void SketchCanvas::select(int64_t id) {
  if (shape_index(state_.sketch, id) < 0) id = 0;
  if (id == state_.selected) return;
  state_.selected = id;
  tell_selection();
  update();
  Q_EMIT selection_changed();
}

void SketchCanvas::arm(const SketchShape& shape) {
  const bool was_armed = is_armed();
  armed_ = shape;
  armed_picture_ = shape_picture(shape);
  update();
  if (!was_armed) Q_EMIT armed_changed(true);
}

void SketchCanvas::disarm() {
  if (!is_armed()) return;
  armed_.reset();
  update();
  Q_EMIT armed_changed(false);
}

void SketchCanvas::show_state(const SketchState& state) {
  const bool drawn_anew = state.sketch != state_.sketch;
  const bool other = state.selected != state_.selected;
  state_ = state;
  if (drawn_anew) image_ = sketch_picture(state_.sketch, painter_);
  tell_selection();
  update();
  if (other) Q_EMIT selection_changed();
  if (drawn_anew) Q_EMIT sketch_changed(state_.sketch);
}

void SketchCanvas::tell_selection() {
  const SketchShape* shape = selected();
  const auto count = state_.sketch.shapes.size();
  QString name = QString::fromUtf8("picture of %1 shapes").arg(count);
  if (count == 0) name = QString::fromUtf8("empty picture");
  if (count == 1) name = QString::fromUtf8("picture of 1 shape");
  QString help = QString::fromUtf8("Tab selects a shape; Return adds one");
  if (shape) {
    name = QString::fromStdString(describe(*shape));
    help = QString::fromUtf8("shape %1 of %2; arrows move, plus and minus resize, brackets turn")
               .arg(shape_index(state_.sketch, shape->id) + 1)
               .arg(count);
  }
  setAccessibleName(name);
  setAccessibleDescription(help);
}

void SketchCanvas::commit(const QString& what, SketchState after, int64_t merge_key) {
  if (after.sketch == state_.sketch) return;
  undo_stack_.push(new SketchEdit(what, state_, std::move(after), merge_key,
                                  [this](const SketchState& state) { show_state(state); }));
}

void SketchCanvas::commit_shape(const QString& what, const SketchShape& shape, int64_t merge_key) {
  const int index = shape_index(state_.sketch, shape.id);
  if (index < 0) return;
  SketchState after = state_;
  after.sketch.shapes[static_cast<std::size_t>(index)] = shape;
  commit(what, std::move(after), merge_key);
}

void SketchCanvas::add(const SketchShape& shape, QPointF centre) {
  add_merging(shape, centre, 0);
}

void SketchCanvas::add_merging(const SketchShape& shape, QPointF centre, int64_t merge_key) {
  if (state_.sketch.shapes.size() >= kMostSketchShapes) {
    Q_EMIT full();
    return;
  }
  SketchState after = state_;
  SketchShape added = moved(shape, centre, state_.sketch);
  added.id = free_id(state_.sketch);
  after.sketch.shapes.push_back(added);
  after.selected = added.id;
  commit(QString::fromUtf8("Add ") + name_of(added), std::move(after), merge_key);
}

void SketchCanvas::add_in_middle(const SketchShape& shape) {
  add(shape, free_middle(state_.sketch));
}

void SketchCanvas::replace_all(const Sketch& sketch, const QString& what) {
  check_sketch(sketch);
  drag_.reset();
  commit(what, {sketch, 0});
}

void SketchCanvas::remove_selected() {
  const SketchShape* shape = selected();
  if (!shape) return;
  SketchState after = state_;
  after.sketch.shapes.erase(after.sketch.shapes.begin() + (shape - state_.sketch.shapes.data()));
  after.selected = 0;
  commit(QString::fromUtf8("Delete ") + name_of(*shape), std::move(after));
}

void SketchCanvas::duplicate_selected() {
  const SketchShape* shape = selected();
  if (!shape) return;
  // Towards the middle, so that the copy of a shape at the edge does not lie on top of it.
  const double dx = shape->x < state_.sketch.width / 2.0 ? kDuplicateOffset : -kDuplicateOffset;
  const double dy = shape->y < state_.sketch.height / 2.0 ? kDuplicateOffset : -kDuplicateOffset;
  add(*shape, {shape->x + dx, shape->y + dy});
}

void SketchCanvas::move_in_order(int steps, const QString& what) {
  const int index = shape_index(state_.sketch, state_.selected);
  const int target = index + steps;
  if (index < 0 || target < 0 || target >= static_cast<int>(state_.sketch.shapes.size())) return;
  SketchState after = state_;
  std::swap(after.sketch.shapes[static_cast<std::size_t>(index)],
            after.sketch.shapes[static_cast<std::size_t>(target)]);
  commit(what, std::move(after));
}

void SketchCanvas::bring_forward() {
  move_in_order(1, QString::fromUtf8("Bring forward"));
}

void SketchCanvas::send_backward() {
  move_in_order(-1, QString::fromUtf8("Send backward"));
}

void SketchCanvas::recolour_selected(int colour) {
  if (!selected()) return;
  SketchShape shape = *selected();
  shape.colour = colour;
  commit_shape(QString::fromUtf8("Change colour"), shape);
}

void SketchCanvas::resize_selected(double extent) {
  if (selected()) commit_shape(QString::fromUtf8("Change size"), with_extent(*selected(), extent));
}

QRectF SketchCanvas::picture_rect() const {
  const double room_x = std::max(1.0, width() - 2 * kCanvasMargin);
  const double room_y = std::max(1.0, height() - 2 * kCanvasMargin);
  const double scale = std::min(room_x / state_.sketch.width, room_y / state_.sketch.height);
  const QSizeF size(scale * state_.sketch.width, scale * state_.sketch.height);
  return {QPointF((width() - size.width()) / 2, (height() - size.height()) / 2), size};
}

QPointF SketchCanvas::to_widget(QPointF picture) const {
  const QRectF rect = picture_rect();
  return rect.topLeft() + picture * (rect.width() / state_.sketch.width);
}

QPointF SketchCanvas::to_picture(QPointF widget) const {
  const QRectF rect = picture_rect();
  return (widget - rect.topLeft()) / (rect.width() / state_.sketch.width);
}

}  // namespace vqalign
