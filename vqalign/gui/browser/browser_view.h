#pragma once

#include <QWidget>
#include <memory>

#include "vqalign/gui/browser/predictions.h"
#include "vqalign/gui/browser/record_loader.h"
#include "vqalign/gui/browser/record_model.h"

class QLabel;
class QPushButton;

namespace vqalign {

class BrowserHeader;
class BrowserPages;
class FilterBar;
class RecordView;

/// The batch browser: the questions of a dataset's split as a table with pictures, the answers of a
/// results file or of the app's model, filters, sorting, the accuracy over what is shown, and the
/// table as CSV. Takes a dataset folder or a results file (.json) by drop.
class BrowserView : public QWidget {
  Q_OBJECT

 public:
  /// `model_jobs` is the thread that the answer source is used on; it must outlive this. Jobs of
  /// the kind Predictions::kKind are the browser's.
  explicit BrowserView(JobThread& model_jobs, QWidget* parent = nullptr);
  ~BrowserView() override;

  /// What predictions are made with; nullptr: there is no model yet. Stops those of another.
  void set_answer_source(std::shared_ptr<AnswerSource> source);
  /// What is shown stays until the new one is read, also when that fails.
  void open_dataset(const QString& folder, const QString& split = {});
  /// Answers to the dataset that is shown, or that is being read.
  void open_results(const QString& file);
  /// The rows that are shown, as records_csv() says.
  void save_table(const QString& file);

  const RecordFilter& filter() const;
  void set_filter(const RecordFilter& filter);
  const RecordModel& model() const { return model_; }
  /// Whether the answers that are shown are those of the answer source that is set now.
  bool answers_of_source() const { return answers_of_source_; }

 Q_SIGNALS:
  /// `others`: every question that the dataset has about the picture.
  void row_opened(const QString& picture, const QString& question, const QStringList& others);
  /// Every problem, also those that are shown inside the browser.
  void problem(const QString& message, const QString& hint);
  void filter_changed(const vqalign::RecordFilter& filter);

 protected:
  void keyPressEvent(QKeyEvent* event) override;
  void dragEnterEvent(QDragEnterEvent* event) override;
  void dropEvent(QDropEvent* event) override;

 private:
  QWidget* make_footer();
  void connect_header();
  void connect_loader();
  void connect_predictions();
  void choose_dataset();
  void choose_results();
  void choose_table_file();
  void take_records(RecordSet& records);
  void open_row(const QModelIndex& index);
  void start_predictions();
  void end_predictions(qint64 done, qint64 total, qint64 problems);
  void show_problem(const QString& message, const QString& hint);
  /// The split combo says again what the table shows.
  void offer_shown_split();
  void show_state();
  void show_rows();

  RecordModel model_;
  BrowserHeader* header_ = nullptr;
  FilterBar* filter_bar_ = nullptr;
  RecordView* table_ = nullptr;
  BrowserPages* pages_ = nullptr;
  QLabel* summary_ = nullptr;
  QPushButton* save_ = nullptr;

  std::shared_ptr<AnswerSource> source_;
  bool answers_of_source_ = false;  // and not of a file or of another model
  QString offered_folder_;          // whose splits are on offer
  QStringList offered_splits_;
  QString folder_, split_;   // what is shown
  QString waiting_results_;  // to be opened when the dataset has been read
  RecordLoader loader_;
  Predictions predictions_;
};

}  // namespace vqalign
