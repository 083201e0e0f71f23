#include "vqalign/gui/sketch/sketch_palette.h"

#include <QEvent>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QSignalBlocker>
#include <QToolButton>
#include <QVBoxLayout>

#include "vqalign/data/scenes_objects.h"
#include "vqalign/gui/sketch/sketch_button.h"
#include "vqalign/gui/sketch/sketch_icons.h"

namespace vqalign {
namespace {

constexpr int kNoShape = -1;
/// Shapes have the ids from 0 on; a QButtonGroup knows no negative ones.
constexpr int kArrowId = 1000;
constexpr int kColourColumns = 5;

QToolButton* make_choice(QButtonGroup& group, int id, const QString& text, const QString& name) {
  auto* button = new SketchButton;
  button->setCheckable(true);
  button->setAutoRaise(true);
  button->setText(text);
  button->setAccessibleName(name);
  button->setToolTip(name);
  button->setObjectName(name);
  group.addButton(button, id);
  return button;
}

QString text_of(const std::vector<std::string>& names, std::size_t index) {
  return QString::fromStdString(names.at(index));
}

/// Tab comes to the checked choice of a group, as with radio buttons; arrow keys reach the others.
void lead_with_checked(const QButtonGroup& group) {
  for (QAbstractButton* button : group.buttons()) {
    button->setFocusPolicy(button->isChecked() ? Qt::TabFocus : Qt::NoFocus);
  }
}

void check(QButtonGroup& group, int id) {
  const QSignalBlocker quiet(group);
  if (QAbstractButton* button = group.button(id)) button->setChecked(true);
  lead_with_checked(group);
}

}  // namespace

SketchPalette::SketchPalette(QWidget* parent) : QWidget(parent) {
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(4);
  layout->addWidget(make_shapes());
  layout->addWidget(make_colours());
  layout->addWidget(make_sizes());
  show_shape(kNoShape);
  show_colour(0);
  show_size(1);
  draw_icons();
  for (QButtonGroup* group : {&shapes_, &colours_, &sizes_}) {
    connect(group, &QButtonGroup::idToggled, this, [group] { lead_with_checked(*group); });
  }
  connect(&shapes_, &QButtonGroup::idToggled, this, [this](int id, bool on) {
    if (on) Q_EMIT shape_chosen(id == kArrowId ? kNoShape : id);
  });
  connect(&colours_, &QButtonGroup::idToggled, this, [this](int id, bool on) {
    if (!on) return;
    draw_icons();
    Q_EMIT colour_chosen(id);
  });
  connect(&sizes_, &QButtonGroup::idToggled, this, [this](int id, bool on) {
    if (on) Q_EMIT size_chosen(id);
  });
}

QWidget* SketchPalette::make_shapes() {
  auto* row = new QWidget;
  auto* layout = new QHBoxLayout(row);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(2);
  const auto add = [&](int id, const QString& name, const QString& tip) {
    QToolButton* button = make_choice(shapes_, id, name, name);
    button->setToolButtonStyle(Qt::ToolButtonIconOnly);
    button->setIconSize({28, 28});
    button->setToolTip(tip);
    layout->addWidget(button);
  };
  add(kArrowId, QString::fromUtf8("select"), QString::fromUtf8("Select and move shapes"));
  for (std::size_t i = 0; i < scenes::shape_names().size(); ++i) {
    const QString name = text_of(scenes::shape_names(), i);
    add(static_cast<int>(i), name,
        QString::fromUtf8("Add a %1: click into the picture, or press Return").arg(name));
  }
  layout->addStretch();
  return row;
}

QWidget* SketchPalette::make_colours() {
  auto* grid = new QWidget;
  auto* layout = new QGridLayout(grid);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(1);
  for (std::size_t i = 0; i < scenes::colour_names().size(); ++i) {
    const QString name = text_of(scenes::colour_names(), i);
    QToolButton* button = make_choice(colours_, static_cast<int>(i), name, name);
    button->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    button->setIconSize({16, 16});
    button->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    const int place = static_cast<int>(i);
    layout->addWidget(button, place / kColourColumns, place % kColourColumns);
  }
  return grid;
}

QWidget* SketchPalette::make_sizes() {
  auto* row = new QWidget;
  auto* layout = new QHBoxLayout(row);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(2);
  layout->addWidget(new QLabel(QString::fromUtf8("Size")));
  layout->addSpacing(4);
  for (std::size_t i = 0; i < scenes::size_names().size(); ++i) {
    const QString name = text_of(scenes::size_names(), i);
    QToolButton* button = make_choice(sizes_, static_cast<int>(i), name, name);
    button->setToolButtonStyle(Qt::ToolButtonTextOnly);
    layout->addWidget(button);
  }
  layout->addStretch();
  return row;
}

void SketchPalette::draw_icons() {
  for (QAbstractButton* button : shapes_.buttons()) {
    const int shape = shapes_.id(button);
    button->setIcon(shape == kArrowId
                        ? line_icon(SketchIcon::kSelect, palette().color(QPalette::ButtonText))
                        : shape_icon(shape, colour()));
  }
  const QColor line = palette().color(QPalette::Disabled, QPalette::ButtonText);
  for (QAbstractButton* button : colours_.buttons()) {
    button->setIcon(colour_icon(colours_.id(button), line));
  }
}

void SketchPalette::show_shape(int shape) {
  check(shapes_, shape == kNoShape ? kArrowId : shape);
}

void SketchPalette::show_colour(int colour) {
  check(colours_, colour);
  draw_icons();
}

void SketchPalette::show_size(int size) {
  check(sizes_, size);
}

bool SketchPalette::shape_has_focus() const {
  for (const QAbstractButton* button : shapes_.buttons()) {
    if (button->hasFocus()) return true;
  }
  return false;
}

void SketchPalette::changeEvent(QEvent* event) {
  if (event->type() == QEvent::PaletteChange) draw_icons();
  QWidget::changeEvent(event);
}

}  // namespace vqalign
