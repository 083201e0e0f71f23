#include "vqalign/gui/views/heads_overview.h"

#include <QContextMenuEvent>
#include <QEvent>
#include <QKeyEvent>
#include <QMenu>
#include <QMouseEvent>
#include <algorithm>
#include <cmath>

#include "vqalign/figure/heat_map.h"
#include "vqalign/figure/text_block.h"
#include "vqalign/gui/models/edit_state.h"

namespace vqalign {
namespace {

constexpr double kRim = 10;

}  // namespace

HeadsOverview::HeadsOverview(Inspector& inspector, QWidget* parent)
    : Canvas(inspector, QString::fromUtf8("Heads of all layers"),
             QString::fromUtf8("Every head's attention stands here once a question is asked."),
             parent) {
  QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::MinimumExpanding);
  policy.setHeightForWidth(true);
  setSizePolicy(policy);
  connect(&inspector, &Inspector::inspection_changed, this, &HeadsOverview::forget_images);
  connect(&inspector, &Inspector::head_pointed, this, qOverload<>(&QWidget::update));
  connect(&inspector, &Inspector::effects_changed, this, qOverload<>(&QWidget::update));
  connect(&inspector, &Inspector::state_changed, this, &QWidget::updateGeometry);
}

void HeadsOverview::show_family(std::optional<AttentionFamily> family) {
  family_ = family;
  updateGeometry();
  update();
}

HeadsView HeadsOverview::view() const {
  HeadsView view;
  view.families = {AttentionFamily::kGuided, AttentionFamily::kQuestionSelf,
                   AttentionFamily::kImageSelf, AttentionFamily::kQuestionPretrained};
  if (family_) view.families = {*family_};
  view.statistic = inspector().state().statistic;
  view.sorted = inspector().state().sorted;
  view.effects = inspector().effects();
  return view;
}

HeadsGrid HeadsOverview::grid_for(int width) const {
  const auto inspection = inspector().inspection();
  if (!inspection) return {};
  return lay_out_heads(*inspection, view(), QPointF(kRim, kRim), std::max(width - 2 * kRim, 80.0),
                       options());
}

int HeadsOverview::heightForWidth(int width) const {
  return static_cast<int>(std::ceil(grid_for(width).height + 2 * kRim));
}

void HeadsOverview::forget_images() {
  images_.reset();
  current_.reset();
  updateGeometry();
  update();
}

void HeadsOverview::changeEvent(QEvent* event) {
  if (event->type() == QEvent::PaletteChange) forget_images();
  Canvas::changeEvent(event);
}

void HeadsOverview::paint(QPainter& painter) {
  const auto inspection = inspector().inspection();
  const FigureOptions drawn = options();
  const std::string look = concat(drawn.colours, " ", drawn.scale, " ", drawn.theme);
  if (!images_ || images_look_ != look) {
    images_ = head_images(*inspection, drawn);
    images_look_ = look;
  }
  draw_heads(painter, grid_for(width()), *inspection, *images_, drawn,
             {inspector().state().selected(), inspector().pointed_head()});
}

std::optional<HeadSite> HeadsOverview::head_at(QPointF point) const {
  const HeadsGrid grid = grid_for(width());
  const HeadCell* cell = grid.cell_at(point);
  return cell ? std::optional(cell->site) : std::nullopt;
}

QRectF HeadsOverview::head_box(const HeadSite& site) const {
  for (const HeadCell& cell : grid_for(width()).cells) {
    if (cell.site == site) return cell.box;
  }
  return {};
}

std::vector<HeadSite> HeadsOverview::order() const {
  std::vector<HeadSite> sites;
  for (const HeadCell& cell : grid_for(width()).cells) sites.push_back(cell.site);
  return sites;
}

QString HeadsOverview::tip(const HeadSite& site) const {
  const Inspection& inspection = *inspector().inspection();
  const HeadStatistics& statistics = inspection.statistics_of(site);
  QString text = QString::fromUtf8("%1, layer %2, head %3\nentropy %4, peak %5, alignment %6")
                     .arg(family_title(site.family))
                     .arg(site.layer)
                     .arg(site.head)
                     .arg(statistics.entropy, 0, 'f', 3)
                     .arg(statistics.peak, 0, 'f', 3)
                     .arg(statistics.alignment, 0, 'f', 3);
  const std::vector<double>& effects = inspector().effects();
  if (!effects.empty()) {
    text += QString::fromUtf8(", effect %1 %2")
                .arg(effects[inspection.index(site)] * 100, 0, 'f', 2)
                .arg(QString::fromUtf8("%"));
  }
  const auto& silenced = inspection.edits.silenced;
  if (std::find(silenced.begin(), silenced.end(), site) != silenced.end()) {
    text += QString::fromUtf8("\nsilenced");
  }
  return text;
}

void HeadsOverview::point_at(std::optional<HeadSite> head) {
  inspector().point_at_head(head);
  if (head) say(tip(*head));
}

void HeadsOverview::mouseMoveEvent(QMouseEvent* event) {
  const auto head = head_at(event->position());
  point_at(head);
  show_tip(event->pos(), head ? tip(*head) : QString());
}

void HeadsOverview::mousePressEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton) return;
  current_ = head_at(event->position());
  if (current_) select_head(inspector(), *current_);
}

void HeadsOverview::mouseDoubleClickEvent(QMouseEvent* event) {
  if (const auto head = head_at(event->position())) toggle_solo(inspector(), *head);
}

void HeadsOverview::leaveEvent(QEvent*) {
  point_at({});
}

void HeadsOverview::focusOutEvent(QFocusEvent* event) {
  point_at({});
  Canvas::focusOutEvent(event);
}

/// To the head whose cell is nearest in that direction.
bool HeadsOverview::walk(int dx, int dy) {
  const HeadsGrid grid = grid_for(width());
  if (grid.cells.empty()) return true;
  if (!current_) current_ = inspector().state().selected();
  const auto from = std::find_if(grid.cells.begin(), grid.cells.end(),
                                 [&](const HeadCell& cell) { return cell.site == current_; });
  const HeadCell* best = from == grid.cells.end() ? &grid.cells.front() : nullptr;
  double least = 0;
  for (const HeadCell& cell : grid.cells) {
    if (from == grid.cells.end()) break;
    const QPointF way = cell.box.center() - from->box.center();
    const double along = way.x() * dx + way.y() * dy;
    const double cost = along + 3 * (std::abs(way.x() * dy) + std::abs(way.y() * dx));
    if (along <= 1 || (best && cost >= least)) continue;
    best = &cell;
    least = cost;
  }
  if (best) current_ = best->site;
  point_at(current_);
  if (best) Q_EMIT walked_to(best->box);
  return true;
}

void HeadsOverview::keyPressEvent(QKeyEvent* event) {
  const std::optional<HeadSite> on = current_ ? current_ : inspector().state().selected();
  switch (event->key()) {
    case Qt::Key_Return:
    case Qt::Key_Enter:
      if (on) return select_head(inspector(), *on);
      break;
    case Qt::Key_Space:
    case Qt::Key_Delete:
      if (on && !event->isAutoRepeat()) toggle_silenced(inspector(), *on);
      if (on) return;
      break;
    default:
      break;
  }
  Canvas::keyPressEvent(event);
}

void HeadsOverview::contextMenuEvent(QContextMenuEvent* event) {
  std::optional<HeadSite> head = head_at(event->pos());
  if (event->reason() == QContextMenuEvent::Keyboard) head = current_;
  if (!head) return;
  const auto& silenced = inspector().state().edits.silenced;
  const bool off = std::find(silenced.begin(), silenced.end(), *head) != silenced.end();
  QMenu menu(this);
  menu.addAction(QString::fromUtf8("&Select"), [this, head] { select_head(inspector(), *head); });
  menu.addAction(QString::fromUtf8(off ? "Switch &on" : "Switch &off"),
                 [this, head] { toggle_silenced(inspector(), *head); });
  menu.addAction(QString::fromUtf8("Only &this one of its family, or all again"),
                 [this, head] { toggle_solo(inspector(), *head); });
  menu.addAction(QString::fromUtf8("Whole &layer of its family off or on"),
                 [this, head] { toggle_layer(inspector(), *head); });
  menu.exec(event->globalPos());
}

}  // namespace vqalign
