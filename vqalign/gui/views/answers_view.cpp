#include "vqalign/gui/views/answers_view.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <algorithm>

#include "vqalign/figure/text_block.h"

namespace vqalign {
namespace {

constexpr double kBeside = 14;
constexpr double kAbove = 10;

}  // namespace

AnswersView::AnswersView(Inspector& inspector, QWidget* parent)
    : Canvas(inspector, QString::fromUtf8("Answers"),
             QString::fromUtf8("The answers to a question stand here."), parent) {
  connect(&inspector, &Inspector::inspection_changed, this, &AnswersView::fit_height);
}

AnswersLayout AnswersView::layout_now() const {
  return lay_out_answers(inspector().shown(), QPointF(kBeside, kAbove),
                         std::max(width() - 2 * kBeside, 80.0));
}

void AnswersView::fit_height() {
  current_.reset();
  setMinimumHeight(static_cast<int>(layout_now().height + 2 * kAbove));
}

QSize AnswersView::sizeHint() const {
  return {360, static_cast<int>(layout_now().height + 2 * kAbove)};
}

QRectF AnswersView::answer_box(std::size_t answer) const {
  for (const AnswerRow& row : layout_now().rows) {
    if (row.answer == answer) return row.box;
  }
  return {};
}

std::optional<std::size_t> AnswersView::answer_at(QPointF point) const {
  for (const AnswerRow& row : layout_now().rows) {
    if (row.box.contains(point)) return row.answer;
  }
  return {};
}

void AnswersView::paint(QPainter& painter) {
  const AnswerEvidence& shown = inspector().shown();
  const FigureOptions drawn = options();
  const bool explains = inspector().state().weights.source == WeightSource::kRelevance;
  if (current_ && hasFocus()) {
    painter.setPen(Qt::NoPen);
    painter.setBrush(drawn.palette().track);
    painter.drawRoundedRect(answer_box(*current_).adjusted(-6, -2, 6, 0), 4, 4);
  }
  draw_answers(painter, layout_now(), shown, drawn,
               explains ? inspector().explained_answer() : std::string());
}

QString AnswersView::tip(std::size_t place) const {
  const RankedAnswer& answer = inspector().shown().answers[place];
  QString probability = percent_text(answer.probability, 2);
  if (inspector().shown().passes > 0) {
    probability += QString::fromUtf8(" \u00b1 %1 over %2 passes")
                       .arg(answer.spread * 100, 0, 'f', 2)
                       .arg(inspector().shown().passes);
  }
  return QString::fromUtf8("%1: probability %2, share of the training answers %3")
      .arg(display_text(answer.text), probability, percent_text(answer.prior, 2));
}

void AnswersView::mouseMoveEvent(QMouseEvent* event) {
  const auto answer = answer_at(event->position());
  setCursor(answer ? Qt::PointingHandCursor : Qt::ArrowCursor);
  const QString click = QString::fromUtf8("\nClick to see what speaks for it");
  show_tip(event->pos(), answer ? tip(*answer) + click : QString());
}

void AnswersView::mouseReleaseEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton) return;
  if (const auto answer = answer_at(event->position())) explain(*answer);
}

void AnswersView::leaveEvent(QEvent*) {
  unsetCursor();
}

void AnswersView::explain(std::size_t place) {
  if (place >= inspector().shown().answers.size()) return;
  current_ = place;
  ViewState next = inspector().state();
  next.weights.source = WeightSource::kRelevance;
  next.weights.answer = inspector().shown().answers[place].text;
  inspector().change(next, QString::fromUtf8("explained answer"));
  update();
}

bool AnswersView::walk(int, int dy) {
  if (dy == 0) return false;
  const auto count = static_cast<int64_t>(inspector().shown().answers.size());
  if (count == 0) return true;
  const int64_t to = current_ ? static_cast<int64_t>(*current_) + dy : 0;
  current_ = static_cast<std::size_t>(std::clamp<int64_t>(to, 0, count - 1));
  say(tip(*current_));
  update();
  return true;
}

void AnswersView::keyPressEvent(QKeyEvent* event) {
  switch (event->key()) {
    case Qt::Key_Return:
    case Qt::Key_Enter:
    case Qt::Key_Space:
      if (current_) return explain(*current_);
      break;
    default:
      break;
  }
  Canvas::keyPressEvent(event);
}

}  // namespace vqalign
