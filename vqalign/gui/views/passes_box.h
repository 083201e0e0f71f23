#pragma once

#include <QComboBox>
#include <QLabel>
#include <QWidget>

#include "vqalign/gui/models/inspector.h"

namespace vqalign {

/// How many passes with dropout an answer takes: none, or enough to tell how certain it is; and
/// whether it is, which its tip says in full. Follows the state; a number that a session has and
/// the list has not is added to it.
class PassesBox : public QWidget {
  Q_OBJECT

 public:
  explicit PassesBox(Inspector& inspector, QWidget* parent = nullptr);

 private:
  void choose(int index);
  void follow();
  void tell();

  Inspector& inspector_;
  QComboBox* passes_;
  QLabel* verdict_;
};

}  // namespace vqalign
