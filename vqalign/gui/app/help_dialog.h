#pragma once

#include <QDialog>

namespace vqalign {

/// How the app is used, its keys, and what attention does and does not explain.
class HelpDialog : public QDialog {
  Q_OBJECT

 public:
  explicit HelpDialog(QWidget* parent = nullptr);
};

}  // namespace vqalign
