#include <CLI/App.hpp>
#include <algorithm>
#include <filesystem>
#include <memory>
#include <thread>

#include "vqalign/bench/apart.h"
#include "vqalign/bench/benchmark.h"
#include "vqalign/bench/score_template.h"
#include "vqalign/bench/temporary_folder.h"
#include "vqalign/bench/timing.h"
#include "vqalign/data/score_table.h"

namespace vqalign {
namespace {

struct ScoreArguments {
  int64_t count = 214'354;  ///< questions of VQA v2's val part
  std::filesystem::path data;
  std::string split = "val";
};

double megabytes(const ScoreInput& files) {
  std::uintmax_t bytes = 0;
  for (const auto& file : {files.questions, files.annotations, files.results}) {
    bytes += std::filesystem::file_size(file);
  }
  return double(bytes) / kMegabyte;
}

/// Everything runs in processes apart: this one stays small and without threads.
Report measure(const ScoreArguments& arguments, BenchContext& context) {
  const int64_t repetitions = context.repetitions(3);
  const auto threads = static_cast<int>(context.options.threads);
  const TemporaryFolder folder;
  const ScoreInput files = ScoreInput::in(folder.path());
  context.progress.begin("writing, then scoring", repetitions + 1, "runs");
  run_apart([&] {
    write_score_input(arguments.data.empty() ? made_up_template()
                                             : dataset_template(arguments.data, arguments.split),
                      arguments.count, files);
    return std::string();
  });

  std::vector<double> seconds, peaks;
  Json overall;
  for (int64_t i = 0; i < repetitions; ++i) {
    context.progress.update(i + 1);
    context.cancel.check();
    const ApartResult result = run_apart([&] {
      return Json(score_files(files.questions, files.annotations, files.results, Metric::kOfficial,
                              threads)
                      .score.overall)
          .dump();
    });
    seconds.push_back(result.seconds);
    peaks.push_back(result.peak_bytes / kMegabyte);
    overall = Json::parse(result.said);
  }
  context.progress.update(repetitions + 1);

  const auto cores = static_cast<int64_t>(std::thread::hardware_concurrency());
  Report report(
      "score",
      Json::object().set("threads", threads > 0 ? threads : cores).set("repetitions", repetitions),
      {{"questions", "questions"},
       {"megabytes", "MB of files", 1},
       {"seconds", "seconds", 3},
       {"fastest", "fastest", 3},
       {"peak_megabytes", "peak MB", 1},
       {"overall", "accuracy", 2}});
  report.add({arguments.count, megabytes(files), quantile(seconds, 0.5), quantile(seconds, 0),
              quantile(peaks, 1), overall});
  return report;
}

}  // namespace

BenchAction define_score(CLI::App& app) {
  const auto arguments = std::make_shared<ScoreArguments>();
  add_count(app, "--count", arguments->count, 1, 10'000'000, "questions to score");
  app.add_option("--data", arguments->data,
                 "repeat the questions and annotations of this dataset folder in place of made-up "
                 "ones")
      ->type_name("DIR");
  app.add_option("--split", arguments->split, "which part of it (default val)")->type_name("S");
  app.footer("example:\n  vqalign-bench score --count 20000");
  return [arguments](BenchContext& context) { return measure(*arguments, context); };
}

}  // namespace vqalign
