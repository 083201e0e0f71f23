#pragma once

#include <QLabel>
#include <QPushButton>
#include <QWidget>

#include "vqalign/gui/models/inspector.h"
#include "vqalign/gui/views/copy_table.h"

namespace vqalign {

/// The weights that are shown as numbers: answers, words and regions.
class NumbersPanel : public CopyTable {
  Q_OBJECT

 public:
  explicit NumbersPanel(Inspector& inspector, QWidget* parent = nullptr);

 protected:
  void showEvent(QShowEvent* event) override;

 private:
  void follow();

  Inspector& inspector_;
};

/// The selected head: its statistics, its strongest pairs, and what can be done with it.
class HeadPanel : public QWidget {
  Q_OBJECT

 public:
  explicit HeadPanel(Inspector& inspector, QWidget* parent = nullptr);

 private:
  void follow();

  Inspector& inspector_;
  QLabel* title_;
  QPushButton* silence_;
  QPushButton* solo_;
  CopyTable* statistics_;
  CopyTable* pairs_;
};

/// What the model is and how it was trained.
class ModelPanel : public CopyTable {
  Q_OBJECT

 public:
  explicit ModelPanel(Inspector& inspector, QWidget* parent = nullptr);
};

/// Errors and warnings, each told once and kept.
class LogPanel : public CopyTable {
  Q_OBJECT

 public:
  explicit LogPanel(QWidget* parent = nullptr);

  void add(const QString& kind, const QString& message, const QString& hint);
};

}  // namespace vqalign
