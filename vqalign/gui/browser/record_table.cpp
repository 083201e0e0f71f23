#include "vqalign/gui/browser/record_table.h"

#include <future>
#include <set>
#include <unordered_map>

#include "vqalign/core/error.h"
#include "vqalign/data/accuracy.h"
#include "vqalign/data/parallel.h"

namespace vqalign {
namespace {

namespace fs = std::filesystem;

/// Splits without a picture folder of their own find theirs in the directory's others.
void add_pictures(ImageIndex& images, const DataSource& source, const SplitPaths& split) {
  if (!split.images.empty()) return images.add(split.images);
  if (source.directory.empty()) return;
  for (const SplitPaths& other : list_splits(source.directory)) {
    if (!other.images.empty()) images.add(other.images);
  }
}

Dataset read_dataset(const DataSource& source, const CancelToken& cancel) {
  const std::vector<SplitPaths> splits = resolve_splits(source);
  if (splits.size() != 1) {
    throw UsageError("one split at a time: \"" + source.split + "\" names several");
  }
  const SplitPaths& split = splits.front();
  Dataset dataset;
  dataset.name = split.subset;
  std::future<std::vector<Annotation>> annotations;
  if (!split.annotations.empty()) {
    annotations =
        std::async(std::launch::async, [&split] { return read_annotations(split.annotations); });
  }
  dataset.questions = read_questions(split.questions);
  if (dataset.questions.empty()) fail(split.questions.string(), ": holds no question");
  cancel.check();
  if (annotations.valid()) {
    dataset.annotations =
        match_annotations(dataset.questions, annotations.get(), split.questions, split.annotations);
  }
  cancel.check();
  add_pictures(dataset.images, source, split);
  return dataset;
}

std::string missing_pictures(const Dataset& dataset) {
  std::size_t missing = 0;
  const Question* first = nullptr;
  for (const Question& question : dataset.questions) {
    if (dataset.images.find(question.image_id)) continue;
    if (missing++ == 0) first = &question;
  }
  if (missing == 0) return {};
  return concat(missing, " of ", dataset.questions.size(), " questions of ", dataset.name,
                " lack their picture, the first is question ", first->question_id, " (image ",
                first->image_id, ")");
}

RecordSet tabulate(Dataset dataset) {
  RecordSet set;
  set.rows.resize(dataset.questions.size());
  std::set<std::string> answer_types, question_types;
  for (std::size_t i = 0; i < set.rows.size(); ++i) {
    Record& row = set.rows[i];
    row.question_id = dataset.questions[i].question_id;
    row.image_id = dataset.questions[i].image_id;
    row.question = set.questions.add(dataset.questions[i].question);
    if (dataset.annotations.empty()) continue;
    const Annotation& annotation = dataset.annotations[i];
    row.truth = set.answers.add(annotation.multiple_choice_answer);
    row.answer_type = set.types.add(annotation.answer_type);
    row.question_type = set.types.add(annotation.question_type);
    answer_types.insert(annotation.answer_type);
    question_types.insert(annotation.question_type);
  }
  set.answer_types.assign(answer_types.begin(), answer_types.end());
  set.question_types.assign(question_types.begin(), question_types.end());
  set.notice = missing_pictures(dataset);
  set.dataset = std::make_shared<const Dataset>(std::move(dataset));
  // Here rather than at the first sort, which the window's thread does.
  set.questions.ranks();
  return set;
}

}  // namespace

void RecordSet::apply(const RecordAnswer& answer) {
  Record& row = rows[answer.row];
  row.answer = answers.add(answer.answer);
  row.confidence = answer.confidence;
  row.accuracy = answer.accuracy;
  problems.erase(answer.row);
  if (!answer.problem.empty()) problems.emplace(answer.row, answer.problem);
}

void RecordSet::clear_answers() {
  for (Record& row : rows) {
    row.answer = TextPool::kEmpty;
    row.confidence = -1;
    row.accuracy = -1;
  }
  problems.clear();
}

std::vector<std::string> RecordSet::questions_about(std::size_t row) const {
  std::vector<std::string> found;
  for (const Question& question : dataset->questions) {
    if (question.image_id == rows[row].image_id) found.push_back(question.question);
  }
  return found;
}

const fs::path* RecordSet::picture(std::size_t row) const {
  return dataset->images.find(rows[row].image_id);
}

double accuracy_of(const Dataset& dataset, std::size_t row, const std::string& answer) {
  if (dataset.annotations.empty()) return -1;
  return question_accuracy(answer, dataset.annotations[row], Metric::kOfficial);
}

std::vector<RecordAnswer> load_results(const Dataset& dataset, const fs::path& results,
                                       const CancelToken& cancel) {
  const std::vector<Result> given = read_results(results);
  cancel.check();
  if (given.empty()) fail(results.string(), ": holds no answer");
  std::unordered_map<int64_t, std::size_t> rows;
  rows.reserve(dataset.questions.size());
  for (std::size_t i = 0; i < dataset.questions.size(); ++i) {
    rows.emplace(dataset.questions[i].question_id, i);
  }
  std::vector<const Result*> found(dataset.questions.size());
  const Result* foreign = nullptr;
  std::size_t foreigners = 0;
  for (const Result& result : given) {
    const auto row = rows.find(result.question_id);
    if (row != rows.end()) {
      found[row->second] = &result;
    } else if (foreigners++ == 0) {
      foreign = &result;
    }
  }
  if (foreign) {
    throw Error(
        concat(results.string(), ": question ", foreign->question_id, " is not in ", dataset.name,
               " (", foreigners, " of ", given.size(), " answers are to other questions)"),
        "open the dataset and the split that these answers were given to");
  }
  std::vector<RecordAnswer> answers;
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (found[i]) answers.push_back({.row = i, .answer = found[i]->answer});
  }
  detail::parallel_ranges(answers.size(), 0, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end && !cancel.requested(); ++i) {
      answers[i].accuracy = accuracy_of(dataset, answers[i].row, answers[i].answer);
    }
  });
  cancel.check();
  return answers;
}

RecordSet load_records(const DataSource& source, const fs::path& results,
                       const CancelToken& cancel) {
  RecordSet set = tabulate(read_dataset(source, cancel));
  cancel.check();
  if (results.empty()) return set;
  for (const RecordAnswer& answer : load_results(*set.dataset, results, cancel)) set.apply(answer);
  return set;
}

}  // namespace vqalign
