#pragma once

#include <QComboBox>

#include "vqalign/figure/heat_map.h"
#include "vqalign/inspect/model_card.h"

namespace vqalign {

/// Lists the families that a model has, as kAllFamilies has them, behind the first `before`
/// entries. What was chosen stays chosen; where it is no more, the first entry is.
inline void list_families(QComboBox& box, int before, const ModelCard& card) {
  const int chosen = box.currentIndex();
  while (box.count() > before) box.removeItem(box.count() - 1);
  for (const AttentionFamily family : kAllFamilies) {
    const bool there = family != AttentionFamily::kQuestionPretrained || card.pretrained.layers > 0;
    if (there) box.addItem(family_title(family));
  }
  box.setCurrentIndex(chosen < box.count() ? chosen : 0);
}

}  // namespace vqalign
