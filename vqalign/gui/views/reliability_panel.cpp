#include "vqalign/gui/views/reliability_panel.h"

#include <QHBoxLayout>
#include <QMouseEvent>
#include <QVBoxLayout>
#include <algorithm>

namespace vqalign {
namespace {

constexpr double kAroundDiagram = 12;

}  // namespace

ReliabilityView::ReliabilityView(Inspector& inspector, QWidget* parent)
    : Canvas(inspector, QString::fromUtf8("Reliability diagram"),
             QString::fromUtf8("Open what vqalign eval --passes N --verdicts F.npz wrote, or let "
                               "the model answer a dataset in Browse."),
             parent) {}

void ReliabilityView::set_reliability(const std::optional<Reliability>& reliability) {
  reliability_ = reliability;
  current_.reset();
  say({});
  update();
}

void ReliabilityView::set_marked(bool marked) {
  marked_ = marked;
  update();
}

ReliabilityLayout ReliabilityView::layout_now() const {
  return lay_out_reliability(
      QRectF(rect()).adjusted(kAroundDiagram, kAroundDiagram, -kAroundDiagram, -kAroundDiagram));
}

void ReliabilityView::paint(QPainter& painter) {
  if (!reliability_) return Canvas::paint_empty(painter);
  const std::vector<RankedAnswer>& answers = inspector().shown().answers;
  const ReliabilityLayout layout = layout_now();
  const Palette& palette = options().palette();
  if (current_ && hasFocus()) painter.fillRect(layout.bins[*current_], palette.track);
  draw_reliability(
      painter, layout, *reliability_,
      marked_ && !answers.empty() ? std::optional(answers.front().probability) : std::nullopt,
      palette);
}

void ReliabilityView::paint_empty(QPainter& painter) {
  if (!reliability_) return Canvas::paint_empty(painter);
  draw_reliability(painter, layout_now(), *reliability_, {}, options().palette());
}

bool ReliabilityView::walk(int dx, int) {
  if (!reliability_ || dx == 0) return false;
  const int64_t to = current_ ? int64_t(*current_) + dx : 0;
  current_ = std::size_t(std::clamp<int64_t>(to, 0, kCalibrationBins - 1));
  say(bin_text(*reliability_, *current_));
  update();
  return true;
}

void ReliabilityView::mouseMoveEvent(QMouseEvent* event) {
  QString text;
  const ReliabilityLayout layout = layout_now();
  for (std::size_t i = 0; reliability_ && i < layout.bins.size(); ++i) {
    if (layout.bins[i].contains(event->position())) text = bin_text(*reliability_, i);
  }
  show_tip(event->pos(), text);
}

ReliabilityPanel::ReliabilityPanel(Inspector& inspector, QWidget* parent)
    : QWidget(parent),
      inspector_(inspector),
      name_(new QLabel),
      view_(new ReliabilityView(inspector)) {
  name_->setWordWrap(true);
  name_->setTextFormat(Qt::PlainText);
  auto* open = new QPushButton(QString::fromUtf8("Open evaluation\u2026"));
  open->setToolTip(QString::fromUtf8("A file of vqalign eval --passes N --verdicts F.npz"));
  auto* browse = new QPushButton(QString::fromUtf8("From Browse"));
  browse->setToolTip(QString::fromUtf8("The model's own answers in the table of Browse"));
  connect(open, &QPushButton::clicked, this, &ReliabilityPanel::file_wanted);
  connect(browse, &QPushButton::clicked, this, &ReliabilityPanel::browser_wanted);
  auto* row = new QHBoxLayout;
  row->addWidget(open);
  row->addWidget(browse);
  row->addStretch();
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(8, 6, 8, 6);
  column->addLayout(row);
  column->addWidget(name_);
  column->addWidget(view_, 1);
  connect(&inspector, &Inspector::model_changed, this, &ReliabilityPanel::tell);
  tell();
}

void ReliabilityPanel::set_evaluation(const Evaluation& evaluation) {
  evaluation_ = evaluation;
  view_->set_reliability(reliability_of(evaluation.confidences, evaluation.accuracies));
  tell();
}

void ReliabilityPanel::tell() {
  name_->setVisible(evaluation_.has_value());
  if (!evaluation_) return;
  const std::string& own = inspector_.model().hash;
  const bool known = !evaluation_->model_hash.empty() && !own.empty();
  const bool other = known && evaluation_->model_hash != own;
  QString text = evaluation_->name;
  if (!known) text += QString::fromUtf8(". It does not say of which model it is.");
  if (other) text += QString::fromUtf8(". It is of another model than the one that answers.");
  view_->set_marked(!other);
  name_->setText(text);
}

}  // namespace vqalign
