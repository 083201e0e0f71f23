#pragma once

#include <QObject>
#include <QString>
#include <QStringList>
#include <memory>
#include <string>
#include <vector>

#include "vqalign/gui/browser/record_table.h"
#include "vqalign/gui/models/job_thread.h"

namespace vqalign {

/// Reads and writes the browser's files on a thread of its own. What is asked for last is what is
/// heard of.
class RecordLoader : public QObject {
  Q_OBJECT

 public:
  RecordLoader();

  /// Without a split the folder's val is taken, else the first of its splits.
  void open_dataset(const QString& folder, const QString& split);
  void open_results(const QString& file, std::shared_ptr<const Dataset> dataset);
  void save(const QString& file, std::string text);
  /// Stops reading; what is being saved is still saved.
  void cancel();
  bool reading_dataset() const;
  bool reading() const;

 Q_SIGNALS:
  /// Before the chosen one is read.
  void splits_found(const QString& folder, const QStringList& splits, const QString& chosen);
  void dataset_loaded(std::shared_ptr<vqalign::RecordSet> records);
  void results_loaded(const QString& file, const std::vector<vqalign::RecordAnswer>& answers);
  void saved(const QString& file);
  void failed(const QString& message, const QString& hint);
  /// Reading has begun or ended.
  void busy_changed();

 private:
  JobThread jobs_;
};

}  // namespace vqalign
