#pragma once

#include <QCheckBox>
#include <QComboBox>
#include <QSlider>
#include <QWidget>

#include "vqalign/gui/models/inspector.h"

namespace vqalign {

/// Which weights are shown and how they look: source, layer, head, reading; colours, opacity,
/// scale, outlines. Follows the state, also when undo changes it.
class ViewControls : public QWidget {
  Q_OBJECT

 public:
  explicit ViewControls(Inspector& inspector, QWidget* parent = nullptr);

 private:
  void build();
  void build_look();
  void connect_choices();
  void connect_look();
  void fill_model();
  void follow();
  void follow_look();

  Inspector& inspector_;
  QComboBox* source_;
  QComboBox* layer_;
  QComboBox* head_;
  QComboBox* reading_;
  QComboBox* colours_;
  QSlider* opacity_;
  QCheckBox* lock_;
  QCheckBox* outlines_;
};

}  // namespace vqalign
