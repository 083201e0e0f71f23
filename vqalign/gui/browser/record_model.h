#pragma once

#include <QAbstractTableModel>
#include <cstdint>
#include <vector>

#include "vqalign/gui/browser/record_query.h"

namespace vqalign {

/// What is said about the rows that are shown.
struct RecordSummary {
  std::size_t shown = 0;
  std::size_t total = 0;
  std::size_t scored = 0;  ///< shown rows whose accuracy is known
  double accuracy = 0;     ///< mean over these, 0 to 1
};

/// A record set as Qt's table: which rows are shown and in which order are vectors of row numbers.
/// A change of either resets the model.
class RecordModel : public QAbstractTableModel {
  Q_OBJECT

 public:
  enum Role { kImageIdRole = Qt::UserRole };

  using QAbstractTableModel::QAbstractTableModel;

  void set_records(RecordSet records);
  const RecordSet& records() const { return records_; }
  void set_filter(const RecordFilter& filter);
  const RecordFilter& filter() const { return filter_; }
  /// Replaces every answer there was.
  void replace_answers(const std::vector<RecordAnswer>& answers);
  /// Rows keep their places, also where filter or order would now have it otherwise: till
  /// refresh().
  void clear_answers();
  void add_answers(const std::vector<RecordAnswer>& answers);
  /// Filters and sorts again.
  void refresh();

  /// Record numbers of the rows, in their order.
  const std::vector<uint32_t>& shown() const { return shown_; }
  /// The row that shows a record; -1 when none does.
  int row_of(std::size_t record) const;
  RecordSummary summary() const;

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
  /// Column -1: file order.
  void sort(int column, Qt::SortOrder order = Qt::AscendingOrder) override;

 private:
  void tell_changed();
  QString text(std::size_t record, int column) const;
  QString tip(std::size_t record, int column) const;

  RecordSet records_;
  RecordFilter filter_;
  int sort_column_ = -1;
  Qt::SortOrder sort_order_ = Qt::AscendingOrder;
  std::vector<uint32_t> order_;
  std::vector<uint32_t> shown_;
};

}  // namespace vqalign
