#pragma once

#include <QComboBox>
#include <QWidget>

#include "vqalign/gui/models/inspector.h"

namespace vqalign {

/// The matrix with the choice of its family.
class MatrixBox : public QWidget {
  Q_OBJECT

 public:
  explicit MatrixBox(Inspector& inspector, QWidget* parent = nullptr);

 private:
  void list_model();
  void follow();

  Inspector& inspector_;
  QComboBox* family_;
};

}  // namespace vqalign
