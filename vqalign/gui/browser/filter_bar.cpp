#include "vqalign/gui/browser/filter_bar.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QSignalBlocker>
#include <QSpinBox>
#include <QStyle>
#include <QToolButton>
#include <QVBoxLayout>

namespace vqalign {
namespace {

QToolButton* make_tool(const QString& text, const QString& tip) {
  auto* button = new QToolButton;
  button->setText(text);
  button->setToolTip(tip);
  button->setAccessibleName(tip.section(QChar('('), 0, 0).trimmed());
  button->setFocusPolicy(Qt::StrongFocus);
  return button;
}

QComboBox* make_choice(const QString& name) {
  auto* combo = new QComboBox;
  combo->setAccessibleName(name);
  combo->setToolTip(name);
  combo->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
  combo->setMinimumContentsLength(13);
  return combo;
}

/// The first entry means any and has no data.
void offer_types(QComboBox* combo, const QString& any, const std::vector<std::string>& types) {
  const QSignalBlocker quiet(combo);
  combo->clear();
  combo->addItem(any, QString());
  for (const std::string& type : types) {
    const QString text = QString::fromStdString(type);
    combo->addItem(text, text);
  }
}

void choose(QComboBox* combo, const QVariant& data) {
  combo->setCurrentIndex(std::max(0, combo->findData(data)));
}

const QString kAnyAnswerType = QString::fromUtf8("any answer type");
const QString kAnyQuestionType = QString::fromUtf8("any question type");

}  // namespace

FilterBar::FilterBar(QWidget* parent) : QWidget(parent) {
  auto* rows = new QVBoxLayout(this);
  rows->setContentsMargins(0, 0, 0, 0);
  rows->addLayout(make_text_row());
  rows->addLayout(make_choice_row());
  connect_fields();
  take(filter_);
}

QHBoxLayout* FilterBar::make_text_row() {
  text_ = new QLineEdit;
  text_->setClearButtonEnabled(true);
  text_->setPlaceholderText(
      QString::fromUtf8("Filter: words of the question, the answer or the truth"));
  text_->setAccessibleName(QString::fromUtf8("Filter by words"));
  text_->setToolTip(QString::fromUtf8(
      "Rows that hold each of these words in question, answer or truth (Ctrl+F)"));
  undo_ = make_tool(QString::fromUtf8("↶"), QString::fromUtf8("Undo filter (Alt+Left)"));
  redo_ = make_tool(QString::fromUtf8("↷"), QString::fromUtf8("Redo filter (Alt+Right)"));
  reset_ =
      make_tool(QString::fromUtf8("Reset"), QString::fromUtf8("Reset filter (Esc): show all rows"));
  auto* row = new QHBoxLayout;
  row->addWidget(text_, 1);
  row->addWidget(undo_);
  row->addWidget(redo_);
  row->addWidget(reset_);
  return row;
}

QSpinBox* FilterBar::make_percent(const QString& name) {
  auto* percent = new QSpinBox;
  percent->setRange(0, 100);
  percent->setSuffix(QString::fromUtf8(" %"));
  // Half a number would move the other end along.
  percent->setKeyboardTracking(false);
  percent->setAccessibleName(name);
  percent->setToolTip(
      name + QString::fromUtf8("; from 0 to 100 %, answers of unknown confidence are shown too"));
  return percent;
}

QHBoxLayout* FilterBar::make_choice_row() {
  rightness_ = make_choice(QString::fromUtf8("Filter by result"));
  for (const auto& [text, value] : {std::pair{"any result", Rightness::kAny},
                                    {"right", Rightness::kRight},
                                    {"partly right", Rightness::kPartly},
                                    {"wrong", Rightness::kWrong}}) {
    rightness_->addItem(QString::fromUtf8(text), static_cast<int>(value));
  }
  answer_type_ = make_choice(QString::fromUtf8("Filter by answer type"));
  question_type_ = make_choice(QString::fromUtf8("Filter by question type"));
  offer_types(answer_type_, kAnyAnswerType, {});
  offer_types(question_type_, kAnyQuestionType, {});
  from_ = make_percent(QString::fromUtf8("Confidence from"));
  to_ = make_percent(QString::fromUtf8("Confidence to"));
  to_->setValue(to_->maximum());
  auto* label = new QLabel(QString::fromUtf8("&Confidence"));
  label->setBuddy(from_);
  auto* row = new QHBoxLayout;
  row->addWidget(rightness_, 1);
  row->addWidget(answer_type_, 1);
  row->addWidget(question_type_, 1);
  row->addWidget(label);
  row->addWidget(from_);
  row->addWidget(new QLabel(QString::fromUtf8("to")));
  row->addWidget(to_);
  return row;
}

void FilterBar::connect_fields() {
  connect(text_, &QLineEdit::textChanged, this, &FilterBar::read_fields);
  connect(text_, &QLineEdit::editingFinished, this, [this] { history_.settle(); });
  for (QComboBox* combo : {rightness_, answer_type_, question_type_}) {
    connect(combo, &QComboBox::currentIndexChanged, this, &FilterBar::read_fields);
  }
  // A range that ends before it begins would show nothing: the other end follows.
  connect(from_, &QSpinBox::valueChanged, this, [this](int from) {
    const QSignalBlocker quiet(to_);
    to_->setValue(std::max(from, to_->value()));
    read_fields();
  });
  connect(to_, &QSpinBox::valueChanged, this, [this](int to) {
    const QSignalBlocker quiet(from_);
    from_->setValue(std::min(to, from_->value()));
    read_fields();
  });
  connect(undo_, &QToolButton::clicked, this, &FilterBar::undo);
  connect(redo_, &QToolButton::clicked, this, &FilterBar::redo);
  connect(reset_, &QToolButton::clicked, this, &FilterBar::reset);
}

RecordFilter FilterBar::fields() const {
  RecordFilter filter;
  filter.text = text_->text().toStdString();
  filter.rightness = static_cast<Rightness>(rightness_->currentData().toInt());
  filter.answer_type = answer_type_->currentData().toString().toStdString();
  filter.question_type = question_type_->currentData().toString().toStdString();
  filter.confidence_from = from_->value();
  filter.confidence_to = to_->value();
  return filter;
}

void FilterBar::read_fields() {
  const RecordFilter filter = fields();
  history_.push(filter);
  take(filter);
}

void FilterBar::show_fields(const RecordFilter& filter) {
  const QSignalBlocker quiet[] = {QSignalBlocker(text_),        QSignalBlocker(rightness_),
                                  QSignalBlocker(answer_type_), QSignalBlocker(question_type_),
                                  QSignalBlocker(from_),        QSignalBlocker(to_)};
  const QString text = QString::fromStdString(filter.text);
  // Setting the same text would move the cursor of whoever is typing.
  if (text_->text() != text) text_->setText(text);
  choose(rightness_, static_cast<int>(filter.rightness));
  choose(answer_type_, QString::fromStdString(filter.answer_type));
  choose(question_type_, QString::fromStdString(filter.question_type));
  from_->setValue(filter.confidence_from);
  to_->setValue(filter.confidence_to);
}

void FilterBar::take(const RecordFilter& filter) {
  undo_->setEnabled(history_.can_undo());
  redo_->setEnabled(history_.can_redo());
  reset_->setEnabled(filter != RecordFilter());
  if (filter == filter_) return;
  filter_ = filter;
  Q_EMIT changed(filter_);
}

void FilterBar::set_filter(const RecordFilter& filter) {
  show_fields(filter);
  history_.settle();
  read_fields();
  history_.settle();
}

void FilterBar::set_types(const std::vector<std::string>& answer_types,
                          const std::vector<std::string>& question_types) {
  offer_types(answer_type_, kAnyAnswerType, answer_types);
  offer_types(question_type_, kAnyQuestionType, question_types);
  set_filter(filter_);
}

void FilterBar::focus_text() {
  text_->setFocus(Qt::ShortcutFocusReason);
  text_->selectAll();
}

void FilterBar::show_step(const RecordFilter& filter) {
  show_fields(filter);
  // Of what was asked for in another dataset, some may not be on offer now.
  take(fields());
}

void FilterBar::undo() {
  if (const auto filter = history_.undo()) show_step(*filter);
}

void FilterBar::redo() {
  if (const auto filter = history_.redo()) show_step(*filter);
}

void FilterBar::reset() {
  set_filter({});
}

}  // namespace vqalign
