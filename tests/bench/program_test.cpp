#include <gtest/gtest.h>

#include <filesystem>

#include "tests/cli/program_run.h"
#include "vqalign/core/json.h"

namespace vqalign::test {
namespace {

ProgramRun run_bench(const std::vector<std::string>& arguments) {
  RunSettings settings;
  settings.program = VQALIGN_BINARY_DIR "/bin/vqalign-bench";
  return run_vqalign(arguments, settings);
}

/// The document that --json prints; stderr must then be silent.
Json document(std::vector<std::string> arguments) {
  for (const char* option : {"--json", "--quiet", "--repetitions", "1"}) {
    arguments.emplace_back(option);
  }
  const ProgramRun run = run_bench(arguments);
  EXPECT_EQ(run.status, 0) << run.err;
  EXPECT_EQ(run.err, "");
  return Json::parse(run.out, "vqalign-bench " + arguments.front());
}

/// The column of that name, row by row.
std::vector<Json> column(const Json& document, const std::string& name) {
  std::vector<Json> values;
  for (const Json& row : document.at("rows").as_array()) values.push_back(row.at(name));
  return values;
}

void expect_positive(const Json& document, const std::string& name) {
  for (const Json& value : column(document, name)) EXPECT_GT(value.as_double(), 0) << name;
}

TEST(BenchCudaCounts, KernelsOfTransportAreFourLaunchesAndAFifthOfTheBytes) {
  const Json report = document({"cuda-counts"});
  const auto kinds = column(report, "align"), work = column(report, "work");
  const auto launches = column(report, "launches"), fewer = column(report, "times_fewer_bytes");
  ASSERT_EQ(work.size(), 28U);
  for (std::size_t i = 0; i < work.size(); ++i) {
    if (work[i].as_string() != "kernels") continue;
    if (i >= 12) {  // attention's own layers, which follow the distances
      EXPECT_LE(launches[i].as_int(), 3);
      EXPECT_GE(launches[i + 1].as_int(), launches[i].as_int());
      EXPECT_GE(fewer[i].as_double(), 1) << kinds[i].as_string();
      continue;
    }
    EXPECT_LE(launches[i].as_int(), 4);
    EXPECT_GE(fewer[i].as_double(), 5) << kinds[i].as_string();
    EXPECT_GT(launches[i + 1].as_int(), 40);
  }
}

TEST(BenchCudaTimes, BothFormsAreTimedAndUnlikeDevicesRefused) {
  for (const char* precision : {"float32", "bfloat16"}) {
    const Json report = document({"cuda-times", "--device", "cpu", "--batch", "1", "--points", "5",
                                  "--width", "8", "--precision", precision});
    EXPECT_EQ(report.at("device").as_string(), "cpu");
    EXPECT_EQ(column(report, "align"),
              (std::vector<Json>{"ct", "mmd", "ot", "dropout", "norm", "bias-relu", "weights"}));
    for (const char* name : {"microseconds", "composed_microseconds", "ratio"}) {
      expect_positive(report, name);
    }
    for (std::size_t i = 0; i < 7; ++i) {
      EXPECT_TRUE(column(report, "problem")[i].is_null());
      const std::string numbers = column(report, "precision")[i].as_string();
      EXPECT_EQ(numbers, i < 3 ? "float32" : precision);  // alignment stays as it is
      EXPECT_EQ(column(report, "h100_microseconds")[i].is_null(), numbers != "float32");
    }
  }
  for (const char* benchmark : {"cuda-times", "step"}) {
    const ProgramRun run = run_bench({benchmark, "--device", "cuda:63"});
    EXPECT_EQ(run.status, 2) << run.err;
    EXPECT_EQ(line_count(run.err), 1u) << run.err;
  }
}

TEST(BenchCudaTimes, AFormThatFailsLosesNoOther) {
  // The CPU has no kernel of bias and ReLU for float16.
  const Json report = document({"cuda-times", "--device", "cpu", "--precision", "float16", "--kind",
                                "bias-relu", "dropout", "--batch", "1", "--points", "5"});
  const auto kernels = column(report, "microseconds"), ratios = column(report, "ratio");
  const auto problems = column(report, "problem");
  ASSERT_EQ(kernels.size(), 2u);
  EXPECT_TRUE(kernels[0].is_null() && ratios[0].is_null());
  EXPECT_NE(problems[0].as_string(), "");
  expect_positive(report, "composed_microseconds");
  EXPECT_TRUE(problems[1].is_null());
  EXPECT_GT(ratios[1].as_double(), 0);
}

TEST(BenchStep, EveryDistanceStandsBesideNone) {
  const Json report = document({"step", "--recipe", "scenes", "--batch", "9", "--threads", "1"});
  EXPECT_EQ(report.at("benchmark").as_string(), "step");
  EXPECT_EQ(report.at("batch").as_int(), 9);
  EXPECT_EQ(report.at("threads").as_int(), 1);
  EXPECT_EQ(column(report, "align"), (std::vector<Json>{"none", "gan", "ot", "ct", "mmd"}));
  EXPECT_DOUBLE_EQ(column(report, "ratio")[0].as_double(), 1);
  expect_positive(report, "seconds_per_step");
  expect_positive(report, "ratio");
  // LibTorch alone is more than this, no step of nine small pictures takes so much.
  for (const Json& peak : column(report, "peak_megabytes")) {
    EXPECT_GT(peak.as_double(), 20);
    EXPECT_LT(peak.as_double(), 20'000);
  }

  const auto training = column(report, "parameters_in_training");
  const auto file = column(report, "parameters_in_model_file");
  for (std::size_t i = 0; i < training.size(); ++i) {
    EXPECT_EQ(file[i], file[0]);
    const std::string kind = column(report, "align")[i].as_string();
    const bool has_networks = kind == "gan" || kind == "ct";
    EXPECT_EQ(training[i].as_int() > file[i].as_int(), has_networks) << kind;
  }
}

TEST(BenchStep, RecipesOfStoredFeaturesTrainToo) {
  const Json report = document({"step", "--recipe", "paper", "--batch", "1", "--align", "mmd"});
  EXPECT_EQ(column(report, "recipe"), (std::vector<Json>{"paper", "paper"}));
  EXPECT_EQ(column(report, "align"), (std::vector<Json>{"none", "mmd"}));
  // The paper's 43.3 million are of fewer words and answers than ours.
  EXPECT_GT(column(report, "parameters_in_model_file")[0].as_int(), 35'000'000);
}

TEST(BenchDropout, BothPassesAgainstLibTorch) {
  const Json report = document({"dropout", "--elements", "100"});
  EXPECT_EQ(column(report, "function"),
            (std::vector<Json>{"torch::dropout", "vqalign::dropout", "copy", "torch::dropout",
                               "vqalign::dropout", "copy"}));
  EXPECT_EQ(report.at("elements").as_int(), 100);
  expect_positive(report, "milliseconds");
}

TEST(BenchDistances, BlocksBesideOnePieceWhereThatFits) {
  const Json report = document({"distances", "--points", "40", "900", "--width", "8", "--block",
                                "16", "--most-megabytes", "1", "--threads", "1"});
  EXPECT_EQ(column(report, "align"), (std::vector<Json>{"ct", "ct", "ot", "ot", "mmd", "mmd"}));
  expect_positive(report, "block_milliseconds");
  for (std::size_t i = 0; i < report.at("rows").as_array().size(); ++i) {
    EXPECT_EQ(column(report, "milliseconds")[i].is_null(), i % 2 == 1) << i;
  }
}

TEST(BenchFeatures, EveryFormatBesideThePackedStore) {
  const Json report = document({"features", "--images", "3", "--regions", "2", "--width", "5"});
  EXPECT_EQ(column(report, "store"), (std::vector<Json>{"packed float32", "packed float16",
                                                        ".npz stored", ".npz deflated", "TSV"}));
  EXPECT_EQ(report.at("images").as_int(), 3);
  EXPECT_DOUBLE_EQ(column(report, "ratio")[0].as_double(), 1);
  expect_positive(report, "images_per_second");

  const std::string tsv = VQALIGN_SOURCE_DIR "/tests/vision/features/fixed.tsv";
  const Json own = document({"features", "--from", tsv});
  EXPECT_EQ(column(own, "store"),
            (std::vector<Json>{"packed float32", "packed float16", "as it is"}));
  EXPECT_EQ(own.at("images").as_int(), 4);
  EXPECT_EQ(own.at("width").as_int(), 6);
}

TEST(BenchNorm, BothPassesAgainstComposedOperators) {
  const Json report = document({"norm", "--rows", "3", "--width", "2"});
  EXPECT_EQ(column(report, "pass"),
            (std::vector<Json>{"evaluation", "evaluation", "evaluation", "training step",
                               "training step", "training step"}));
  EXPECT_EQ(column(report, "function")[0], Json("composed operators"));
  EXPECT_EQ(column(report, "function")[1], Json("residual_norm"));
  expect_positive(report, "milliseconds");
}

TEST(BenchEncoder, GivesWhatPyTorchGives) {
  const std::filesystem::path python = VQALIGN_SOURCE_DIR "/.deps/venv/bin/python";
  if (!std::filesystem::exists(python)) return;  // LibTorch came without Python
  const Json report = document({"encoder", "--encoder", "efficientnet-lite0", "--batch", "2",
                                "--pixels", "9000", "--python", python});
  EXPECT_EQ(report.at("scaled").as_string(), "96x96");
  EXPECT_EQ(column(report, "layout"), (std::vector<Json>{"contiguous", "channels_last"}));
  for (const char* name : {"reference", "vqalign", "ratio"}) expect_positive(report, name);
  for (const Json& difference : column(report, "relative_difference")) {
    EXPECT_LT(difference.as_double(), 1e-4);
  }
}

TEST(BenchScore, SecondsAndPeakMemoryOfSoManyQuestions) {
  const Json report = document({"score", "--count", "50"});
  ASSERT_EQ(report.at("rows").as_array().size(), 1u);
  EXPECT_EQ(column(report, "questions")[0].as_int(), 50);
  expect_positive(report, "seconds");
  expect_positive(report, "peak_megabytes");
  expect_positive(report, "overall");
}

TEST(BenchAnswer, LoadingAndAsking) {
  const Json report = document({"answer", "--threads", "1"});
  EXPECT_EQ(column(report, "what"),
            (std::vector<Json>{"load the model", "first question", "about a new picture",
                               "about the same picture"}));
  expect_positive(report, "milliseconds");
  EXPECT_GT(report.at("model_megabytes").as_double(), 0.1);
}

TEST(BenchPasses, BatchedAndOneByOneAgree) {
  const Json report = document({"passes", "--threads", "1", "--passes", "2"});
  EXPECT_EQ(column(report, "how"),
            (std::vector<Json>{"one by one", "batched", "one by one", "batched"}));
  expect_positive(report, "milliseconds");
  for (const std::size_t batched : {1, 3}) {
    EXPECT_LT(column(report, "apart")[batched].as_double(), 20);  // in millionths
  }
}

TEST(BenchProgram, WithoutJsonATableAndProgressOnStderr) {
  const ProgramRun run = run_bench({"norm", "--rows", "2", "--width", "4", "--repetitions", "2"});
  EXPECT_EQ(run.status, 0);
  EXPECT_EQ(line_count(run.out), 8u) << run.out;  // setting, headings, six rows
  EXPECT_TRUE(run.out.starts_with("norm: rows 2, width 4, threads ")) << run.out;
  EXPECT_NE(run.err.find("training step"), std::string::npos) << run.err;
}

TEST(BenchProgram, HelpOfTheProgramAndOfEachBenchmark) {
  const ProgramRun help = run_bench({"--help"});
  EXPECT_EQ(help.status, 0);
  for (const char* name :
       {"step", "dropout", "norm", "score", "answer", "passes", "encoder", "cuda-times"}) {
    EXPECT_NE(help.out.find(name), std::string::npos);
    const ProgramRun own = run_bench({name, "--help"});
    EXPECT_EQ(own.status, 0);
    EXPECT_NE(own.out.find(std::string("example:\n  vqalign-bench ") + name), std::string::npos);
  }
}

TEST(BenchProgram, WrongUsageIsOneLineAndStatusTwo) {
  const std::vector<std::vector<std::string>> wrong = {
      {},
      {"speed"},
      {"step", "--recipe", "mcan-tiny"},
      {"step", "--align", "l2"},
      {"step", "--batch", "0"},
      {"norm", "--width", "1"},
      {"distances", "--points", "0"},
      {"distances", "--align", "gan"},
      {"norm", "--rows", "many"},
      {"dropout", "--elements", "-1"},
      {"encoder", "--encoder", "resnet50"},
      {"encoder", "--python", "/nowhere/python"},
      {"score", "--threads", "99999999999999999999"}};
  for (const auto& arguments : wrong) {
    const ProgramRun run = run_bench(arguments);
    EXPECT_EQ(run.status, 2) << run.err;
    EXPECT_EQ(run.out, "");
    EXPECT_EQ(line_count(run.err), 1u) << run.err;
    EXPECT_TRUE(run.err.starts_with("vqalign-bench: ")) << run.err;
  }
}

TEST(BenchProgram, AMisspeltBenchmarkIsNamedWithTheNearest) {
  const ProgramRun run = run_bench({"dropuot", "--elements", "10"});
  EXPECT_EQ(run.status, 2);
  EXPECT_EQ(run.err, "vqalign-bench: unknown benchmark \"dropuot\"; did you mean dropout?\n");
}

TEST(BenchProgram, BadDataIsOneLineAndStatusOne) {
  const auto folder = fresh_folder("bench_empty");
  const ProgramRun run = run_bench({"score", "--data", folder.string(), "--quiet"});
  EXPECT_EQ(run.status, 1) << run.err;
  EXPECT_EQ(line_count(run.err), 1u) << run.err;
  EXPECT_NE(run.err.find("bench_empty"), std::string::npos) << run.err;
}

/// Without Qt there is no app to measure.
bool has_app() {
  return run_bench({"--help"}).out.find("browser") != std::string::npos;
}

TEST(BenchApp, TellsWhatAPersonWaitsFor) {
  if (!has_app()) return;
  const Json report = document({"app"});
  const std::vector<Json> what = column(report, "what");
  ASSERT_EQ(what.size(), 8u);
  for (const Json& row : report.at("rows").as_array()) {
    const bool memory = row.at("wanted").is_null();
    EXPECT_TRUE(memory || row.at("milliseconds").as_double() > 0) << row.dump();
  }
  EXPECT_EQ(column(report, "model").back().as_string(), "mcan-small, 100 regions");
}

TEST(BenchBrowser, FiltersSortsAndScrolls) {
  if (!has_app()) return;
  const Json report = document({"browser", "--rows", "50"});
  EXPECT_EQ(report.at("rows").as_array().size(), 3u);
  expect_positive(report, "milliseconds");
}

}  // namespace
}  // namespace vqalign::test
