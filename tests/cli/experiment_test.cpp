// vqalign experiment from end to end: runs, resumption, failures, wrong specs.
#include <gtest/gtest.h>

#include <csignal>

#include "vqalign/core/json.h"
#include "workbench.h"

namespace vqalign::test {
namespace {

namespace fs = std::filesystem;

/// Options of a network that trains in a moment.
constexpr const char* kTiny = R"({"model": {"layers": 1, "hidden": 32, "heads": 2,
  "feed_forward": 32, "pooling_hidden": 16, "pooled": 32, "dropout": 0.1},
  "language": {"word_width": 16}, "train": {"batch_size": 8},
  "vision": {"channels": [8, 8, 8, 8], "pixels": 1024, "pool": 1}})";

constexpr const char* kTwo =
    R"([{"name": "base", "align": {"kind": "none"}}, {"name": "ct", "align": {"kind": "ct"}}])";

/// A spec on drawn scenes; `more` are further fields.
std::string spec_text(const std::string& settings, const std::string& seeds, int epochs,
                      const std::string& more = {}) {
  return R"({"name": "tiny", "data": {"scenes": {"train": 64, "val": 24, "report": 16}},
             "base": "base", "replicates": 200, "passes": 3, "common": )" +
         std::string(kTiny) + R"(, "settings": )" + settings + R"(, "seeds": )" + seeds +
         R"(, "epochs": )" + std::to_string(epochs) + (more.empty() ? "" : ", " + more) + "}";
}

std::vector<std::string> experiment(const fs::path& spec, const fs::path& out) {
  return {"experiment", spec, "--out", out, "--threads", "2"};
}

Json results(const fs::path& out) {
  return read_json(out / "results.json");
}

std::string state_of(const fs::path& out, const std::string& name) {
  const Json told = results(out);
  for (const Json& run : told.at("runs").as_array()) {
    if (run.at("folder").as_string() == "runs/" + name) return run.at("state").as_string();
  }
  return {};
}

/// The processes whose command lines name that path, but for `except`.
std::vector<pid_t> processes_about(const std::string& path, const std::string& verb) {
  std::vector<pid_t> found;
  for (const auto& entry : fs::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    std::string line = file_text(entry.path() / "cmdline");
    for (char& c : line) c = c == '\0' ? ' ' : c;
    if (line.find(" " + verb + " ") != std::string::npos && line.find(path) != std::string::npos) {
      found.push_back(std::stoi(name));
    }
  }
  return found;
}

/// A training of twelve epochs that is never interrupted, to compare others with.
const fs::path& whole_run() {
  static const fs::path out = [] {
    const fs::path folder = fresh_folder("whole_run");
    write_text(folder / "spec.json", spec_text(R"([{"name": "base"}])", "[1]", 12));
    const ProgramRun run = run_vqalign(experiment(folder / "spec.json", folder / "out"));
    EXPECT_EQ(run.status, 0) << run.err;
    return folder / "out";
  }();
  return out;
}

TEST(Experiment, GridBySeedsToOneTable) {
  const fs::path folder = fresh_folder("experiment_grid");
  const fs::path spec = folder / "spec.json", out = folder / "out";
  write_text(spec, spec_text(kTwo, "[1, 2]", 1));
  std::vector<std::string> command = experiment(spec, out);
  command.insert(command.end(), {"--jobs", "2", "--json"});
  const ProgramRun run = run_vqalign(command);
  ASSERT_EQ(run.status, 0) << run.err;
  EXPECT_EQ(Json::parse(run.out), results(out));
  EXPECT_NE(run.err.find("run 1 of 4: base-1"), std::string::npos) << run.err;
  for (const char* name : {"results.csv", "results.md", "results.html", "plot-accuracy.svg",
                           "plot-ece_noisy.svg", "plot-seconds_per_step.svg", "runs/ct-2/log.txt",
                           "runs/ct-2/spec.json", "runs/ct-2/model.safetensors",
                           "runs/ct-2/questions.npz", "runs/ct-2/noisy-questions.npz"}) {
    EXPECT_TRUE(fs::exists(out / name)) << name;
  }
  EXPECT_FALSE(fs::exists(out / "runs/ct-2/model.safetensors.state"));
  EXPECT_EQ(line_count(file_text(out / "results.csv")), 5u);
  const Json ct = results(out).at("settings").as_array()[1];
  EXPECT_EQ(ct.at("finished").as_int(), 2);
  EXPECT_EQ(ct.at("against_base").at("pavpu_noisy").at("seeds").as_int(), 2);
  const auto parameters = [&](const char* key) {
    return ct.at("figures").at(key).at("mean").as_double();
  };
  EXPECT_GT(parameters("parameters_training"), parameters("parameters_model"));

  // What a table says, the run's own verbs say again.
  const ProgramRun eval = run_vqalign({"eval", "--model", out / "runs/ct-2/model.safetensors",
                                       "--data", out / "data-report", "--split", "val", "--passes",
                                       "3", "--seed", "2", "--threads", "1", "--json"});
  const Json again = Json::parse(eval.out);
  const Json figures = read_json(out / "runs/ct-2/result.json").at("figures");
  EXPECT_EQ(figures.at("accuracy").as_double(), again.at("overall").as_double());
  EXPECT_EQ(figures.at("pavpu").as_double(), again.at("uncertainty").at("pavpu").as_double());

  // Called again nothing is done anew; a seed more adds its runs.
  const std::string log = file_text(out / "runs/ct-2/log.txt");
  write_text(spec, spec_text(kTwo, "[1, 2, 3]", 1));
  EXPECT_EQ(run_vqalign(experiment(spec, out)).status, 0);
  EXPECT_EQ(file_text(out / "runs/ct-2/log.txt"), log);
  EXPECT_EQ(state_of(out, "ct-3"), "finished");
  // Another spec is told from this one.
  write_text(spec, spec_text(kTwo, "[1, 2]", 2));
  const ProgramRun other = run_vqalign(experiment(spec, out));
  EXPECT_EQ(other.status, 2);
  EXPECT_NE(other.err.find("epochs is 2, was 1"), std::string::npos) << other.err;
}

TEST(Experiment, CancelledItGoesOnAsIfNothingHadBeen) {
  const fs::path folder = fresh_folder("experiment_cancel");
  const fs::path spec = folder / "spec.json", out = folder / "out";
  write_text(spec, spec_text(R"([{"name": "base"}])", "[1]", 12));
  const fs::path state = out / "runs/base-1/model.safetensors.state";
  for (const int signal : {SIGINT, SIGKILL}) {
    RunSettings settings;
    settings.signal = signal;
    settings.signal_when = [&](const std::string&) {
      return fs::exists(state) && !processes_about(out, "train").empty();
    };
    const ProgramRun stopped = run_vqalign(experiment(spec, out), settings);
    EXPECT_EQ(stopped.status, signal == SIGINT ? 130 : 1000 + SIGKILL) << stopped.err;
    EXPECT_FALSE(fs::exists(out / "runs/base-1/result.json"));
  }
  const ProgramRun run = run_vqalign(experiment(spec, out));
  ASSERT_EQ(run.status, 0) << run.err;
  const std::string log = file_text(out / "runs/base-1/log.txt");
  EXPECT_NE(log.find("--resume"), std::string::npos) << log;
  EXPECT_EQ(read_json(out / "runs/base-1/result.json").at("training").at("steps").as_int(), 96);
  EXPECT_EQ(file_text(out / "runs/base-1/questions.npz"),
            file_text(whole_run() / "runs/base-1/questions.npz"));
}

TEST(Experiment, AKilledRunDoesNotLoseTheOthers) {
  const fs::path folder = fresh_folder("experiment_killed");
  const fs::path spec = folder / "spec.json", out = folder / "out";
  write_text(spec, spec_text(R"([{"name": "base"}])", "[1, 2]", 12));
  RunSettings settings;
  settings.signal = SIGTERM;  // never sent: the question is asked again and again
  bool killed = false;
  settings.signal_when = [&](const std::string&) {
    const fs::path first = out / "runs/base-1";
    if (killed || !fs::exists(first / "model.safetensors.state")) return false;
    for (const pid_t process : processes_about(first, "train")) {
      killed = ::kill(process, SIGKILL) == 0;
    }
    return false;
  };
  const ProgramRun run = run_vqalign(experiment(spec, out), settings);
  EXPECT_EQ(run.status, 1);
  EXPECT_NE(run.err.find("1 of 2 runs failed: base-1: ended by signal 9"), std::string::npos)
      << run.err;
  EXPECT_NE(run.out.find("| base |"), std::string::npos) << "the table is printed all the same";
  EXPECT_EQ(state_of(out, "base-1"), "failed");
  EXPECT_EQ(state_of(out, "base-2"), "finished");
  EXPECT_EQ(run_vqalign(experiment(spec, out)).status, 0);
  EXPECT_EQ(state_of(out, "base-1"), "finished");
  EXPECT_EQ(file_text(out / "runs/base-1/questions.npz"),
            file_text(whole_run() / "runs/base-1/questions.npz"));
}

TEST(Experiment, AFailedRunIsToldAndTriedAgain) {
  const fs::path folder = fresh_folder("experiment_failing");
  const fs::path spec = folder / "spec.json", out = folder / "out", words = folder / "words.txt";
  write_text(spec, spec_text(R"([{"name": "base"}, {"name": "words", "language": {"vectors": ")" +
                                 words.string() + R"("}}])",
                             "[1]", 1, R"("noise": 0)"));
  const ProgramRun run = run_vqalign(experiment(spec, out));
  EXPECT_EQ(run.status, 1);
  EXPECT_NE(run.err.find("1 of 2 runs failed: words-1: "), std::string::npos) << run.err;
  EXPECT_NE(run.err.find("words.txt"), std::string::npos) << run.err;
  EXPECT_EQ(state_of(out, "base-1"), "finished");
  EXPECT_NE(file_text(out / "results.csv").find("words.txt"), std::string::npos);
  EXPECT_EQ(file_text(out / "results.csv").find("noisy.json"), std::string::npos);
  EXPECT_FALSE(fs::exists(out / "runs/base-1/noisy.json"));
  std::string vector = "red";
  for (int i = 0; i < 16; ++i) vector += " 0.1";
  write_text(words, vector + "\n");
  const ProgramRun again = run_vqalign(experiment(spec, out));
  EXPECT_EQ(again.status, 0) << again.err;
  EXPECT_NE(again.out.find("One seed"), std::string::npos) << again.out;
  EXPECT_FALSE(fs::exists(out / "runs/words-1/failed.json"));
}

TEST(Experiment, ATrainedModelThatWasCutOffIsToldWithWhatToDo) {
  const fs::path folder = fresh_folder("experiment_cut");
  const fs::path spec = folder / "spec.json", out = folder / "out", run = out / "runs/base-1";
  write_text(spec, spec_text(R"([{"name": "base"}])", "[1]", 1, R"("noise": 0)"));
  ASSERT_EQ(run_vqalign(experiment(spec, out)).status, 0);
  fs::remove(run / "result.json");
  fs::resize_file(run / "model.safetensors", 1000);
  const auto told = [&](const std::string& command) {
    const ProgramRun cut = run_vqalign(experiment(spec, out));
    EXPECT_EQ(cut.status, 1);
    EXPECT_NE(cut.err.find("; remove " + run.string() + ", and this run is made anew"),
              std::string::npos)
        << cut.err;
    const Json failed = read_json(run / "failed.json");
    EXPECT_TRUE(failed.at("command").as_string().starts_with(command)) << failed.dump();
  };
  told("");
  fs::remove(run / "eval.json");
  told("vqalign eval --model");
  fs::remove_all(run);
  EXPECT_EQ(run_vqalign(experiment(spec, out)).status, 0);
}

TEST(Experiment, AFolderOfDataWithAPartHeldOut) {
  const fs::path folder = fresh_folder("experiment_folder");
  const fs::path spec = folder / "spec.json", out = folder / "out";
  const std::string text = spec_text(R"([{"name": "base"}])", "[1]", 1,
                                     R"("splits": {"held_out": 0.25, "report": "val"})");
  const std::size_t at = text.find("\"data\""), end = text.find("\"base\": ");
  write_text(spec, text.substr(0, at) + text.substr(end));
  std::vector<std::string> command = experiment(spec, out);
  const ProgramRun none = run_vqalign(command);
  EXPECT_EQ(none.status, 2);
  EXPECT_NE(none.err.find("names no data; give --data DIR"), std::string::npos) << none.err;
  EXPECT_FALSE(fs::exists(out)) << "told before anything is written";
  command.insert(command.end(), {"--data", workbench().data});
  const ProgramRun run = run_vqalign(command);
  ASSERT_EQ(run.status, 0) << run.err;
  EXPECT_EQ(results(out).at("questions").as_int(), 32);
  const Json splits = Json::parse(run_vqalign({"info", out / "data", "--json"}).out).at("splits");
  const int64_t train = splits.at("train2014").at("questions").as_int();
  EXPECT_EQ(train + splits.at("val2014").at("questions").as_int(), 64);
  EXPECT_GE(train, 40);
  EXPECT_LE(train, 56);
}

TEST(Experiment, WrongUses) {
  const fs::path folder = fresh_folder("experiment_wrong");
  const fs::path spec = folder / "spec.json";
  const auto refused = [&](const std::string& text, const std::vector<std::string>& more,
                           const std::string& said) {
    write_text(spec, text);
    std::vector<std::string> command = experiment(spec, folder / "out");
    command.insert(command.end(), more.begin(), more.end());
    const ProgramRun run = run_vqalign(command);
    EXPECT_EQ(run.status, 2) << run.err;
    EXPECT_EQ(line_count(run.err), 1u) << run.err;
    EXPECT_NE(run.err.find(said), std::string::npos) << run.err;
    EXPECT_FALSE(fs::exists(folder / "out"));
  };
  const std::string good = spec_text(kTwo, "[1]", 1);
  refused(spec_text(kTwo, "[]", 1), {}, "seeds is empty");
  refused(spec_text(kTwo, "[1]", 1, "\"pases\": 3"), {}, "did you mean passes?");
  refused(good, {"--data", folder}, "draws its own scenes; leave out --data");
  refused(good, {"--set", "model.layers=2"}, "no such options");
  refused(good, {"--jobs", "0"}, "--jobs is 0, allowed is 1 to 64");
  refused(
      spec_text(R"([{"name": "base"}, {"name": "ct", "align": {"kind": "ct", "layers": ["5"]}}])",
                "[1]", 1),
      {}, "spec.json: settings (ct): align.layers names \"5\", the model's layers are 0 to 0");
  refused(R"({"base": "base", "settings": [{"name": "base"}], "seeds": [1],
              "splits": {"report": "val"}})",
          {"--data", workbench().data},
          "spec.json: splits: report is \"val\", which shares val2014 with val");
  write_text(spec, "{\"name\": ");
  const ProgramRun broken = run_vqalign(experiment(spec, folder / "out"));
  EXPECT_EQ(broken.status, 1);
  EXPECT_NE(broken.err.find("spec.json: line 1"), std::string::npos) << broken.err;
  const ProgramRun missing = run_vqalign(experiment(folder / "no.json", folder / "out"));
  EXPECT_EQ(missing.status, 1);
  EXPECT_NE(missing.err.find("no.json"), std::string::npos) << missing.err;
}

}  // namespace
}  // namespace vqalign::test
