#include "vqalign/gui/views/heads_panel.h"

#include <QHBoxLayout>
#include <QScrollArea>
#include <QVBoxLayout>

#include "vqalign/gui/views/family_list.h"

namespace vqalign {
namespace {

constexpr int kFewestLetters = 9;

struct StatisticRow {
  HeadStatistic statistic;
  const char* text;
  const char* tip;
};

constexpr StatisticRow kStatistics[] = {
    {HeadStatistic::kEntropy, "Entropy", "0: each row looks at one thing; 1: everywhere alike"},
    {HeadStatistic::kPeak, "Peak", "Largest share in a row, mean over rows"},
    {HeadStatistic::kAlignment, "Alignment distance",
     "Squared MMD between the head's queries and keys"},
    {HeadStatistic::kEffect, "Effect on the answer",
     "How much of the explained answer's probability goes when the head is switched off"},
};

void name(QWidget& widget, const char* text, const char* tip) {
  widget.setAccessibleName(QString::fromUtf8(text));
  widget.setToolTip(QString::fromUtf8(tip));
}

}  // namespace

HeadsPanel::HeadsPanel(Inspector& inspector, QWidget* parent)
    : QWidget(parent),
      inspector_(inspector),
      families_(new QComboBox),
      statistics_(new QComboBox),
      sorted_(new QCheckBox(QString::fromUtf8("S&ort"))),
      measure_(new QPushButton(QString::fromUtf8("&Measure effects"))),
      silenced_(new QLabel),
      all_on_(new QPushButton(QString::fromUtf8("All o&n"))),
      overview_(new HeadsOverview(inspector)) {
  name(*families_, "Families of heads", "Which families of attention are shown");
  families_->addItem(QString::fromUtf8("All families"));
  name(*statistics_, "Statistic of heads", "What is told below each head, and sorted by");
  for (const StatisticRow& row : kStatistics) {
    statistics_->addItem(QString::fromUtf8(row.text));
    statistics_->setItemData(statistics_->count() - 1, QString::fromUtf8(row.tip), Qt::ToolTipRole);
  }
  name(*sorted_, "Sort heads", "The head with the largest value first");
  name(*measure_, "Measure effects of heads",
       "Switches every head off once and tells what that does to the explained answer");
  name(*all_on_, "All heads on", "Switches every head on again");

  for (QComboBox* list : {families_, statistics_}) {
    list->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    list->setMinimumContentsLength(kFewestLetters);
  }
  auto* choices = new QHBoxLayout;
  for (QWidget* widget : std::initializer_list<QWidget*>{families_, statistics_, sorted_}) {
    choices->addWidget(widget);
  }
  choices->addStretch();
  auto* deeds = new QHBoxLayout;
  deeds->addWidget(measure_);
  deeds->addWidget(all_on_);
  deeds->addWidget(silenced_);
  deeds->addStretch();
  auto* scroll = new QScrollArea;
  scroll->setWidgetResizable(true);
  scroll->setFrameShape(QFrame::NoFrame);
  scroll->setFocusPolicy(Qt::NoFocus);
  scroll->setWidget(overview_);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(6, 6, 6, 6);
  column->addLayout(choices);
  column->addLayout(deeds);
  column->addWidget(scroll, 1);

  connect(overview_, &HeadsOverview::walked_to, scroll, [scroll](const QRectF& cell) {
    const QPoint centre = cell.center().toPoint();
    scroll->ensureVisible(centre.x(), centre.y(), int(cell.width()), int(cell.height()));
  });
  connect_controls();
  list_model();
  follow();
}

void HeadsPanel::connect_controls() {
  connect(families_, &QComboBox::activated, this, &HeadsPanel::show_chosen_family);
  connect(&inspector_, &Inspector::model_changed, this, &HeadsPanel::list_model);
  connect(statistics_, &QComboBox::activated, this, &HeadsPanel::choose_statistic);
  connect(sorted_, &QCheckBox::toggled, this, [this](bool on) {
    ViewState next = inspector_.state();
    next.sorted = on;
    inspector_.change(next, QString::fromUtf8("order of heads"));
  });
  connect(measure_, &QPushButton::clicked, this,
          [this] { choose_statistic(int(std::size(kStatistics)) - 1); });
  connect(all_on_, &QPushButton::clicked, this, [this] {
    ViewState next = inspector_.state();
    next.edits.silenced.clear();
    inspector_.change(next, QString::fromUtf8("all heads on"));
  });
  connect(&inspector_, &Inspector::state_changed, this, &HeadsPanel::follow);
  connect(&inspector_, &Inspector::inspection_changed, this, &HeadsPanel::follow);
}

void HeadsPanel::choose_statistic(int index) {
  ViewState next = inspector_.state();
  next.statistic = kStatistics[index].statistic;
  inspector_.change(next, QString::fromUtf8("statistic"));
}

void HeadsPanel::list_model() {
  list_families(*families_, 1, inspector_.card());
  show_chosen_family();
}

void HeadsPanel::show_chosen_family() {
  const int index = families_->currentIndex();
  overview_->show_family(
      index <= 0 ? std::nullopt : std::optional(kAllFamilies[static_cast<std::size_t>(index - 1)]));
}

void HeadsPanel::follow() {
  const ViewState& state = inspector_.state();
  for (int i = 0; i < int(std::size(kStatistics)); ++i) {
    if (kStatistics[i].statistic == state.statistic) statistics_->setCurrentIndex(i);
  }
  const QSignalBlocker quiet(sorted_);
  sorted_->setChecked(state.sorted);
  const auto off = static_cast<qlonglong>(state.edits.silenced.size());
  const ModelCard& card = inspector_.card();
  const auto all =
      static_cast<qlonglong>(all_sites(card.layers, card.heads, card.pretrained).size());
  silenced_->setText(off == 0 ? QString()
                              : QString::fromUtf8("%1 of %2 heads off").arg(off).arg(all));
  all_on_->setEnabled(off > 0);
  measure_->setEnabled(inspector_.inspection() != nullptr);
}

}  // namespace vqalign
