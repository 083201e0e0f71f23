#include "vqalign/data/health.h"

#include <algorithm>
#include <cmath>

#include "vqalign/core/error.h"
#include "vqalign/data/accuracy.h"
#include "vqalign/data/answers.h"
#include "vqalign/data/health_findings.h"
#include "vqalign/data/health_leaks.h"

namespace vqalign {
namespace {

namespace fs = std::filesystem;
using detail::Finding;
using detail::Findings;

/// The subset that a short name means among those given; empty when there is none.
std::string subset_named(const std::string& name, const fs::path& directory,
                         const std::vector<SplitPaths>& chosen) {
  DataSource source;
  source.directory = directory;
  source.split = name;
  try {
    const std::string subset = resolve_splits(source).front().subset;
    const bool is_chosen = std::any_of(chosen.begin(), chosen.end(), [&](const SplitPaths& split) {
      return split.subset == subset;
    });
    return is_chosen ? subset : std::string();
  } catch (const Error&) {
    return {};
  }
}

std::vector<SplitPaths> chosen_splits(const HealthOptions& options) {
  if (options.split.empty()) return list_splits(options.directory);
  DataSource source;
  source.directory = options.directory;
  source.split = options.split;
  return resolve_splits(source);
}

double percent_of(int64_t part, int64_t all) {
  if (all == 0) return 0;
  return std::round(10000.0 * static_cast<double>(part) / static_cast<double>(all)) / 100;
}

/// One check of one folder, split after split; of each only ids are kept.
class HealthCheck {
 public:
  HealthCheck(const HealthOptions& options, Progress& progress, const CancelToken& cancel)
      : options_(options), progress_(progress), cancel_(cancel), whole_(health_.problems, "") {}

  DatasetHealth run() {
    all_ = list_splits(options_.directory);
    chosen_ = chosen_splits(options_);
    training_ = subset_named("train", options_.directory, chosen_);
    validation_ = subset_named("val", options_.directory, chosen_);
    if (training_.empty() && !options_.split.empty()) training_ = chosen_.front().subset;
    open_features();
    read_answers();
    // The training split first: the others are held against its answers.
    std::stable_partition(chosen_.begin(), chosen_.end(),
                          [&](const SplitPaths& split) { return split.subset == training_; });
    for (const SplitPaths& split : chosen_) {
      cancel_.check();
      check_split(split);
    }
    detail::check_leaks(seen_, training_, options_, health_.problems);
    conclude();
    return std::move(health_);
  }

 private:
  void open_features() {
    if (options_.features.empty()) return;
    try {
      has_features_ = detail::open_feature_index(options_.features);
    } catch (const Error& error) {
      whole_.error("region features that cannot be opened", {1, {error.what()}});
    }
  }

  void read_answers() {
    if (options_.answers.empty()) return;
    try {
      answers_ = AnswerList::from_file(options_.answers);
    } catch (const Error& error) {
      whole_.error("answer list that cannot be read", {1, {error.what()}});
    }
  }

  void check_split(const SplitPaths& split) {
    SplitHealth health;
    health.subset = split.subset;
    Findings findings(health_.problems, split.subset);
    detail::SeenSplit seen;
    seen.subset = split.subset;
    seen.annotated = !split.annotations.empty();
    const std::vector<Question> questions =
        detail::read_questions_leniently(split.questions, findings);
    std::vector<Annotation> annotations;
    if (seen.annotated) {
      annotations = detail::read_annotations_leniently(split.annotations, findings);
      detail::check_records(questions, annotations, options_, health, findings);
      check_answers(split, annotations, health, findings);
    } else {
      check_without_annotations(split, questions, health, findings);
    }
    detail::FirstQuestions first_question;
    for (const Question& question : questions) {
      seen.question_ids.push_back(question.question_id);
      first_question.emplace(question.image_id, question.question_id);
    }
    health.images = static_cast<int64_t>(first_question.size());
    for (const auto& [image, question] : first_question) seen.image_ids.push_back(image);
    cancel_.check();
    if (!options_.features.empty()) {
      check_features(first_question, health, findings);
    } else if (options_.pictures != PictureCheck::kNone) {
      detail::check_pictures(split, all_, first_question, options_, seen.images, health, findings,
                             progress_, cancel_);
    }
    if (questions.empty()) tell_of_no_questions(split, findings);
    seen_.push_back(std::move(seen));
    health_.splits.push_back(std::move(health));
  }

  void tell_of_no_questions(const SplitPaths& split, Findings& findings) {
    const Finding finding{1, {split.questions.filename().string()}};
    if (split.subset == training_) {
      findings.error("no questions", finding);
    } else {
      findings.warning("no questions", finding);
    }
  }

  void check_without_annotations(const SplitPaths& split, const std::vector<Question>& questions,
                                 SplitHealth& health, Findings& findings) {
    // A pair check against nothing would call every question unanswered.
    detail::check_words(questions, options_, health, findings);
    health.questions = static_cast<int64_t>(questions.size());
    if (split.subset != training_ && split.subset != validation_) return;
    findings.error("no annotations", {1, {"v2_mscoco_" + split.subset + "_annotations.json"}});
  }

  void check_answers(const SplitPaths& split, const std::vector<Annotation>& annotations,
                     SplitHealth& health, Findings& findings) {
    const bool is_training = split.subset == training_;
    if (is_training && options_.answers.empty()) {
      answers_ =
          AnswerList::from_annotations(annotations, options_.answer_minimum, options_.answer_most);
      if (answers_.size() == 0 && !annotations.empty()) {
        findings.error(concat("no answer is the consensus of at least ", options_.answer_minimum,
                              " questions (train.answer_minimum)"),
                       {1, {}});
      }
    }
    health_.listed_answers = static_cast<int64_t>(answers_.size());
    if (answers_.size() == 0 || annotations.empty()) return;
    int64_t covered = 0, listed = 0;
    Finding outside;
    for (const Annotation& annotation : annotations) {
      int64_t found = 0;
      for (const AnswerRecord& record : annotation.answers) {
        found += answers_.find(normalise_answer(record.answer)) >= 0 ? 1 : 0;
      }
      listed += found;
      covered += found > 0 ? 1 : 0;
      if (found == 0) outside.add(concat("question ", annotation.question_id));
    }
    health.covered_questions = percent_of(covered, health.annotations);
    health.covered_answers = percent_of(listed, health.answers);
    if (covered == 0 && is_training) {
      findings.error("questions none of whose answers is in the list, all of them", outside);
    } else {
      findings.warning("questions none of whose answers is in the list", outside);
    }
  }

  void check_features(const detail::FirstQuestions& first_question, SplitHealth& health,
                      Findings& findings) {
    if (!has_features_) return;
    std::vector<std::pair<int64_t, int64_t>> images(first_question.begin(), first_question.end());
    std::sort(images.begin(), images.end());
    Finding missing;
    for (const auto& [image, question] : images) {
      if (!has_features_(image)) missing.add(concat("image ", image, " of question ", question));
    }
    health.missing_features = missing.count;
    findings.error("pictures without region features", missing);
  }

  void conclude() {
    if (training_.empty()) {
      whole_.error("no split to train on", {1, {(options_.directory / "train...").string()}});
    } else if (validation_.empty() && options_.split.empty()) {
      whole_.warning("no val split: train needs --val-split none", {1, {}});
    }
    std::stable_sort(
        health_.problems.begin(), health_.problems.end(),
        [](const HealthProblem& a, const HealthProblem& b) { return a.is_error > b.is_error; });
    std::sort(health_.splits.begin(), health_.splits.end(),
              [](const SplitHealth& a, const SplitHealth& b) { return a.subset < b.subset; });
    health_.trainable = std::none_of(
        health_.problems.begin(), health_.problems.end(), [&](const HealthProblem& problem) {
          const bool concerned = problem.split.empty() || !options_.split.empty() ||
                                 problem.split == training_ || problem.split == validation_;
          return problem.is_error && concerned;
        });
  }

  const HealthOptions& options_;
  Progress& progress_;
  const CancelToken& cancel_;
  DatasetHealth health_;
  Findings whole_;
  std::vector<SplitPaths> all_, chosen_;
  std::string training_, validation_;
  std::function<bool(int64_t)> has_features_;
  AnswerList answers_;
  std::vector<detail::SeenSplit> seen_;
};

Json split_json(const SplitHealth& split) {
  Json types = Json::object();
  for (const auto& [type, count] : split.answer_types) types.set(type, count);
  const auto or_null = [](const std::optional<double>& value) {
    return value ? Json(*value) : Json();
  };
  return Json::object()
      .set("questions", split.questions)
      .set("images", split.images)
      .set("annotations", split.annotations)
      .set("answers", split.answers)
      .set("missing_images", split.missing_images)
      .set("broken_images", split.broken_images)
      .set("missing_features", split.missing_features)
      .set("longest_question", split.longest_question)
      .set("cut_questions", split.cut_questions)
      .set("answer_types", std::move(types))
      .set("covered_questions", or_null(split.covered_questions))
      .set("covered_answers", or_null(split.covered_answers));
}

}  // namespace

DatasetHealth check_dataset(const HealthOptions& options, Progress& progress,
                            const CancelToken& cancel) {
  return HealthCheck(options, progress, cancel).run();
}

Json DatasetHealth::to_json() const {
  Json parts = Json::object();
  for (const SplitHealth& split : splits) parts.set(split.subset, split_json(split));
  Json found = Json::array();
  for (const HealthProblem& problem : problems) {
    Json examples = Json::array();
    for (const std::string& example : problem.examples) examples.push(example);
    found.push(Json::object()
                   .set("severity", problem.is_error ? "error" : "warning")
                   .set("split", problem.split.empty() ? Json() : Json(problem.split))
                   .set("what", problem.what)
                   .set("count", problem.count)
                   .set("examples", std::move(examples)));
  }
  return Json::object()
      .set("kind", "check")
      .set("splits", std::move(parts))
      .set("listed_answers", listed_answers)
      .set("problems", std::move(found))
      .set("trainable", trainable);
}

}  // namespace vqalign
