// Right and wrong uses of the command line: exit statuses, what goes where, one line an error.
#include <gtest/gtest.h>

#include <filesystem>

#include "workbench.h"

namespace vqalign::test {
namespace {

const std::vector<std::string> kVerbs = {
    "scenes", "train", "eval",    "robustness", "experiment", "predict", "score",    "ask",
#ifdef VQALIGN_HAS_FIGURES
    "figure",
#endif
    "info",   "check", "extract", "pack",       "import",     "export",  "attention"};

struct WrongUse {
  std::vector<std::string> arguments;
  std::string said;  ///< must stand in the message
};

std::string joined(const std::vector<std::string>& words) {
  std::string line;
  for (const std::string& word : words) line += word + " ";
  return line;
}

void expect_refused(const WrongUse& use) {
  SCOPED_TRACE(joined(use.arguments));
  const ProgramRun run = run_vqalign(use.arguments);
  EXPECT_EQ(run.status, 2);
  EXPECT_EQ(run.out, "");
  EXPECT_EQ(line_count(run.err), 1u) << run.err;
  EXPECT_TRUE(run.err.starts_with("vqalign: ")) << run.err;
  EXPECT_NE(run.err.find(use.said), std::string::npos) << run.err;
}

TEST(Usage, WrongUsesOfTheGrammar) {
  const WrongUse uses[] = {
      {{}, "no verb"},
      {{"scor"}, "did you mean score?"},
      {{"--verson"}, "did you mean --version?"},
      {{"frobnicate"}, "unknown verb \"frobnicate\"; see vqalign --help"},
      {{"scenes", "-v"}, "unknown option -v; see vqalign scenes --help"},
      {{"train", "--epochs", "1", "--epochs", "2"}, "--epochs is given more than once"},
      {{"--json"}, "no verb"},
      {{"score", "--qestions", "x"}, "did you mean --questions?"},
      {{"score", "--questions=x"}, "--annotations is required"},
      {{"info"}, "FILE is required"},
      {{"info", "a", "b"}, "unexpected argument \"b\""},
      {{"info", "a", "--seed"}, "--seed"},
      {{"info", "a", "--seed", "1", "--seed", "2"}, "--seed"},
      {{"info", ""}, "FILE is empty"},
      {{"score", "--questions", "--json", "--annotations", "a", "--results", "r"},
       "--questions has no value before --json"},
  };
  for (const WrongUse& use : uses) expect_refused(use);
}

TEST(Usage, WrongValuesOfGlobalOptions) {
  const WrongUse uses[] = {
      {{"info", "a", "--threads", "0"}, "--threads is 0, allowed is 1 to "},
      {{"info", "a", "--threads", "-4"}, "--threads is -4"},
      {{"info", "a", "--threads", "100000"}, "--threads is 100000"},
      {{"info", "a", "--threads", "99999999999999999999"}, "--threads is 99999999999999999999"},
      {{"--threads", "two", "info", "a"}, "--threads: expected a whole number, found \"two\""},
      {{"info", "a", "--threads", "1.5"}, "found \"1.5\""},
      {{"info", "a", "--seed", "-1"}, "--seed is -1"},
      {{"info", "a", "--device", "gpu"}, "allowed is cpu, cuda or cuda:N"},
      {{"info", "a", "--device", "cuda:x"}, "allowed is cpu, cuda or cuda:N"},
      {{"info", "a", "--device", "cuda:-1"}, "allowed is cpu, cuda or cuda:N"},
      {{"info", "a", "--device", "cuda:4096"}, "--device is cuda:4096"},
      {{"info", "a", "--set", "x.y=1"}, "x.y=1"},
      {{"info", "a", "--config", "f"}, "--config"},
  };
  for (const WrongUse& use : uses) expect_refused(use);
}

TEST(Usage, WrongValuesOfVerbs) {
  const std::string data = workbench().data.string();
  const std::string model = workbench().model.string();
  const std::string out = fresh_folder("never") / "out";
  const WrongUse uses[] = {
      {{"scenes", "--out", out, "--train", "1", "--val", "1"}, "--test is required"},
      {{"scenes", "--out", out, "--train", "-1", "--val", "1", "--test", "0"}, "--train is -1"},
      {{"scenes", "--out", out, "--train", "1", "--val", "1", "--test", "0", "--set",
        "scenes.colors=3"},
       "did you mean scenes.colours?"},
      {{"score", "--questions", "q", "--annotations", "a", "--results", "r", "--metric", "new"},
       "--metric"},
      {{"train", "--data", data}, "--out is required"},
      {{"train", "--out", out}, "--data"},
      {{"train", "--data", data, "--out", out, "--recipe", "scene"}, "did you mean scenes?"},
      {{"train", "--data", data, "--out", out, "--align", "wasserstein"}, "align.kind"},
      {{"train", "--data", data, "--out", out, "--set", "train.epoch=3"},
       "did you mean train.epochs?"},
      {{"train", "--data", data, "--out", out, "--set", "train.epochs=0"}, "train.epochs is 0"},
      {{"train", "--data", data, "--out", out, "--set", "train.epochs"}, "key=value"},
      {{"train", "--data", data, "--out", out, "--epochs", "0"}, "--epochs is 0"},
      {{"train", "--data", data, "--out", out, "--minutes", "nan"}, "--minutes is nan"},
      {{"train", "--data", data, "--out", out, "--minutes", "-1"}, "--minutes is -1"},
      {{"train", "--data", data, "--out", out, "--set", "model.heads=3"}, "model.heads"},
      {{"eval", "--model", model}, "--data"},
      {{"eval", "--model", model, "--data", data}, "--split"},
      {{"eval", "--model", model, "--data", data, "--split", "val", "--noise", "-1"},
       "--noise is -1"},
      {{"eval", "--model", model, "--data", data, "--split", "val", "--passes", "1"},
       "--passes is 1, allowed is 2 to 10000"},
      {{"eval", "--model", model, "--data", data, "--split", "val", "--batch-size", "0"},
       "--batch-size is 0"},
      {{"eval", "--model", model, "--data", data, "--split", "val", "--features", data},
       "--features"},
      {{"predict", "--model", model, "--data", data, "--split", "val"}, "--out is required"},
      {{"predict", "--model", model, "--data", data, "--split", "val", "--out", out, "--set",
        "data.worker=1"},
       "did you mean data.workers?"},
      {{"import", "--checkpoint", "c", "--tokens", "t", "--answers", "a"}, "--out is required"},
      {{"import", "--checkpoint", "c", "--answers", "a", "--out", out}, "--tokens or from"},
      {{"import", "--checkpoint", "c", "--tokens", "t", "--questions", "q", "--answers", "a",
        "--out", out},
       "--tokens or from"},
      {{"import", "--checkpoint", "c", "--questions", "--out", "--answers", "a", "--out", out},
       "--questions has no value before --out"},
      {{"import", "--checkpoint", "c", "--tokens", "t", "--answers", "a", "--out", out, "--heads",
        "0"},
       "--heads is 0"},
      {{"import", "--checkpoint", "c", "--tokens", model, "--answers", "a", "--out", model},
       "would be replaced, though it is read"},
      {{"export", out, "--model", model}, "--to is required"},
      {{"export", "--to", "mcan", "--model", model}, "FILE is required"},
      {{"export", "--to", "onnx", out, "--model", model}, "--to"},
  };
  for (const WrongUse& use : uses) expect_refused(use);
  EXPECT_FALSE(std::filesystem::exists(out));
}

TEST(Usage, NumberTypesThatAreOnlyEmulated) {
  const std::string data = workbench().data.string();
  const std::string model = workbench().model.string();
  const std::string out = fresh_folder("never_emulated") / "out";
  const WrongUse uses[] = {
      {{"eval", "--model", model, "--data", data, "--split", "val", "--precision", "float16"},
       "--precision is float16, which this processor only emulates"},
      {{"eval", "--model", model, "--data", data, "--split", "val", "--precision", "half"}, "half"},
      {{"train", "--data", data, "--out", out, "--set", "train.eval_precision=float16"},
       "train.eval_precision is float16"},
  };
  for (const WrongUse& use : uses) expect_refused(use);
  EXPECT_FALSE(std::filesystem::exists(out));
}

TEST(Usage, WrongKindsOfHarm) {
  const std::string data = workbench().data.string();
  const std::string out = fresh_folder("never_harmed") / "out";
  const WrongUse uses[] = {
      {{"eval", "--data", data, "--split", "val", "--corrupt", "blurr:3"}, "did you mean blur?"},
      {{"eval", "--data", data, "--split", "val", "--corrupt", "blur"}, "expected blur:SEVERITY"},
      {{"eval", "--data", data, "--split", "val", "--corrupt", "blur:0"}, "from 1 to 5, found"},
      {{"eval", "--data", data, "--split", "val", "--attack", "swap:6"}, "from 1 to 5, found"},
      {{"eval", "--data", data, "--split", "val", "--attack", "blur:3"}, "--attack: there is no"},
      {{"robustness", "--data", data, "--split", "val", "--kinds", "keybord"},
       "did you mean keyboard?"},
      {{"robustness", "--data", data, "--split", "val", "--kinds", "blur,"}, "no kind \"\""},
      {{"robustness", "--data", data, "--split", "val", "--kinds", "blur,swap,blur"},
       "--kinds names blur twice"},
      {{"robustness", "--data", data, "--split", "val", "--passes", "1"},
       "--passes is 1, allowed is 0 (none) or 2 to 10000"},
      {{"robustness", "--data", data, "--split", "val", "--sample", "0"}, "--sample is 0"},
      {{"robustness", "--data", data, "--split", "val", "--out", out, "--table", out},
       "would be written twice"},
  };
  for (const WrongUse& use : uses) expect_refused(use);
  EXPECT_FALSE(std::filesystem::exists(out));
}

TEST(Usage, ConfigFilesAreCheckedLikeSet) {
  const std::filesystem::path folder = fresh_folder("config");
  const std::string data = workbench().data.string();
  const std::string config = folder / "config.json";
  const std::string out = folder / "model.safetensors";
  write_text(config, R"({"train": {"batchsize": 4}})");
  expect_refused({{"train", "--data", data, "--out", out, "--config", config},
                  "did you mean train.batch_size?"});
  write_text(config, R"({"train": {"batch_size": "four"}})");
  expect_refused({{"train", "--data", data, "--out", out, "--config", config}, "batch_size"});
  EXPECT_FALSE(std::filesystem::exists(out));
}

TEST(Usage, VersionAndHelpGoToStdout) {
  const ProgramRun version = run_vqalign({"--version"});
  EXPECT_EQ(version.status, 0);
  EXPECT_TRUE(version.out.starts_with("vqalign 0.")) << version.out;
  EXPECT_EQ(line_count(version.out), 1u);
  EXPECT_EQ(version.err, "");

  const ProgramRun help = run_vqalign({"--help"});
  EXPECT_EQ(help.status, 0);
  for (const std::string& verb : kVerbs) EXPECT_NE(help.out.find("  " + verb), std::string::npos);
}

TEST(Usage, HelpShowsTheOptionStructs) {
  EXPECT_NE(run_vqalign({"train", "--help"}).out.find("model.layers = 3"), std::string::npos);
  EXPECT_NE(run_vqalign({"scenes", "--help"}).out.find("scenes.max_objects = 10"),
            std::string::npos);
}

/// The commands after the last "Example:" of a verb's help.
std::string example_of(const std::string& verb) {
  const ProgramRun help = run_vqalign({verb, "--help"});
  EXPECT_EQ(help.status, 0) << verb;
  EXPECT_EQ(help.err, "") << verb;
  const std::size_t start = help.out.rfind("\nExample:\n");
  if (start == std::string::npos) return "false";
  return help.out.substr(start + 10);
}

TEST(Usage, EveryHelpEndsWithAnExampleThatRuns) {
  for (const std::string& verb : kVerbs) {
    const std::string example = example_of(verb);
    SCOPED_TRACE(verb + ":\n" + example);
    EXPECT_NE(example.rfind("vqalign " + verb + " "), std::string::npos);
    // The same but a network that trains in a moment.
    const std::string tiny = joined(tiny_network());
    std::string script = "set -e\n" + example;
    for (std::size_t at = script.find("vqalign train"); at != std::string::npos;
         at = script.find("vqalign train", at + 1)) {
      script.insert(at + 13, " " + tiny);
    }
    const std::filesystem::path folder = fresh_folder("example_" + verb);
    std::filesystem::create_directory_symlink(
        std::filesystem::path(VQALIGN_SOURCE_DIR) / "examples", folder / "examples");
    const ProgramRun run = run_shell(script, folder);
    EXPECT_EQ(run.status, 0) << run.err;
    EXPECT_NE(run.out, "");
  }
}

TEST(Usage, GlobalOptionsStandBeforeAndAfterTheVerb) {
  const std::string data = workbench().data.string();
  const ProgramRun after = run_vqalign({"info", data, "--json", "--seed", "3", "--threads", "1"});
  const ProgramRun before = run_vqalign({"--json", "--threads", "1", "info", data});
  EXPECT_EQ(after.status, 0) << after.err;
  EXPECT_EQ(after.out, before.out);
  EXPECT_TRUE(after.out.starts_with("{")) << after.out;
}

TEST(Usage, QuietLeavesNothingOnStderr) {
  const std::filesystem::path folder = fresh_folder("quiet");
  const ProgramRun run = run_vqalign(
      {"scenes", "--out", folder, "--train", "8", "--val", "8", "--test", "0", "--quiet"});
  EXPECT_EQ(run.status, 0);
  EXPECT_EQ(run.err, "");
  EXPECT_NE(run.out, "");
}

/// libgomp tells how long its threads spin; other runtimes of OpenMP do not, and sanitized programs
/// leave it as it is.
TEST(Usage, ThreadsWaitQuietlyUnlessToldOtherwise) {
  const std::filesystem::path folder = fresh_folder("threads");
  const auto spins = [&](const std::string& environment) {
    const std::string told =
        run_shell("env -u OMP_WAIT_POLICY -u GOMP_SPINCOUNT OMP_DISPLAY_ENV=verbose " +
                      environment + " vqalign --version",
                  folder)
            .err;
    const std::string name = "GOMP_SPINCOUNT = '";
    const std::size_t at = told.find(name);
    return at == std::string::npos ? std::string() : told.substr(at + name.size(), 2);
  };
  if (spins("").empty()) return;
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  EXPECT_EQ(spins(""), "0'");
#endif
  EXPECT_EQ(spins("GOMP_SPINCOUNT=7"), "7'");
  EXPECT_NE(spins("OMP_WAIT_POLICY=active"), "0'");
}

}  // namespace
}  // namespace vqalign::test
