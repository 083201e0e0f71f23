#include "vqalign/train/experiment/experiment_data.h"

#include <algorithm>

#include "vqalign/core/error.h"
#include "vqalign/data/dataset.h"
#include "vqalign/data/held_out.h"

namespace vqalign {
namespace {

namespace fs = std::filesystem;

constexpr const char* kData = "data";
constexpr const char* kReport = "data-report";
constexpr const char* kDone = "made.json";

DataSource source_of(const ExperimentSpec& spec, const std::string& split) {
  DataSource source;
  source.directory = spec.directory;
  source.split = split;
  source.features = spec.features;
  return source;
}

/// The parts of a split. Error unless every one is there, with answers.
std::vector<SplitPaths> annotated_parts(const ExperimentSpec& spec, const std::string& split) {
  std::vector<SplitPaths> parts = resolve_splits(source_of(spec, split));
  for (const SplitPaths& part : parts) {
    if (!part.annotations.empty()) continue;
    fail(spec.directory.string(), ": split ", part.subset,
         " has no annotations, which training and scoring need");
  }
  return parts;
}

/// Error where no part has any.
void require_questions(const std::vector<SplitPaths>& parts, const char* purpose) {
  const auto has_some = [](const SplitPaths& part) {
    return !read_questions(part.questions).empty();
  };
  if (std::any_of(parts.begin(), parts.end(), has_some)) return;
  fail(questions_files(parts), ": has no questions to ", purpose);
}

/// UsageError where the reported split has a part of another.
void require_apart(const ExperimentSpec& spec, const std::vector<SplitPaths>& reported,
                   const std::vector<SplitPaths>& others, const std::string& told,
                   const char* hint) {
  for (const SplitPaths& part : reported) {
    for (const SplitPaths& other : others) {
      if (part.questions != other.questions) continue;
      throw UsageError(concat(spec.file.string(), ": splits: report is \"", spec.report,
                              "\", which shares ", part.subset, " with ", told),
                       hint);
    }
  }
}

/// Error where a split will not do, UsageError where models would be trained or chosen on what is
/// reported.
void check_splits(const ExperimentSpec& spec) {
  const std::vector<SplitPaths> train = annotated_parts(spec, spec.train);
  require_questions(train, "train on");
  std::vector<SplitPaths> val;
  if (spec.val != "none" && spec.held_out == 0) val = annotated_parts(spec, spec.val);
  if (spec.report.empty()) {
    if (!val.empty()) require_questions(val, "score");
    return;
  }
  const std::vector<SplitPaths> report = annotated_parts(spec, spec.report);
  require_apart(spec, report, train, concat("train, \"", spec.train, "\", which is trained on"),
                "give another report, or no report");
  require_apart(spec, report, val,
                concat("val, \"", spec.val, "\", on which the best epoch is chosen"),
                "give \"val\": \"none\", another report, or no report");
  require_questions(report, "score");
}

void add(std::vector<std::string>& words, const std::string& option, const fs::path& value) {
  if (value.empty()) return;
  words.push_back(option);
  words.push_back(value.string());
}

/// Questions about the pictures held out (first_held_out()) go to val2014, the rest to train2014.
void hold_out(const ExperimentSpec& spec, const fs::path& out) {
  const SplitPaths split = resolve_splits(source_of(spec, spec.train)).front();
  const std::vector<Question> questions = read_questions(split.questions);
  const std::vector<Annotation> annotations = match_annotations(
      questions, read_annotations(split.annotations), split.questions, split.annotations);
  const int64_t bound = first_held_out(questions, spec.held_out, split.questions.string());
  for (const bool held : {false, true}) {
    const std::string subset = held ? "val2014" : "train2014";
    std::vector<Question> part;
    std::vector<Annotation> truth;
    for (std::size_t i = 0; i < questions.size(); ++i) {
      if ((questions[i].image_id >= bound) != held) continue;
      part.push_back(questions[i]);
      truth.push_back(annotations[i]);
    }
    write_questions(out / concat("v2_OpenEnded_mscoco_", subset, "_questions.json"), part, subset);
    write_annotations(out / concat("v2_mscoco_", subset, "_annotations.json"), truth, subset);
  }
}

void draw(const DrawnScenes& scenes, const fs::path& out, Progress& progress,
          const CancelToken& cancel, int threads) {
  const SceneOptions options = scene_options(scenes, "scenes");
  const auto seed = static_cast<uint64_t>(scenes.seed);
  write_scenes(out / kData, scenes.train, scenes.val, 0, options, seed, progress, cancel, threads);
  if (scenes.report == 0) return;
  fs::create_directories(out / kReport);
  write_scenes(out / kReport, 0, scenes.report, 0, options, seed + 1, progress, cancel, threads);
}

ExperimentData drawn_data(const ExperimentSpec& spec, const fs::path& out) {
  ExperimentData data;
  data.training = {"--data", out / kData, "--split", "train", "--val-split", spec.val};
  const bool apart = spec.scenes->report > 0;
  data.reporting = {"--data", out / (apart ? kReport : kData), "--split", "val"};
  return data;
}

}  // namespace

ExperimentData experiment_data(const ExperimentSpec& spec, const fs::path& out) {
  if (spec.scenes) return drawn_data(spec, out);
  if (spec.directory.empty()) {
    throw UsageError(concat(spec.file.string(), ": names no data"),
                     "give --data DIR, or a field data with scenes or a directory");
  }
  check_splits(spec);
  ExperimentData data;
  const fs::path folder = spec.held_out > 0 ? out / kData : spec.directory;
  const std::string train = spec.held_out > 0 ? "train" : spec.train;
  data.training = {"--data", folder, "--split", train, "--val-split", spec.val};
  const bool apart = !spec.report.empty();
  data.reporting = {"--data", apart ? spec.directory : folder, "--split",
                    apart ? spec.report : spec.val};
  if (spec.held_out > 0) {
    const fs::path pictures = resolve_splits(source_of(spec, spec.train)).front().images;
    add(data.training, "--images", pictures);
    if (!apart) add(data.reporting, "--images", pictures);
  }
  add(data.training, "--features", spec.features);
  add(data.reporting, "--features", spec.features);
  return data;
}

void make_experiment_data(const ExperimentSpec& spec, const fs::path& out, Progress& progress,
                          const CancelToken& cancel, int threads) {
  if (!spec.scenes && spec.held_out == 0) return;
  const fs::path done = out / kData / kDone;
  if (fs::exists(done)) return;
  fs::create_directories(out / kData);
  if (spec.scenes) {
    draw(*spec.scenes, out, progress, cancel, threads);
  } else {
    hold_out(spec, out / kData);
  }
  write_json(done, spec.shared().at("data"));
}

}  // namespace vqalign
