#include "vqalign/train/experiment/spec.h"

#include <algorithm>
#include <set>

#include "vqalign/core/error.h"
#include "vqalign/inspect/answerer.h"
#include "vqalign/train/experiment/spec_fields.h"
#include "vqalign/train/run_options.h"

namespace vqalign {
namespace {

using detail::SpecFields;

constexpr std::size_t kMostBytes = std::size_t{1} << 20;
constexpr int64_t kMostQuestions = 10'000'000;
constexpr std::size_t kMostSettings = 100;
constexpr std::size_t kMostSeeds = 100;
constexpr int64_t kLargestSeed = int64_t{1} << 52;
constexpr std::size_t kLongestName = 40;

/// A list with at least one element.
const Json::Array& filled_list(const SpecFields& fields, const std::string& name,
                               std::size_t most) {
  const Json& list = fields.required(name);
  if (!list.is_array()) {
    throw UsageError(concat(fields.place(name), ": expected an array, found ", list.type_name()));
  }
  const Json::Array& elements = list.as_array(name);
  if (elements.empty()) throw UsageError(concat(fields.place(name), " is empty"));
  if (elements.size() > most) {
    throw UsageError(
        concat(fields.place(name), " has ", elements.size(), " elements, allowed is ", most));
  }
  return elements;
}

DrawnScenes read_scenes(const Json& json, const std::string& where) {
  const SpecFields fields(json, where, {"train", "val", "report", "seed", "options"});
  fields.required("train");
  DrawnScenes scenes;
  scenes.train = fields.integer("train", 1, kMostQuestions).value_or(0);
  scenes.val = fields.integer("val", 0, kMostQuestions).value_or(0);
  scenes.report = fields.integer("report", 0, kMostQuestions).value_or(0);
  scenes.seed = fields.integer("seed", 0, kLargestSeed).value_or(1);
  const Json* options = fields.find("options");
  scenes.options = options ? *options : Json::object();
  scene_options(scenes, fields.place("options"));
  if (scenes.val == 0 && scenes.report == 0) {
    throw UsageError(concat(where, ": neither val nor report has questions, nothing to score"));
  }
  return scenes;
}

/// As of the folder that the spec lies in.
std::filesystem::path beside(const std::filesystem::path& file, const std::string& name) {
  return std::filesystem::absolute(file.parent_path() / name).lexically_normal();
}

void read_data(const SpecFields& fields, ExperimentSpec& spec) {
  const Json* json = fields.find("data");
  if (!json) return;
  const SpecFields data(*json, fields.place("data"), {"scenes", "directory", "features"});
  if (const Json* scenes = data.find("scenes")) {
    for (const char* other : {"directory", "features"}) {
      if (data.has(other)) {
        throw UsageError(concat(fields.place("data"), ": has both scenes and ", other,
                                ", which exclude each other"));
      }
    }
    spec.scenes = read_scenes(*scenes, data.place("scenes"));
  }
  if (const auto directory = data.text("directory")) spec.directory = beside(spec.file, *directory);
  if (const auto features = data.text("features")) spec.features = beside(spec.file, *features);
}

void read_splits(const SpecFields& fields, ExperimentSpec& spec) {
  const std::string where = fields.place("splits");
  if (spec.scenes) {
    if (fields.has("splits")) {
      throw UsageError(
          concat(where, ": drawn scenes have their own, whose sizes data.scenes says"));
    }
    if (spec.scenes->val == 0) spec.val = "none";
    return;
  }
  const Json* json = fields.find("splits");
  if (!json) return;
  const SpecFields splits(*json, where, {"train", "val", "report", "held_out"});
  spec.train = splits.text("train").value_or(spec.train);
  spec.report = splits.text("report").value_or("");
  spec.held_out = splits.number("held_out", 0.01, 0.9).value_or(0);
  if (spec.held_out > 0 && splits.has("val")) {
    throw UsageError(concat(where, ": has both val and held_out, which exclude each other"));
  }
  if (spec.held_out > 0 && spec.train.find('+') != std::string::npos) {
    throw UsageError(concat(where, ": held_out needs one train split, not ", spec.train));
  }
  spec.val = splits.text("val").value_or(spec.val);
  if (spec.val == "none" && spec.report.empty()) {
    throw UsageError(concat(where, ": val is none and there is no report, nothing to score"));
  }
  if (spec.report == "none") throw UsageError(concat(where, ": report is none; leave it out"));
}

/// Whether a name can be part of a folder's.
bool is_plain_name(const std::string& name) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  };
  return !name.empty() && name.size() <= kLongestName && name[0] != '.' && name[0] != '-' &&
         std::all_of(name.begin(), name.end(), plain);
}

/// Checks options without keeping them.
void check_options(const ExperimentSpec& spec, const Json& options, const std::string& where) {
  RunOptions run = load_recipe(spec.recipe);
  options_from_json(run.options(), options, where);
}

ExperimentSetting read_setting(const ExperimentSpec& spec, const Json& json,
                               const std::string& place) {
  RunOptions run;
  std::vector<std::string> known = {"name"};
  for (const OptionGroup& group : run.options()) known.push_back(group.name);
  const SpecFields fields(json, place, known);
  fields.required("name");
  ExperimentSetting setting;
  setting.name = fields.text("name").value_or("");
  if (!is_plain_name(setting.name)) {
    throw UsageError(concat(fields.place("name"), " is \"", setting.name, "\""),
                     concat("allowed are up to ", kLongestName,
                            " letters, digits, '.', '_' and '-', the first no '.' or '-'"));
  }
  Json::Object members = json.as_object(place);
  std::erase_if(members, [](const Json::Member& member) { return member.first == "name"; });
  setting.options = Json(std::move(members));
  check_options(spec, setting.options, concat(place, " (", setting.name, ")"));
  return setting;
}

void read_settings(const SpecFields& fields, ExperimentSpec& spec) {
  std::set<std::string> names;
  std::vector<std::string> listed;
  int64_t number = 0;
  for (const Json& element : filled_list(fields, "settings", kMostSettings)) {
    const std::string place = concat(fields.place("settings"), "[", number++, "]");
    spec.settings.push_back(read_setting(spec, element, place));
    const std::string& name = spec.settings.back().name;
    if (!names.insert(name).second) {
      throw UsageError(concat(place, ": there is a setting of the name \"", name, "\" already"));
    }
    listed.push_back(name);
  }
  fields.required("base");
  spec.base = fields.text("base").value_or("");
  if (names.count(spec.base) == 0) {
    throw UsageError(concat(fields.place("base"), " is \"", spec.base, "\", which is no setting"),
                     concat("did you mean ", nearest_name(spec.base, listed), "?"));
  }
}

void read_seeds(const SpecFields& fields, ExperimentSpec& spec) {
  std::set<int64_t> seen;
  for (const Json& element : filled_list(fields, "seeds", kMostSeeds)) {
    const int64_t seed = detail::integer_within(element, fields.place("seeds"), 0, kLargestSeed);
    if (!seen.insert(seed).second) {
      throw UsageError(concat(fields.place("seeds"), ": ", seed, " is there twice"));
    }
    spec.seeds.push_back(seed);
  }
}

void read_recipe(const SpecFields& fields, ExperimentSpec& spec) {
  spec.recipe = fields.text("recipe").value_or(spec.recipe);
  try {
    load_recipe(spec.recipe);
  } catch (const UsageError& error) {
    throw UsageError(concat(fields.place("recipe"), ": ", error.what()), error.hint());
  }
  if (const auto init = fields.text("init")) {
    spec.init = beside(spec.file, *init);
    if (!std::filesystem::exists(spec.init)) {
      throw UsageError(concat(fields.place("init"), ": there is no file ", spec.init.string()));
    }
  }
  if (const Json* common = fields.find("common")) {
    spec.common = *common;
    check_options(spec, spec.common, fields.place("common"));
  }
}

/// One length for all: what a setting said otherwise would not be used.
void check_length(const SpecFields& fields, const ExperimentSpec& spec) {
  if (spec.epochs && spec.minutes) {
    throw UsageError(concat(spec.file.string(), ": has both epochs and minutes, one is enough"));
  }
  if (!spec.epochs && !spec.minutes) return;
  const auto check = [&](const Json& options, const std::string& where) {
    const Json* train = options.find("train");
    if (!train || !train->find("epochs")) return;
    throw UsageError(concat(where, ": train.epochs is given, and ",
                            spec.epochs ? "epochs" : "minutes", " for all runs too"));
  };
  check(spec.common, fields.place("common"));
  for (const ExperimentSetting& setting : spec.settings) {
    check(setting.options, concat(fields.place("settings"), " (", setting.name, ")"));
  }
}

ExperimentSpec spec_of(const Json& json, const std::filesystem::path& file) {
  const SpecFields fields(json, file.string(),
                          {"name", "data", "splits", "recipe", "init", "common", "settings", "base",
                           "seeds", "epochs", "minutes", "passes", "noise", "replicates"});
  ExperimentSpec spec;
  spec.file = file;
  spec.name = fields.text("name").value_or(file.stem().string());
  read_data(fields, spec);
  read_splits(fields, spec);
  read_recipe(fields, spec);
  read_settings(fields, spec);
  read_seeds(fields, spec);
  spec.epochs = fields.integer("epochs", 1, 1'000'000);
  spec.minutes = fields.number("minutes", 0.01, 1e6);
  check_length(fields, spec);
  spec.passes = fields.integer("passes", 0, AskOptions::kMostPasses).value_or(spec.passes);
  if (spec.passes == 1) {
    throw UsageError(concat(fields.place("passes"),
                            " is 1, which spreads nothing; allowed is 0 or ",
                            AskOptions::kFewestPasses, " to ", AskOptions::kMostPasses));
  }
  spec.noise = fields.number("noise", 0, 1e6).value_or(spec.noise);
  spec.replicates = fields.integer("replicates", 100, 1'000'000).value_or(spec.replicates);
  return spec;
}

}  // namespace

SceneOptions scene_options(const DrawnScenes& scenes, const std::string& where) {
  SceneOptions options;
  options_from_json({{"scenes", options.fields()}}, Json::object().set("scenes", scenes.options),
                    where);
  return options;
}

ExperimentSpec read_experiment_spec(const std::filesystem::path& file) {
  const Json json = read_json(file, kMostBytes);
  try {
    return spec_of(json, file);
  } catch (const UsageError&) {
    throw;
  } catch (const Error& error) {
    throw UsageError(error.what(), error.hint());
  }
}

Json merged_options(const ExperimentSpec& spec, const ExperimentSetting& setting) {
  Json merged = Json::object();
  for (const Json* options : {&spec.common, &setting.options}) {
    for (const auto& [group, members] : options->as_object()) {
      const Json* before = merged.find(group);
      Json together = before ? *before : Json::object();
      for (const auto& [name, value] : members.as_object()) together.set(name, value);
      merged.set(group, std::move(together));
    }
  }
  return merged;
}

Json ExperimentSpec::shared() const {
  Json data = Json::object();
  if (scenes) {
    data.set("scenes", Json::object()
                           .set("train", scenes->train)
                           .set("val", scenes->val)
                           .set("report", scenes->report)
                           .set("seed", scenes->seed)
                           .set("options", scenes->options));
  } else {
    data.set("directory", directory.string()).set("features", features.string());
    data.set("train", train).set("val", val).set("report", report).set("held_out", held_out);
  }
  Json length;
  if (epochs) length = *epochs;
  if (minutes) length = *minutes;
  return Json::object()
      .set("data", std::move(data))
      .set("recipe", recipe)
      .set("init", init.string())
      .set("common", common)
      .set(minutes ? "minutes" : "epochs", std::move(length))
      .set("passes", passes)
      .set("noise", noise);
}

}  // namespace vqalign
