#include "vqalign/gui/views/matrix_panel.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <algorithm>

#include "vqalign/gui/models/edit_state.h"

namespace vqalign {
namespace {

constexpr double kEdge = 10;

}  // namespace

MatrixPanel::MatrixPanel(Inspector& inspector, QWidget* parent)
    : Canvas(inspector, QString::fromUtf8("Attention matrix"),
             QString::fromUtf8("One map of attention stands here once a question is asked."),
             parent) {
  connect(&inspector, &Inspector::head_pointed, this, qOverload<>(&QWidget::update));
  connect(&inspector, &Inspector::inspection_changed, this, [this] { pointed_.reset(); });
}

std::optional<MatrixContent> MatrixPanel::content() const {
  const auto inspection = inspector().inspection();
  if (!inspection) return {};
  const std::optional<HeadSite> head = inspector().pointed_head();
  // What was pointed at may have been another model's.
  const FamilyShape of_head = head ? inspection->shape(head->family) : FamilyShape{};
  if (head && head->layer < of_head.layers && head->head < of_head.heads) {
    return matrix_content(*inspection, head->family, {head->layer, head->head});
  }
  const ViewState drawn = inspector().drawn_state();
  const bool there = inspection->shape(drawn.family).layers > 0;
  return matrix_content(*inspection, there ? drawn.family : AttentionFamily::kGuided,
                        drawn.weights.map);
}

MatrixLayout MatrixPanel::layout_of(const MatrixContent& content) const {
  return lay_out_matrix(content, QRectF(rect()).adjusted(kEdge, kEdge, -kEdge, -kEdge));
}

QRectF MatrixPanel::cell_box(int64_t query, int64_t key) const {
  const auto shown = content();
  return shown ? layout_of(*shown).cell(query, key) : QRectF();
}

void MatrixPanel::paint(QPainter& painter) {
  const auto shown = content();
  if (!shown) return;
  const bool fits =
      pointed_ && pointed_->first < shown->map.queries && pointed_->second < shown->map.keys;
  draw_matrix(painter, layout_of(*shown), *shown, options(), fits ? pointed_ : std::nullopt);
}

QString MatrixPanel::tip(const Cell& cell, const MatrixContent& content) const {
  const auto name = [](bool words, const QString& label) {
    return words ? QString::fromUtf8("\"%1\"").arg(label) : QString::fromUtf8("region ") + label;
  };
  const AttentionFamily family = content.map.site.family;
  return QString::fromUtf8("%1 to %2: %3")
      .arg(name(queries_are_words(family), content.query_labels[cell.first]),
           name(keys_are_words(family), content.key_labels[cell.second]),
           QString::number(content.map.at(cell.first, cell.second), 'f', 4));
}

void MatrixPanel::point_at(std::optional<Cell> cell, const MatrixContent& content) {
  if (cell) say(tip(*cell, content));
  if (cell == pointed_) return;
  pointed_ = cell;
  update();
}

void MatrixPanel::mouseMoveEvent(QMouseEvent* event) {
  const auto shown = content();
  if (!shown) return;
  const auto cell = layout_of(*shown).cell_at(event->position());
  point_at(cell, *shown);
  show_tip(event->pos(), cell ? tip(*cell, *shown) : QString());
}

/// The row is what attention is told of.
void MatrixPanel::keep_row(const Cell& cell, const MatrixContent& content) {
  const auto inspection = inspector().inspection();
  const bool words = queries_are_words(content.map.site.family);
  const auto& places = words ? inspection->read_words : inspection->seen_regions;
  keep_subject(inspector(), {words, places[static_cast<std::size_t>(cell.first)]});
}

void MatrixPanel::mouseReleaseEvent(QMouseEvent* event) {
  const auto shown = content();
  if (!shown || event->button() != Qt::LeftButton) return;
  if (const auto cell = layout_of(*shown).cell_at(event->position())) keep_row(*cell, *shown);
}

void MatrixPanel::leaveEvent(QEvent*) {
  pointed_.reset();
  update();
}

bool MatrixPanel::walk(int dx, int dy) {
  const auto shown = content();
  if (!shown) return false;
  const Cell from = pointed_.value_or(Cell{-dy, -dx});
  const Cell to{std::clamp<int64_t>(from.first + dy, 0, shown->map.queries - 1),
                std::clamp<int64_t>(from.second + dx, 0, shown->map.keys - 1)};
  point_at(to, *shown);
  return true;
}

void MatrixPanel::keyPressEvent(QKeyEvent* event) {
  const auto shown = content();
  const bool keeps = event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter;
  if (!shown || !keeps) return Canvas::keyPressEvent(event);
  if (pointed_) keep_row(*pointed_, *shown);
}

}  // namespace vqalign
