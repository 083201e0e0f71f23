#include "vqalign/gui/browser/predictions.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "vqalign/core/error.h"

namespace vqalign {
namespace {

/// The rows of one picture one after another, pictures in the order of their first row: a model
/// keeps the last picture encoded.
std::vector<uint32_t> grouped_by_image(const std::vector<uint32_t>& rows, const Dataset& dataset) {
  std::unordered_map<int64_t, std::size_t> places;
  std::vector<std::pair<std::size_t, uint32_t>> placed;
  placed.reserve(rows.size());
  for (const uint32_t row : rows) {
    const auto place = places.emplace(dataset.questions[row].image_id, places.size()).first;
    placed.emplace_back(place->second, row);
  }
  std::stable_sort(placed.begin(), placed.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<uint32_t> grouped;
  grouped.reserve(rows.size());
  for (const auto& [place, row] : placed) grouped.push_back(row);
  return grouped;
}

RecordAnswer answer_row(AnswerSource& source, const Dataset& dataset, std::size_t row,
                        const CancelToken& cancel) {
  const Question& question = dataset.questions[row];
  RecordAnswer answer{.row = row};
  const std::filesystem::path* picture = dataset.images.find(question.image_id);
  if (!picture) {
    answer.problem = concat("no picture of image ", question.image_id);
    return answer;
  }
  try {
    AskOptions options;
    options.top = 1;
    options.cancel = &cancel;
    const AnswerEvidence evidence = source.ask(*picture, question.question, options);
    if (evidence.answers.empty()) fail("the model gave no answer");
    answer.answer = evidence.answers.front().text;
    answer.confidence = evidence.answers.front().probability;
    answer.accuracy = accuracy_of(dataset, row, answer.answer);
  } catch (const Cancelled&) {
    throw;
  } catch (const Error& error) {
    answer.problem = error.what();
  }
  return answer;
}

}  // namespace

const QString Predictions::kKind = QString::fromUtf8("predictions");

Predictions::Predictions(JobThread& jobs, QObject* parent) : QObject(parent), jobs_(jobs) {
  connect(&jobs_, &JobThread::failed, this,
          [this](const QString& kind, const QString& message, const QString& hint) {
            if (kind != kKind || !run_) return;
            end();
            Q_EMIT failed(message, hint);
          });
  connect(&jobs_, &JobThread::cancelled, this, [this](const QString& kind) {
    if (kind == kKind && run_) end();
  });
}

Predictions::~Predictions() {
  blockSignals(true);
  cancel();
}

void Predictions::start(std::shared_ptr<AnswerSource> source,
                        std::shared_ptr<const Dataset> dataset, const std::vector<uint32_t>& rows) {
  cancel();
  std::vector<uint32_t> grouped = grouped_by_image(rows, *dataset);
  run_ =
      std::make_shared<const Run>(Run{std::move(source), std::move(dataset), std::move(grouped)});
  done_ = 0;
  problems_ = 0;
  clock_.start();
  next();
}

void Predictions::cancel() {
  if (run_) jobs_.cancel(kKind);
}

std::vector<RecordAnswer> Predictions::answer_slice(const Run& run, std::size_t from,
                                                    const CancelToken& cancel) {
  QElapsedTimer clock;
  clock.start();
  std::vector<RecordAnswer> answers;
  for (std::size_t i = from; i < run.rows.size(); ++i) {
    cancel.check();
    answers.push_back(answer_row(*run.source, *run.dataset, run.rows[i], cancel));
    if (clock.elapsed() >= kSliceMilliseconds) break;
  }
  return answers;
}

void Predictions::next() {
  jobs_.submit(kKind, [this, run = run_, from = done_](Job& job) {
    const std::vector<RecordAnswer> answers = answer_slice(*run, from, job.cancel());
    job.deliver([this, answers] { take(answers); });
  });
}

void Predictions::take(const std::vector<RecordAnswer>& answers) {
  done_ += answers.size();
  for (const RecordAnswer& answer : answers) problems_ += answer.problem.empty() ? 0 : 1;
  Q_EMIT answered(answers);
  // Whoever heard that may have cancelled.
  if (!run_) return;
  const auto total = static_cast<qint64>(run_->rows.size());
  const double seconds = std::max(1e-3, static_cast<double>(clock_.elapsed()) / 1000);
  Q_EMIT progressed(static_cast<qint64>(done_), total, static_cast<double>(done_) / seconds);
  if (!run_) return;
  if (done_ < run_->rows.size()) {
    next();
  } else {
    end();
  }
}

void Predictions::end() {
  const auto total = static_cast<qint64>(run_->rows.size());
  run_.reset();
  Q_EMIT ended(static_cast<qint64>(done_), total, problems_);
}

}  // namespace vqalign
