#include "vqalign/cli/eval_output.h"

#include <algorithm>
#include <map>

#include "vqalign/cli/text_output.h"
#include "vqalign/core/error.h"
#include "vqalign/core/log.h"

namespace vqalign {
namespace {

constexpr std::size_t kNumberWidth = 11;

std::string number_column(const std::string& text) {
  return right_aligned(text, kNumberWidth);
}

std::string shown_name(const std::string& name) {
  return "  " + type_text(name);
}

/// The rows of one kind of type, the lowest accuracy first, then the most frequent.
std::string type_rows(const std::map<std::string, double>& accuracies,
                      const std::map<std::string, double>* priors, const Dataset& dataset,
                      std::string Annotation::*type, std::size_t width) {
  std::map<std::string, int64_t> counts;
  for (const Annotation& annotation : dataset.annotations) ++counts[annotation.*type];
  std::vector<std::pair<std::string, double>> rows(accuracies.begin(), accuracies.end());
  std::stable_sort(rows.begin(), rows.end(), [&](const auto& a, const auto& b) {
    return a.second != b.second ? a.second < b.second : counts[a.first] > counts[b.first];
  });
  std::string text;
  for (const auto& [name, accuracy] : rows) {
    text += padded(shown_name(name), width) + number_column(std::to_string(counts[name])) +
            number_column(fixed_text(accuracy, 2));
    if (priors) text += number_column(fixed_text(priors->at(name), 2));
    text += "\n";
  }
  return text;
}

/// The splits that `name` means, none when the folder lacks it.
std::vector<SplitPaths> splits_named(const std::string& name, const DataSource& source) {
  DataSource training;
  training.directory = source.directory;
  training.split = name;
  try {
    return resolve_splits(training);
  } catch (const UsageError&) {
    throw;
  } catch (const Error&) {
    return {};
  }
}

bool is_part_of(const Dataset& dataset, const std::string& subset) {
  return ("+" + dataset.name + "+").find("+" + subset + "+") != std::string::npos;
}

}  // namespace

std::optional<PriorScore> find_prior(const std::string& wanted, const DataSource& source,
                                     const Dataset& dataset, int threads) {
  if (wanted == "none" || (wanted.empty() && source.directory.empty())) return std::nullopt;
  if (source.directory.empty()) {
    throw UsageError("--prior-split needs a dataset named with --data");
  }
  const std::vector<SplitPaths> found = splits_named(wanted.empty() ? "train" : wanted, source);
  if (!wanted.empty()) {
    if (found.empty()) fail(source.directory.string(), ": has no split \"", wanted, "\"");
    if (found.size() > 1) throw UsageError("--prior-split names one split");
    return score_prior(found.front(), dataset, threads);
  }
  if (found.empty() || found.front().annotations.empty() ||
      is_part_of(dataset, found.front().subset)) {
    return std::nullopt;
  }
  try {
    PriorScore prior = score_prior(found.front(), dataset, threads);
    if (prior.texts == 0) return std::nullopt;
    return prior;
  } catch (const Error& error) {
    log_warning(concat("no prior: ", error.what()));
    return std::nullopt;
  }
}

Json prior_json(const PriorScore& prior) {
  Json json = Json::object().set("split", prior.split);
  const Json score = prior.score.to_json();
  for (const char* key : {"overall", "perAnswerType", "perQuestionType"}) {
    json.set(key, score.at(key));
  }
  return json;
}

std::string eval_text(const Score& score, const PriorScore* prior, const Dataset& dataset) {
  std::size_t width = 24;
  for (const auto& [name, accuracy] : score.per_answer_type) {
    width = std::max(width, shown_name(name).size() + 1);
  }
  for (const auto& [name, accuracy] : score.per_question_type) {
    width = std::max(width, shown_name(name).size() + 1);
  }
  std::string text = "overall         " + fixed_text(score.overall, 2) + " %  of " +
                     count_text(score.questions, "question") + "\n";
  if (score.exact_match) text += "exact match     " + fixed_text(*score.exact_match, 2) + " %\n";
  if (prior) {
    text += "prior           " + fixed_text(prior->score.shown_overall(), 2) +
            " %  without the picture: the best answer to each question text of " + prior->split +
            "\n";
  }
  text += padded("answer type", width) + number_column("questions") +
          number_column(score.only_exact() ? "exact" : "accuracy") +
          (prior ? number_column("prior") : "") + "\n";
  text +=
      type_rows(score.shown_answer_types(), prior ? &prior->score.shown_answer_types() : nullptr,
                dataset, &Annotation::answer_type, width);
  text += "question type\n";
  return text + type_rows(score.shown_question_types(),
                          prior ? &prior->score.shown_question_types() : nullptr, dataset,
                          &Annotation::question_type, width);
}

}  // namespace vqalign
