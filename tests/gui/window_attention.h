#pragma once

#include <QCheckBox>
#include <QPushButton>
#include <QSlider>
#include <QToolTip>
#include <algorithm>
#include "vqalign/figure/draw_picture.h"
#include "vqalign/figure/heat_map.h"
#include "vqalign/gui/views/legend_view.h"
#include "window_fixture.h"

namespace vqalign::test {

inline constexpr AttentionFamily kGuided = AttentionFamily::kGuided;

/// The shipped model, asked, with what its maps are looked at by.
class AttentionTest : public WindowTest {
 protected:
  void SetUp() override { ask_shipped(); }

  QPointF centre_of_region(std::size_t region) {
    PictureView& picture = view<PictureView>();
    const AnswerEvidence& shown = window_.inspector().shown();
    return region_box(picture.picture_rect(), shown, shown.regions[region]).center();
  }
  std::size_t top_region() { return top_regions(inspection().evidence, 1).front(); }
  QCheckBox& check(const char* name) {
    for (QCheckBox* box : window_.findChildren<QCheckBox*>()) {
      if (box->accessibleName() == QString::fromUtf8(name)) return *box;
    }
    ADD_FAILURE() << name;
    return *window_.findChild<QCheckBox*>();
  }
  void choose(const char* list, int index) {
    QComboBox& box = combo(QString::fromUtf8(list));
    box.setCurrentIndex(index);
    Q_EMIT box.activated(index);
    ASSERT_TRUE(settle());
  }
  const AnswerEvidence& shown() { return window_.inspector().shown(); }
};

}  // namespace vqalign::test
