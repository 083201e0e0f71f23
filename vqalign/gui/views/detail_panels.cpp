#include "vqalign/gui/views/detail_panels.h"

#include <QHBoxLayout>
#include <QLocale>
#include <QTime>
#include <QVBoxLayout>
#include <algorithm>

#include "vqalign/figure/heat_map.h"
#include "vqalign/figure/matrix_view.h"
#include "vqalign/figure/text_block.h"
#include "vqalign/gui/models/edit_state.h"

namespace vqalign {
namespace {

constexpr std::size_t kMostPairs = 12;

QString decimals(double value) {
  return QString::number(value, 'f', 4);
}

QString text(const std::string& value) {
  return display_text(value);
}

std::vector<QStringList> number_rows(const AnswerEvidence& shown) {
  std::vector<QStringList> rows;
  for (const RankedAnswer& answer : shown.answers) {
    rows.push_back({QString::fromUtf8("answer"), text(answer.text), decimals(answer.probability)});
  }
  for (const QuestionWord& word : shown.words) {
    rows.push_back({QString::fromUtf8("word"), text(word.text), decimals(word.weight)});
  }
  for (const std::size_t i : top_regions(shown, shown.regions.size())) {
    const PictureRegion& r = shown.regions[i];
    rows.push_back({QString::fromUtf8("region"),
                    QString::fromUtf8("%1: x %2 to %3, y %4 to %5")
                        .arg(text(region_name(shown, i)))
                        .arg(r.x1, 0, 'f', 0)
                        .arg(r.x2, 0, 'f', 0)
                        .arg(r.y1, 0, 'f', 0)
                        .arg(r.y2, 0, 'f', 0),
                    decimals(r.weight)});
  }
  return rows;
}

/// The largest weights of a map, query, key and weight each.
std::vector<QStringList> strongest_pairs(const MatrixContent& content) {
  const AttentionMap& map = content.map;
  std::vector<std::size_t> order(map.weights.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  const std::size_t count = std::min(kMostPairs, order.size());
  std::partial_sort(order.begin(), order.begin() + std::ptrdiff_t(count), order.end(),
                    [&](std::size_t a, std::size_t b) { return map.weights[a] > map.weights[b]; });
  std::vector<QStringList> rows;
  for (std::size_t i = 0; i < count; ++i) {
    const auto at = static_cast<int64_t>(order[i]);
    rows.push_back({content.query_labels[at / map.keys], content.key_labels[at % map.keys],
                    decimals(map.weights[order[i]])});
  }
  return rows;
}

}  // namespace

NumbersPanel::NumbersPanel(Inspector& inspector, QWidget* parent)
    : CopyTable(QString::fromUtf8("Numbers"),
                {QString::fromUtf8("kind"), QString::fromUtf8("what"), QString::fromUtf8("value")},
                QString::fromUtf8("The numbers of an answer stand here."), parent),
      inspector_(inspector) {
  connect(&inspector_, &Inspector::shown_changed, this, &NumbersPanel::follow);
}

void NumbersPanel::showEvent(QShowEvent* event) {
  CopyTable::showEvent(event);
  follow();
}

void NumbersPanel::follow() {
  if (isVisible()) set_rows(number_rows(inspector_.shown()));
}

HeadPanel::HeadPanel(Inspector& inspector, QWidget* parent)
    : QWidget(parent),
      inspector_(inspector),
      title_(new QLabel),
      silence_(new QPushButton),
      solo_(new QPushButton(QString::fromUtf8("Only this one"))),
      statistics_(new CopyTable(QString::fromUtf8("Statistics of the head"),
                                {QString::fromUtf8("statistic"), QString::fromUtf8("value")})),
      pairs_(new CopyTable(
          QString::fromUtf8("Strongest pairs of the head"),
          {QString::fromUtf8("looks from"), QString::fromUtf8("at"), QString::fromUtf8("share")})) {
  title_->setWordWrap(true);
  silence_->setAccessibleName(QString::fromUtf8("Switch the head off or on"));
  solo_->setAccessibleName(QString::fromUtf8("Only this head of its family, or all again"));
  solo_->setToolTip(QString::fromUtf8("Switches every other head of its family off, or on again"));
  auto* buttons = new QHBoxLayout;
  buttons->addWidget(silence_);
  buttons->addWidget(solo_);
  buttons->addStretch();
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(6, 6, 6, 6);
  column->addWidget(title_);
  column->addLayout(buttons);
  column->addWidget(statistics_, 2);
  column->addWidget(pairs_, 3);
  column->addStretch();
  connect(silence_, &QPushButton::clicked, this, [this] {
    if (const auto head = inspector_.state().selected()) toggle_silenced(inspector_, *head);
  });
  connect(solo_, &QPushButton::clicked, this, [this] {
    if (const auto head = inspector_.state().selected()) toggle_solo(inspector_, *head);
  });
  connect(&inspector_, &Inspector::state_changed, this, &HeadPanel::follow);
  connect(&inspector_, &Inspector::inspection_changed, this, &HeadPanel::follow);
  connect(&inspector_, &Inspector::effects_changed, this, &HeadPanel::follow);
  follow();
}

void HeadPanel::follow() {
  const auto inspection = inspector_.inspection();
  const auto head = inspector_.state().selected();
  const FamilyShape shape = inspection && head ? inspection->shape(head->family) : FamilyShape{};
  const bool usable = inspection && head && head->layer < shape.layers && head->head < shape.heads;
  for (QWidget* part : {static_cast<QWidget*>(silence_), static_cast<QWidget*>(solo_),
                        static_cast<QWidget*>(statistics_), static_cast<QWidget*>(pairs_)}) {
    part->setVisible(usable);
  }
  silence_->setText(QString::fromUtf8("Switch off"));
  if (!usable) {
    title_->setText(QString::fromUtf8(
        "No head is selected. Click a thumbnail in Heads, or choose a layer and a head above."));
    statistics_->set_rows({});
    pairs_->set_rows({});
    return;
  }
  const auto& silenced = inspector_.state().edits.silenced;
  const bool off = std::find(silenced.begin(), silenced.end(), *head) != silenced.end();
  silence_->setText(QString::fromUtf8(off ? "Switch on" : "Switch off"));
  const MatrixContent content =
      matrix_content(*inspection, head->family, {head->layer, head->head});
  title_->setText(QString::fromUtf8("<b>%1</b><br>%2")
                      .arg(content.title.toHtmlEscaped(), content.direction.toHtmlEscaped()));
  const HeadStatistics& numbers = inspection->statistics_of(*head);
  std::vector<QStringList> rows = {
      {QString::fromUtf8("entropy (0 one thing, 1 everywhere)"), decimals(numbers.entropy)},
      {QString::fromUtf8("peak (largest share of a row)"), decimals(numbers.peak)},
      {QString::fromUtf8("alignment distance (squared MMD)"), decimals(numbers.alignment)}};
  const std::vector<double>& effects = inspector_.effects();
  if (!effects.empty()) {
    rows.push_back({QString::fromUtf8("effect on \"%1\"").arg(text(inspector_.explained_answer())),
                    decimals(effects[inspection->index(*head)])});
  }
  statistics_->set_rows(rows);
  pairs_->set_rows(strongest_pairs(content));
}

ModelPanel::ModelPanel(Inspector& inspector, QWidget* parent)
    : CopyTable(QString::fromUtf8("Model"),
                {QString::fromUtf8("property"), QString::fromUtf8("value")},
                QString::fromUtf8("No model is loaded."), parent) {
  connect(&inspector, &Inspector::model_changed, this, [this, &inspector] {
    const ModelCard& card = inspector.card();
    const auto number = [](int64_t value) {
      return QLocale(QLocale::English).toString(qlonglong(value));
    };
    std::vector<QStringList> rows = {
        {QString::fromUtf8("file"), text(card.file)},
        {QString::fromUtf8("pictures it knows"), text(card.domain)},
        {QString::fromUtf8("parameters"), number(card.parameters)},
        {QString::fromUtf8("layers"), number(card.layers)},
        {QString::fromUtf8("heads a layer"), number(card.heads)},
        {QString::fromUtf8("width"), number(card.hidden)},
        {QString::fromUtf8("structure"), text(card.structure)},
        {QString::fromUtf8("words it knows"), number(card.words)},
        {QString::fromUtf8("longest question (words)"), number(card.longest_question)},
        {QString::fromUtf8("answers"), number(card.answers)}};
    if (!card.calibration.empty()) {
      rows.push_back({QString::fromUtf8("probabilities"),
                      QString::fromUtf8("calibrated: ") + text(card.calibration)});
    }
    for (const auto& [name, value] : card.trained) {
      rows.push_back({QString::fromUtf8("trained: ") + text(name), text(value)});
    }
    set_rows(rows);
  });
}

LogPanel::LogPanel(QWidget* parent)
    : CopyTable(
          QString::fromUtf8("Log"),
          {QString::fromUtf8("time"), QString::fromUtf8("kind"), QString::fromUtf8("message")},
          QString::fromUtf8("No errors and no warnings."), parent) {}

void LogPanel::add(const QString& kind, const QString& message, const QString& hint) {
  constexpr int kMost = 1000;
  if (rowCount() >= kMost) removeRow(0);
  const int row = rowCount();
  insertRow(row);
  const QString whole = hint.isEmpty() ? message : message + QString::fromUtf8("; ") + hint;
  const QStringList cells{QTime::currentTime().toString(QString::fromUtf8("HH:mm:ss")), kind,
                          whole};
  for (int column = 0; column < columnCount(); ++column) {
    auto* cell = new QTableWidgetItem(cells[column]);
    cell->setToolTip(cells[column]);
    setItem(row, column, cell);
  }
  resizeColumnsToContents();
  scrollToBottom();
}

}  // namespace vqalign
