#include "vqalign/gui/views/matrix_box.h"

#include <QVBoxLayout>

#include "vqalign/gui/views/family_list.h"
#include "vqalign/gui/views/matrix_panel.h"

namespace vqalign {

MatrixBox::MatrixBox(Inspector& inspector, QWidget* parent)
    : QWidget(parent), inspector_(inspector), family_(new QComboBox) {
  family_->setAccessibleName(QString::fromUtf8("Matrix"));
  family_->setToolTip(QString::fromUtf8("Family of the map; its layer and head are chosen above"));
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(6, 6, 6, 6);
  column->addWidget(family_, 0, Qt::AlignLeft);
  column->addWidget(new MatrixPanel(inspector_), 1);
  connect(family_, &QComboBox::activated, this, [this](int index) {
    ViewState next = inspector_.state();
    next.family = kAllFamilies[static_cast<std::size_t>(index)];
    inspector_.change(next, QString::fromUtf8("family"));
  });
  connect(&inspector_, &Inspector::model_changed, this, &MatrixBox::list_model);
  connect(&inspector_, &Inspector::state_changed, this, &MatrixBox::follow);
  list_model();
}

void MatrixBox::list_model() {
  list_families(*family_, 0, inspector_.card());
  follow();
}

void MatrixBox::follow() {
  family_->setCurrentIndex(static_cast<int>(inspector_.state().family));
}

}  // namespace vqalign
