#include "vqalign/gui/views/matrix_box.h"

#include <QVBoxLayout>
#include <algorithm>
#include <iterator>

#include "vqalign/figure/heat_map.h"
#include "vqalign/gui/views/matrix_panel.h"

namespace vqalign {
namespace {

constexpr AttentionFamily kFamilyChoices[] = {
    AttentionFamily::kQuestionSelf, AttentionFamily::kImageSelf, AttentionFamily::kGuided};

}  // namespace

MatrixBox::MatrixBox(Inspector& inspector, QWidget* parent)
    : QWidget(parent), inspector_(inspector), family_(new QComboBox) {
  for (const AttentionFamily family : kFamilyChoices) family_->addItem(family_title(family));
  family_->setAccessibleName(QString::fromUtf8("Matrix"));
  family_->setToolTip(QString::fromUtf8("Family of the map; its layer and head are chosen above"));
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(6, 6, 6, 6);
  column->addWidget(family_, 0, Qt::AlignLeft);
  column->addWidget(new MatrixPanel(inspector_), 1);
  connect(family_, &QComboBox::activated, this, [this](int index) {
    ViewState next = inspector_.state();
    next.family = kFamilyChoices[index];
    inspector_.change(next, QString::fromUtf8("family"));
  });
  connect(&inspector_, &Inspector::state_changed, this, [this] {
    const auto* found =
        std::find(std::begin(kFamilyChoices), std::end(kFamilyChoices), inspector_.state().family);
    family_->setCurrentIndex(static_cast<int>(found - std::begin(kFamilyChoices)));
  });
  family_->setCurrentIndex(static_cast<int>(std::size(kFamilyChoices)) - 1);
}

}  // namespace vqalign
