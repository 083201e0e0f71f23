#include "vqalign/gui/browser/browser_pages.h"

#include <QLabel>

namespace vqalign {
namespace {

enum Page { kNoDatasetPage, kTablePage, kNoRowPage };

QLabel* make_advice(const QString& text) {
  auto* label = new QLabel(text);
  label->setAlignment(Qt::AlignCenter);
  label->setWordWrap(true);
  return label;
}

}  // namespace

BrowserPages::BrowserPages(QWidget* table, QWidget* parent) : QStackedWidget(parent) {
  insertWidget(kNoDatasetPage, make_advice(QString::fromUtf8(
                                   "Open a dataset folder in VQA v2 layout to browse its "
                                   "questions, or drop one here.\nThen open a results file, or let "
                                   "the model answer them all, and look at what it gets wrong.")));
  insertWidget(kTablePage, table);
  insertWidget(kNoRowPage,
               make_advice(QString::fromUtf8("No question passes this filter.\n"
                                             "Undo it with Alt+Left, or reset it with Esc.")));
}

void BrowserPages::show_page(bool has_dataset, bool has_rows) {
  setCurrentIndex(!has_dataset ? kNoDatasetPage : has_rows ? kTablePage : kNoRowPage);
}

}  // namespace vqalign
