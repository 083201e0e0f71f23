#pragma once

#include <QWidget>
#include <string>
#include <vector>

#include "vqalign/gui/browser/filter_history.h"

class QComboBox;
class QHBoxLayout;
class QLineEdit;
class QSpinBox;
class QToolButton;

namespace vqalign {

/// The fields that a RecordFilter is entered in, with undo and redo.
class FilterBar : public QWidget {
  Q_OBJECT

 public:
  explicit FilterBar(QWidget* parent = nullptr);

  const RecordFilter& filter() const { return filter_; }
  /// Shows a filter, which becomes a step that can be undone; changed() is emitted when it differs.
  /// A type that is not on offer means any.
  void set_filter(const RecordFilter& filter);
  /// Offers these types; a filter by one that is not among them is dropped.
  void set_types(const std::vector<std::string>& answer_types,
                 const std::vector<std::string>& question_types);
  void focus_text();

 public Q_SLOTS:
  void undo();
  void redo();
  void reset();

 Q_SIGNALS:
  void changed(const vqalign::RecordFilter& filter);

 private:
  QHBoxLayout* make_text_row();
  QHBoxLayout* make_choice_row();
  QSpinBox* make_percent(const QString& name);
  void connect_fields();
  RecordFilter fields() const;
  void read_fields();
  void show_fields(const RecordFilter& filter);
  void show_step(const RecordFilter& filter);
  void take(const RecordFilter& filter);

  RecordFilter filter_;
  FilterHistory history_;
  QLineEdit* text_ = nullptr;
  QToolButton* undo_ = nullptr;
  QToolButton* redo_ = nullptr;
  QToolButton* reset_ = nullptr;
  QComboBox* rightness_ = nullptr;
  QComboBox* answer_type_ = nullptr;
  QComboBox* question_type_ = nullptr;
  QSpinBox* from_ = nullptr;
  QSpinBox* to_ = nullptr;
};

}  // namespace vqalign
