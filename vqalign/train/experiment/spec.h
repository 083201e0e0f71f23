#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "vqalign/core/json.h"
#include "vqalign/data/scenes.h"

namespace vqalign {

/// Scenes that the experiment draws for itself.
struct DrawnScenes {
  int64_t train = 0;  ///< questions
  int64_t val = 0;
  int64_t report = 0;  ///< questions of a part that is only reported; 0: val is
  int64_t seed = 1;    ///< the reported part is drawn with the next one
  Json options;        ///< as given, {"max_objects": 3}
};

/// One row of the table: what is told to `train` on top of recipe and common options.
struct ExperimentSetting {
  std::string name;  ///< letters, digits, '.', '_', '-'; part of a folder's name
  Json options;      ///< {"align": {"kind": "ct"}}
};

/// What `vqalign experiment` is asked for, read from a JSON file:
///
///     {"name": "CT on easy scenes",              what the tables are headed with; optional
///      "data": {"scenes": {"train": 16000, "val": 1000, "report": 2000, "seed": 1,
///                          "options": {"max_objects": 3}}},
///      "recipe": "scenes",                       default scenes
///      "init": "models/boxes.safetensors",       a model that every run starts from; optional
///      "common": {"vision": {"keep": 12}},       options of every run, as in --config; optional
///      "settings": [{"name": "base", "align": {"kind": "none"}},
///                   {"name": "ct", "align": {"kind": "ct"}}],
///      "base": "base",                           the setting that the others are compared with
///      "seeds": [1, 2, 3],
///      "epochs": 6,                              or "minutes"; without both the recipe's epochs
///      "passes": 20,                             0 leaves uncertainty out
///      "noise": 1,                               deviation; 0 leaves the noisy columns out
///      "replicates": 10000}                      of the bootstrap
///
/// In place of scenes, `data` names a folder in VQA v2 layout, `{"directory": D, "features": F}`
/// (as `init` relative to the spec's own folder), and `splits` its parts, `{"train": "train",
/// "val": "val", "report": "test", "held_out": 0.2}`. The best epoch is chosen on val ("none": the
/// last state is the model); `report` is what the figures are of, val when it is left out. With
/// `held_out` that share of train, the last pictures by id, is taken from it and becomes val.
struct ExperimentSpec {
  std::filesystem::path file;
  std::string name;
  std::optional<DrawnScenes> scenes;
  std::filesystem::path directory;  ///< absolute; empty: to be given by --data
  std::filesystem::path features;   ///< absolute; empty: pictures
  std::string train = "train";
  std::string val = "val";
  std::string report;  ///< empty: val
  double held_out = 0;
  std::string recipe = "scenes";
  std::filesystem::path init;  ///< absolute; empty: none
  Json common = Json::object();
  std::vector<ExperimentSetting> settings;  ///< of different names
  std::string base;                         ///< one of them
  std::vector<int64_t> seeds;               ///< all different
  std::optional<int64_t> epochs;            ///< at most one of the two
  std::optional<double> minutes;
  int64_t passes = 20;
  double noise = 1;
  int64_t replicates = 10000;

  /// What every run shares and must therefore be the same when a folder of results is gone on with:
  /// data, splits, recipe, init, common options, length, passes and noise.
  Json shared() const;
};

/// Reads and checks a spec, its options too: UsageError naming the file, the field and, for a field
/// or option that does not exist, the nearest one that does. Error when the file is unreadable, no
/// JSON, or larger than a megabyte.
ExperimentSpec read_experiment_spec(const std::filesystem::path& file);

/// Common options with those of a setting on top.
Json merged_options(const ExperimentSpec& spec, const ExperimentSetting& setting);

/// The scene options of a spec.
SceneOptions scene_options(const DrawnScenes& scenes, const std::string& where);

}  // namespace vqalign
