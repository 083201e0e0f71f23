#include "vqalign/train/experiment/run_commands.h"

#include <system_error>

#include "vqalign/train/training_state.h"

namespace vqalign {
namespace {

namespace fs = std::filesystem;

using Words = std::vector<std::string>;

void append(Words& words, const Words& more) {
  words.insert(words.end(), more.begin(), more.end());
}

/// What every command of a run is told.
Words common_words(const RunPlan& plan, const RunMeans& means) {
  Words words = {"--seed", std::to_string(plan.seed), "--device", means.device, "--json"};
  if (means.threads > 0) append(words, {"--threads", std::to_string(means.threads)});
  return words;
}

Words training(const ExperimentSpec& spec, const RunPlan& plan, const ExperimentData& data) {
  const fs::path model = plan.folder / run_files::kModel;
  write_json(plan.folder / run_files::kOptions, plan.options);
  Words words = {"train"};
  append(words, data.training);
  append(words, {"--out", model.string(), "--recipe", spec.recipe, "--config",
                 (plan.folder / run_files::kOptions).string()});
  if (!spec.init.empty()) append(words, {"--init", spec.init.string()});
  if (spec.epochs) append(words, {"--epochs", std::to_string(*spec.epochs)});
  if (spec.minutes) append(words, {"--minutes", Json(*spec.minutes).dump()});
  if (fs::exists(state_path(model))) words.push_back("--resume");
  return words;
}

Words evaluation(const ExperimentSpec& spec, const RunPlan& plan, const ExperimentData& data,
                 bool noisy) {
  Words words = {"eval", "--model", (plan.folder / run_files::kModel).string()};
  append(words, data.reporting);
  append(words, {"--prior-split", "none", "--verdicts", questions_file(plan, noisy).string()});
  if (spec.passes > 0) append(words, {"--passes", std::to_string(spec.passes)});
  if (noisy) append(words, {"--noise", Json(spec.noise).dump()});
  if (const Json* options = plan.options.find("data")) {
    const fs::path file = plan.folder / run_files::kDataOptions;
    write_json(file, Json::object().set("data", *options));
    append(words, {"--config", file.string()});
  }
  return words;
}

}  // namespace

std::vector<RunCommand> remaining_commands(const ExperimentSpec& spec, const RunPlan& plan,
                                           const ExperimentData& data, const RunMeans& means) {
  std::vector<RunCommand> commands;
  const auto add = [&](const char* result, const fs::path& made, const auto& make) {
    // Once something is made anew, so is all that follows from it.
    if (commands.empty() && fs::exists(plan.folder / result) && fs::exists(made)) return;
    Words words = make();
    append(words, common_words(plan, means));
    commands.push_back({std::move(words), plan.folder / result});
  };
  add(run_files::kTraining, plan.folder / run_files::kModel,
      [&] { return training(spec, plan, data); });
  add(run_files::kEvaluation, questions_file(plan, false),
      [&] { return evaluation(spec, plan, data, false); });
  if (spec.noise > 0) {
    add(run_files::kNoisy, questions_file(plan, true),
        [&] { return evaluation(spec, plan, data, true); });
  }
  return commands;
}

std::string shell_line(const std::vector<std::string>& arguments) {
  std::string line = "vqalign";
  for (const std::string& word : arguments) {
    line += ' ';
    if (word.find_first_of(" \t\n\"'\\$`&|;<>()*?[]#~!{}") == std::string::npos && !word.empty()) {
      line += word;
      continue;
    }
    line += '\'';
    for (const char c : word) {
      if (c == '\'') {
        line += "'\\''";
      } else {
        line += c;
      }
    }
    line += '\'';
  }
  return line;
}

}  // namespace vqalign
