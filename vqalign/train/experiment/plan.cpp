#include "vqalign/train/experiment/plan.h"

#include <system_error>

#include "vqalign/core/atomic_file.h"
#include "vqalign/core/error.h"
#include "vqalign/core/json_difference.h"
#include "vqalign/core/log.h"
#include "vqalign/fusion/model_file.h"
#include "vqalign/train/pretrained_encoder.h"
#include "vqalign/train/run_options.h"

namespace vqalign {
namespace {

namespace fs = std::filesystem;

constexpr const char* kShared = "experiment.json";
constexpr const char* kRunSpec = "spec.json";
constexpr const char* kHint = "use another --out, or remove what is there";

void check_same(const Json& now, const fs::path& file) {
  if (!fs::exists(file)) return;
  const Json before = read_json(file);
  const auto found = first_difference(now, before);
  if (!found) return;
  const auto shown = [](const Json* value) { return (value ? *value : Json()).dump(); };
  throw UsageError(concat(file.string(), ": is of another spec: ", found->place, " is ",
                          shown(found->now), ", was ", shown(found->before)),
                   kHint);
}

/// Whether a folder holds anything but our lock.
bool holds_something(const fs::path& folder) {
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    if (entry.path().filename() != ".lock") return true;
  }
  return false;
}

void make_folder(const fs::path& folder) {
  std::error_code failed;
  fs::create_directories(folder, failed);
  if (!fs::is_directory(folder)) {
    fail(folder.string(),
         ": cannot make this folder: ", failed ? failed.message() : "there is a file of that name");
  }
}

}  // namespace

void check_settings(const ExperimentSpec& spec) {
  for (const ExperimentSetting& setting : spec.settings) {
    RunOptions run = load_recipe(spec.recipe);
    options_from_json(run.options(), merged_options(spec, setting), setting.name);
    try {
      run.check();
    } catch (const UsageError& error) {
      throw UsageError(
          concat(spec.file.string(), ": settings (", setting.name, "): ", error.what()),
          error.hint());
    }
    if (spec.passes > 0 && !run.config.has_dropout()) {
      log_warning(concat(spec.file.string(), ": settings (", setting.name,
                         "): has no dropout, so that its passes are all alike"));
    }
    if (spec.features.empty()) require_pretrained_weights(run.config);
  }
  if (spec.init.empty()) return;
  try {
    summarise_model(spec.init);
  } catch (const Error& error) {
    throw UsageError(concat(spec.file.string(), ": init: ", error.what()), error.hint());
  }
}

std::vector<RunPlan> planned_runs(const ExperimentSpec& spec, const fs::path& out) {
  std::vector<RunPlan> runs;
  for (const int64_t seed : spec.seeds) {
    for (const ExperimentSetting& setting : spec.settings) {
      RunPlan run;
      run.setting = setting.name;
      run.seed = seed;
      run.folder = out / "runs" / concat(setting.name, "-", seed);
      run.options = merged_options(spec, setting);
      run.spec = spec.shared();
      run.spec.set("setting", setting.name).set("seed", seed).set("options", run.options);
      runs.push_back(std::move(run));
    }
  }
  return runs;
}

void check_results_folder(const ExperimentSpec& spec, const std::vector<RunPlan>& runs,
                          const fs::path& out) {
  std::error_code ignored;
  if (fs::exists(out, ignored) && !fs::is_directory(out, ignored)) {
    throw UsageError(concat(out.string(), ": is a file, expected a folder"));
  }
  if (fs::is_directory(out, ignored) && !fs::exists(out / kShared, ignored) &&
      holds_something(out)) {
    throw UsageError(concat(out.string(), ": is a folder of something else, without ", kShared),
                     "use another --out");
  }
  check_same(spec.shared(), out / kShared);
  for (const RunPlan& run : runs) check_same(run.spec, run.folder / kRunSpec);
}

void begin_results_folder(const ExperimentSpec& spec, const std::vector<RunPlan>& runs,
                          const fs::path& out) {
  make_folder(out);
  write_json(out / kShared, spec.shared());
  write_file_atomic(out / "spec.json", read_file(spec.file, std::size_t{1} << 20));
  for (const RunPlan& run : runs) {
    make_folder(run.folder);
    write_json(run.folder / kRunSpec, run.spec);
  }
}

}  // namespace vqalign
