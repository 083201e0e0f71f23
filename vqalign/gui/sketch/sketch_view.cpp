#include "vqalign/gui/sketch/sketch_view.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QMenu>
#include <QRandomGenerator>
#include <QToolButton>
#include <QVBoxLayout>

#include "vqalign/data/scenes_objects.h"
#include "vqalign/gui/sketch/sketch_button.h"
#include "vqalign/gui/sketch/sketch_canvas.h"
#include "vqalign/gui/sketch/sketch_icons.h"
#include "vqalign/gui/sketch/sketch_palette.h"
#include "vqalign/gui/sketch/sketch_samples.h"

namespace vqalign {
namespace {

QToolButton* make_action(QHBoxLayout& row, const char* name, const char* tip) {
  auto* button = new SketchButton;
  button->setAutoRaise(true);
  button->setIconSize({20, 20});
  button->setAccessibleName(QString::fromUtf8(name));
  button->setToolTip(QString::fromUtf8(tip));
  button->setObjectName(QString::fromUtf8(name));
  row.addWidget(button);
  return button;
}

}  // namespace

SketchView::SketchView(QWidget* parent)
    : QWidget(parent), palette_(new SketchPalette), canvas_(new SketchCanvas), status_(new QLabel) {
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(8, 8, 8, 6);
  layout->setSpacing(4);
  layout->addWidget(palette_);
  layout->addWidget(make_actions());
  layout->addWidget(canvas_, 1);
  layout->addWidget(status_);
  status_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
  status_->setAlignment(Qt::AlignCenter);
  connect_palette();
  connect_canvas();
  draw_icons();
  show_selection();
}

QWidget* SketchView::make_actions() {
  auto* actions = new QWidget;
  auto* row = new QHBoxLayout(actions);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(1);
  add_ = make_action(*row, "add shape", "Add the shape in the middle (Return)");
  delete_ = make_action(*row, "delete shape", "Delete the selected shape (Delete)");
  forward_ = make_action(*row, "bring forward", "Bring forward (Page Up)");
  backward_ = make_action(*row, "send backward", "Send backward (Page Down)");
  undo_ = make_action(*row, "undo drawing", "Undo (Ctrl+Z)");
  redo_ = make_action(*row, "redo drawing", "Redo (Ctrl+Shift+Z)");
  random_ = make_action(*row, "random picture", "A random picture");
  clear_ = make_action(*row, "clear picture", "Clear: delete all shapes");
  row->addStretch();
  QToolButton* menu = make_action(*row, "sketch menu", "Ready sketches, open and save");
  menu->setText(QString::fromUtf8("Sketch"));
  menu->setToolButtonStyle(Qt::ToolButtonTextOnly);
  menu->setPopupMode(QToolButton::InstantPopup);
  menu->setMenu(new QMenu(menu));
  fill_menu(*menu->menu());

  connect(add_, &QToolButton::clicked, this, [this] { add_in_middle(); });
  connect(delete_, &QToolButton::clicked, this, [this] { canvas_->remove_selected(); });
  connect(forward_, &QToolButton::clicked, this, [this] { canvas_->bring_forward(); });
  connect(backward_, &QToolButton::clicked, this, [this] { canvas_->send_backward(); });
  connect(undo_, &QToolButton::clicked, this, [this] { canvas_->undo_stack().undo(); });
  connect(redo_, &QToolButton::clicked, this, [this] { canvas_->undo_stack().redo(); });
  connect(random_, &QToolButton::clicked, this, [this] {
    replace_all(random_sketch(QRandomGenerator::global()->generate64()),
                QString::fromUtf8("Random picture"));
  });
  connect(clear_, &QToolButton::clicked, this, [this] {
    Sketch cleared = sketch();
    cleared.shapes.clear();
    replace_all(cleared, QString::fromUtf8("Clear"));
  });
  return actions;
}

void SketchView::fill_menu(QMenu& menu) {
  for (const SketchSample& sample : sketch_samples()) {
    const QString name = QString::fromStdString(sample.name);
    menu.addAction(name, this, [this, &sample, name] { replace_all(sample.sketch, name); });
  }
  menu.addSeparator();
  menu.addAction(QString::fromUtf8("Open sketch…"), this, [this] { ask_to_open(); });
  menu.addAction(QString::fromUtf8("Save sketch…"), this, [this] {
    const QString path =
        ask_where(QString::fromUtf8("Save sketch"), QString::fromUtf8("sketch.json"),
                  QString::fromUtf8("Sketches (*.json)"));
    if (!path.isEmpty()) save_sketch(path);
  });
  menu.addAction(QString::fromUtf8("Save picture as PNG…"), this, [this] {
    const QString path =
        ask_where(QString::fromUtf8("Save picture"), QString::fromUtf8("sketch.png"),
                  QString::fromUtf8("PNG pictures (*.png)"));
    if (!path.isEmpty()) save_picture(path);
  });
}

void SketchView::connect_palette() {
  connect(palette_, &SketchPalette::shape_chosen, this, &SketchView::choose_shape);
  connect(palette_, &SketchPalette::colour_chosen, this, [this](int colour) {
    canvas_->recolour_selected(colour);
    if (canvas_->is_armed()) canvas_->arm(next_shape());
  });
  connect(palette_, &SketchPalette::size_chosen, this, [this](int size) {
    canvas_->resize_selected(scenes::kSizeExtents[size]);
    if (canvas_->is_armed()) canvas_->arm(next_shape());
  });
}

void SketchView::connect_canvas() {
  connect(canvas_, &SketchCanvas::sketch_changed, this, [this] {
    show_selection();
    Q_EMIT picture_changed(image());
  });
  connect(canvas_, &SketchCanvas::selection_changed, this, &SketchView::show_selection);
  connect(canvas_, &SketchCanvas::add_requested, this, &SketchView::add_in_middle);
  connect(canvas_, &SketchCanvas::armed_changed, this, [this](bool armed) {
    if (!armed) palette_->show_shape(-1);
    show_selection();
  });
  connect(canvas_, &SketchCanvas::full, this, [this] {
    Q_EMIT problem(QString::fromUtf8("a sketch holds at most %1 shapes").arg(kMostSketchShapes),
                   QString::fromUtf8("delete one first"));
  });
  connect(&canvas_->undo_stack(), &QUndoStack::indexChanged, this, &SketchView::show_selection);
}

const Sketch& SketchView::sketch() const {
  return canvas_->sketch();
}

void SketchView::set_sketch(const Sketch& sketch) {
  canvas_->set_sketch(sketch);
}

QImage SketchView::image() const {
  return canvas_->image();
}

SketchShape SketchView::next_shape() const {
  SketchShape shape;
  shape.shape = last_shape_;
  shape.colour = palette_->colour();
  shape.extent = scenes::kSizeExtents[palette_->size()];
  return shape;
}

void SketchView::choose_shape(int shape) {
  if (shape < 0) {
    canvas_->disarm();
    return;
  }
  last_shape_ = shape;
  // Colours chosen from now on are meant for the new shape.
  canvas_->select(0);
  canvas_->arm(next_shape());
}

void SketchView::add_in_middle() {
  canvas_->add_in_middle(next_shape());
  canvas_->disarm();
}

void SketchView::replace_all(const Sketch& sketch, const QString& what) {
  canvas_->replace_all(sketch, what);
}

void SketchView::keyPressEvent(QKeyEvent* event) {
  const bool enter = event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter;
  if (enter && palette_->shape_has_focus()) {
    add_in_middle();
  } else if (event->key() == Qt::Key_Escape && canvas_->is_armed()) {
    canvas_->disarm();
  } else {
    QWidget::keyPressEvent(event);
  }
}

void SketchView::show_selection() {
  const SketchShape* shape = canvas_->selected();
  QString text = QString::fromUtf8("Click a shape to move, resize or turn it");
  if (sketch().shapes.empty()) text = QString::fromUtf8("Empty picture");
  if (canvas_->is_armed()) text = QString::fromUtf8("Click into the picture to add the shape");
  if (shape) {
    text = QString::fromStdString(describe(*shape));
    palette_->show_colour(shape->colour);
    palette_->show_size(size_class(shape->extent));
  }
  status_->setText(text);
  const int index = shape ? shape_index(sketch(), shape->id) : -1;
  delete_->setEnabled(shape);
  forward_->setEnabled(shape && index + 1 < static_cast<int>(sketch().shapes.size()));
  backward_->setEnabled(index > 0);
  undo_->setEnabled(canvas_->undo_stack().canUndo());
  redo_->setEnabled(canvas_->undo_stack().canRedo());
  clear_->setEnabled(!sketch().shapes.empty());
}

void SketchView::draw_icons() {
  const QColor colour = palette().color(QPalette::ButtonText);
  const std::pair<QToolButton*, SketchIcon> icons[] = {
      {add_, SketchIcon::kAdd},         {delete_, SketchIcon::kDelete},
      {forward_, SketchIcon::kForward}, {backward_, SketchIcon::kBackward},
      {undo_, SketchIcon::kUndo},       {redo_, SketchIcon::kRedo},
      {random_, SketchIcon::kRandom},   {clear_, SketchIcon::kClear}};
  for (const auto& [button, icon] : icons) button->setIcon(line_icon(icon, colour));
}

void SketchView::changeEvent(QEvent* event) {
  if (event->type() == QEvent::PaletteChange) draw_icons();
  QWidget::changeEvent(event);
}

}  // namespace vqalign
