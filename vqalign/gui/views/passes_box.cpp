#include "vqalign/gui/views/passes_box.h"

#include <QHBoxLayout>

#include "vqalign/figure/text_block.h"

namespace vqalign {
namespace {

constexpr int64_t kPassesOffered[] = {0, 10, 20, 50};

}  // namespace

PassesBox::PassesBox(Inspector& inspector, QWidget* parent)
    : QWidget(parent), inspector_(inspector), passes_(new QComboBox), verdict_(new QLabel) {
  for (const int64_t passes : kPassesOffered) {
    passes_->addItem(passes == 0 ? QString::fromUtf8("none") : QString::number(passes),
                     qlonglong(passes));
  }
  passes_->setAccessibleName(QString::fromUtf8("Passes with dropout"));
  passes_->setToolTip(
      QString::fromUtf8("Asks so many times with dropout, to tell how certain the answer is and "
                        "where the weights vary"));
  auto* label = new QLabel(QString::fromUtf8("Passes with dropo&ut"));
  label->setBuddy(passes_);
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(14, 6, 14, 0);
  row->addWidget(label);
  row->addWidget(passes_);
  row->addWidget(verdict_);
  row->addStretch();
  connect(passes_, &QComboBox::activated, this, &PassesBox::choose);
  connect(&inspector_, &Inspector::state_changed, this, &PassesBox::follow);
  connect(&inspector_, &Inspector::inspection_changed, this, &PassesBox::tell);
  follow();
}

void PassesBox::choose(int index) {
  ViewState next = inspector_.state();
  next.passes = passes_->itemData(index).toLongLong();
  inspector_.change(next, QString::fromUtf8("passes"));
}

void PassesBox::tell() {
  const AnswerEvidence& shown = inspector_.shown();
  const bool told = shown.certainty && shown.certainty->told;
  const char* verdict = !told ? "" : shown.certainty->certain ? "certain" : "not certain";
  verdict_->setText(QString::fromUtf8(verdict));
  verdict_->setToolTip(display_text(certainty_text(shown)));
}

void PassesBox::follow() {
  const auto passes = qlonglong(inspector_.state().passes);
  int index = passes_->findData(passes);
  if (index < 0) {
    passes_->addItem(QString::number(passes), passes);
    index = passes_->count() - 1;
  }
  passes_->setCurrentIndex(index);
}

}  // namespace vqalign
