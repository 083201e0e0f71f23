#pragma once

#include <QCheckBox>
#include <QComboBox>
#include <QLabel>
#include <QPushButton>
#include <QWidget>

#include "vqalign/gui/views/heads_overview.h"

namespace vqalign {

/// The overview of all heads with what it is sorted and filtered by.
class HeadsPanel : public QWidget {
  Q_OBJECT

 public:
  explicit HeadsPanel(Inspector& inspector, QWidget* parent = nullptr);

  HeadsOverview& overview() { return *overview_; }

 private:
  void connect_controls();
  void list_model();
  void show_chosen_family();
  void follow();
  void choose_statistic(int index);

  Inspector& inspector_;
  QComboBox* families_;
  QComboBox* statistics_;
  QCheckBox* sorted_;
  QPushButton* measure_;
  QLabel* silenced_;
  QPushButton* all_on_;
  HeadsOverview* overview_;
};

}  // namespace vqalign
