#include "vqalign/gui/browser/browser_header.h"

#include <QComboBox>
#include <QFrame>
#include <QHBoxLayout>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QStyle>
#include <QVBoxLayout>

namespace vqalign {
namespace {

QPushButton* make_button(const QString& text, const QString& tip) {
  auto* button = new QPushButton(text);
  button->setToolTip(tip);
  button->setAccessibleName(QString(text).remove(QChar('&')));
  button->setAccessibleDescription(tip);
  return button;
}

}  // namespace

BrowserHeader::BrowserHeader(QWidget* parent) : QWidget(parent) {
  dataset_ = make_button(QString::fromUtf8("Open &dataset…"),
                         QString::fromUtf8("Open a dataset folder in VQA v2 layout"));
  results_ = make_button(QString::fromUtf8("Open &results…"),
                         QString::fromUtf8("Open a results file with answers to this dataset"));
  predict_ = make_button({}, {});
  split_ = new QComboBox;
  split_->setAccessibleName(QString::fromUtf8("Split"));
  split_->setPlaceholderText(QString::fromUtf8("choose one"));
  split_->setSizeAdjustPolicy(QComboBox::AdjustToContents);
  auto* label = new QLabel(QString::fromUtf8("&Split"));
  label->setBuddy(split_);
  progress_ = new QProgressBar;
  progress_->setAccessibleName(QString::fromUtf8("Progress"));
  auto keep_place = progress_->sizePolicy();
  keep_place.setRetainSizeWhenHidden(true);
  progress_->setSizePolicy(keep_place);
  auto* row = new QHBoxLayout;
  row->addWidget(dataset_);
  row->addWidget(label);
  row->addWidget(split_);
  row->addWidget(results_);
  row->addWidget(predict_);
  row->addWidget(progress_, 1);

  message_ = new QFrame;
  message_->setFrameShape(QFrame::StyledPanel);
  message_icon_ = new QLabel;
  message_text_ = new QLabel;
  message_text_->setWordWrap(true);
  message_text_->setTextFormat(Qt::PlainText);
  message_text_->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
  message_text_->setObjectName(QString::fromUtf8("message"));
  auto* inside = new QHBoxLayout(message_);
  inside->addWidget(message_icon_);
  inside->addWidget(message_text_, 1);

  auto* rows = new QVBoxLayout(this);
  rows->setContentsMargins(0, 0, 0, 0);
  rows->addLayout(row);
  rows->addWidget(message_);
  clear_message();
  show_state(false, false, {});

  connect(dataset_, &QPushButton::clicked, this, &BrowserHeader::dataset_wanted);
  connect(results_, &QPushButton::clicked, this, &BrowserHeader::results_wanted);
  connect(split_, &QComboBox::activated, this,
          [this] { Q_EMIT split_chosen(split_->currentText()); });
  connect(predict_, &QPushButton::clicked, this,
          [this] { busy_ ? Q_EMIT cancel_wanted() : Q_EMIT predictions_wanted(); });
}

void BrowserHeader::show_splits(const QStringList& splits, const QString& chosen) {
  split_->clear();
  split_->addItems(splits);
  split_->setCurrentIndex(splits.indexOf(chosen));
}

void BrowserHeader::show_state(bool busy, bool has_dataset, const QString& why_not) {
  busy_ = busy;
  split_->setEnabled(split_->count() > 0);
  split_->setToolTip(split_->isEnabled() ? QString::fromUtf8("Which part of the dataset is shown")
                                         : QString::fromUtf8("Open a dataset first"));
  results_->setEnabled(has_dataset);
  predict_->setText(busy ? QString::fromUtf8("Cance&l") : QString::fromUtf8("&Predict"));
  predict_->setAccessibleName(predict_->text().remove(QChar('&')));
  predict_->setEnabled(busy || why_not.isEmpty());
  const QString doing = busy ? QString::fromUtf8("Stop; what has been done is kept")
                             : QString::fromUtf8("Ask the model every question that is shown");
  predict_->setToolTip(predict_->isEnabled() ? doing : why_not);
  predict_->setAccessibleDescription(predict_->toolTip());
  progress_->setVisible(busy);
}

void BrowserHeader::show_progress(qint64 done, qint64 total, const QString& text) {
  // A progress bar counts in ints.
  const qint64 unit = 1 + total / 1'000'000;
  progress_->setRange(0, static_cast<int>(total / unit));
  progress_->setValue(static_cast<int>(done / unit));
  progress_->setFormat(text);
  progress_->setAccessibleDescription(text);
}

void BrowserHeader::show_message(const QString& text, bool problem) {
  const int size = style()->pixelMetric(QStyle::PM_SmallIconSize);
  const QIcon icon = style()->standardIcon(problem ? QStyle::SP_MessageBoxWarning
                                                   : QStyle::SP_MessageBoxInformation);
  message_icon_->setPixmap(icon.pixmap(QSize(size, size), devicePixelRatioF()));
  message_text_->setText(text);
  message_->show();
}

void BrowserHeader::show_problem(const QString& message, const QString& hint) {
  show_message(hint.isEmpty() ? message : message + QChar('\n') + hint, true);
}

void BrowserHeader::show_note(const QString& message) {
  show_message(message, false);
}

void BrowserHeader::clear_message() {
  message_->hide();
  message_text_->clear();
}

}  // namespace vqalign
