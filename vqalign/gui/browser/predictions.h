#pragma once

#include <QElapsedTimer>
#include <QObject>
#include <cstdint>
#include <memory>
#include <vector>

#include "vqalign/gui/browser/record_table.h"
#include "vqalign/gui/models/job_thread.h"
#include "vqalign/inspect/answerer.h"

namespace vqalign {

/// Lets a model answer many questions of a dataset, those of one picture together, on the thread
/// that the window's own questions are answered on: in slices of kSliceMilliseconds, between which
/// these have their turn. A question that cannot be answered is told as a problem of its row.
class Predictions : public QObject {
  Q_OBJECT

 public:
  /// The kind of its jobs, each of which submits the next.
  static const QString kKind;
  static constexpr int kSliceMilliseconds = 50;

  /// `jobs` must outlive this.
  explicit Predictions(JobThread& jobs, QObject* parent = nullptr);
  ~Predictions() override;

  /// Cancels what runs. Neither pointer may be null; `rows` are places in dataset->questions.
  void start(std::shared_ptr<AnswerSource> source, std::shared_ptr<const Dataset> dataset,
             const std::vector<uint32_t>& rows);
  /// What has been told stays.
  void cancel();
  bool running() const { return run_ != nullptr; }

 Q_SIGNALS:
  void answered(const std::vector<vqalign::RecordAnswer>& answers);
  void progressed(qint64 done, qint64 total, double per_second);
  /// After the last, when cancelled (done < total), or when the source failed for good.
  void ended(qint64 done, qint64 total, qint64 problems);
  void failed(const QString& message, const QString& hint);

 private:
  /// What does not change while it runs.
  struct Run {
    std::shared_ptr<AnswerSource> source;
    std::shared_ptr<const Dataset> dataset;
    std::vector<uint32_t> rows;
  };

  static std::vector<RecordAnswer> answer_slice(const Run& run, std::size_t from,
                                                const CancelToken& cancel);
  void next();
  void take(const std::vector<RecordAnswer>& answers);
  void end();

  JobThread& jobs_;
  std::shared_ptr<const Run> run_;
  QElapsedTimer clock_;
  std::size_t done_ = 0;
  qint64 problems_ = 0;
};

}  // namespace vqalign
