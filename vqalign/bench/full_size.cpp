#include <torch/types.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <ctime>
#include <memory>

#include "vqalign/bench/apart.h"
#include "vqalign/bench/benchmark.h"
#include "vqalign/bench/child_program.h"
#include "vqalign/bench/full_size_data.h"
#include "vqalign/bench/temporary_folder.h"
#include "vqalign/bench/timing.h"
#include "vqalign/data/batch_sampler.h"
#include "vqalign/data/score_table.h"
#include "vqalign/train/trainer.h"
#include "vqalign/vision/feature_store.h"

namespace vqalign {
namespace {

struct FullSizeArguments {
  int64_t part = 1;
  int64_t steps = 12;
  bool packed = false;
  std::filesystem::path python = "python3";
};

/// Stops a training when it has taken so many steps, and notes when it had taken the first and how
/// many cores were at work from then on.
class StepWatch : public SilentProgress {
 public:
  StepWatch(int64_t steps, CancelToken& cancel) : steps_(steps), cancel_(cancel) {}
  void begin(const std::string& stage, int64_t, const std::string&, int64_t) override {
    training_ = stage == "training";
  }
  void update(int64_t, const std::string&) override {
    if (!training_) return;
    if (taken_++ == 0) first_ = Moment::now();
    last_ = Moment::now();
    if (taken_ >= steps_) cancel_.request();
  }
  Json seen() const {
    Json seen = Json::object().set("first", first_.seconds - begun_.seconds);
    if (taken_ > 1) {
      seen.set("cores", (last_.worked - first_.worked) / (last_.seconds - first_.seconds));
    }
    return seen;
  }

 private:
  struct Moment {
    double seconds = 0;  ///< on the wall
    double worked = 0;   ///< of all threads of this process

    static Moment now() {
      timespec worked{};
      ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &worked);
      const auto wall = std::chrono::steady_clock::now().time_since_epoch();
      return {std::chrono::duration<double>(wall).count(),
              static_cast<double>(worked.tv_sec) + 1e-9 * static_cast<double>(worked.tv_nsec)};
    }
  };

  int64_t steps_;
  CancelToken& cancel_;
  Moment begun_ = Moment::now(), first_, last_;
  bool training_ = false;
  int64_t taken_ = 0;
};

TrainRequest request_for(const FullSizeData& data, bool resume) {
  TrainRequest request;
  request.recipe = "mcan-small";
  request.options = load_recipe(request.recipe);
  request.train = {.directory = data.folder, .split = "train", .features = data.features};
  request.validation =
      DataSource{.directory = data.folder, .split = "val", .features = data.features};
  request.out = data.folder / "model.safetensors";
  request.resume = resume;
  return request;
}

/// Trains for some steps in a process apart; what it said is what StepWatch saw.
ApartResult train_apart(const FullSizeData& data, int64_t steps, bool resume, int64_t threads) {
  return run_apart([&] {
    if (threads > 0) at::set_num_threads(static_cast<int>(threads));
    CancelToken stop;
    StepWatch watch(steps, stop);
    try {
      train_model(request_for(data, resume), watch, stop);
    } catch (const Cancelled&) {
      // As asked for.
    }
    return watch.seen().dump();
  });
}

ApartResult shuffle_apart(const FullSizeData& data) {
  return run_apart([&] {
    const TrainRequest request = request_for(data, false);
    std::vector<QuestionShape> shapes;
    for (int64_t i = 0; i < data.train_questions; ++i) {
      shapes.push_back({i / 5, 4 + i % 11, 0, 0, 10 + i / 5 * 37 % 91});
    }
    const BatchSampler sampler(shapes, request.options.data, 64, 1, true);
    return Json(seconds_of([&] { sampler.epoch(3); })).dump();
  });
}

ApartResult score_apart(const FullSizeData& data, int threads) {
  return run_apart([&] {
    return Json(score_files(data.questions("val"), data.annotations("val"), data.results,
                            Metric::kOfficial, threads)
                    .score.overall)
        .dump();
  });
}

/// The evaluator in Python (tests/oracle) on the same files.
ApartResult python_score_apart(const FullSizeData& data, const std::filesystem::path& python) {
  return run_apart([&] {
    run_program({python.string(), VQALIGN_SOURCE_DIR "/tests/oracle/vqa_accuracy.py",
                 data.annotations("val").string(), data.results.string()});
    return std::string();
  });
}

/// The same features in one packed store.
std::filesystem::path pack_apart(const FullSizeData& data, const CancelToken& cancel) {
  const std::filesystem::path store = data.folder / "features.vqf";
  run_apart([&] {
    SilentProgress silent;
    pack_features(*open_features(data.features, 0, 100, &cancel), store, false, silent, cancel);
    return std::string();
  });
  return store;
}

void add_row(Report& report, const std::string& what, double seconds, const ApartResult& result,
             const Json& ratio = nullptr, const Json& cores = nullptr) {
  report.add({what, seconds, result.peak_bytes / kMegabyte, cores, ratio});
}

void add_training(Report& report, const std::string& what, const ApartResult& result) {
  const Json seen = Json::parse(result.said);
  const Json* cores = seen.find("cores");
  add_row(report, what, seen.at("first").as_double(), result, nullptr, cores ? *cores : Json());
}

double said(const ApartResult& result) {
  return Json::parse(result.said).as_double();
}

/// Everything runs in processes apart: this one stays small and without threads.
Report measure(const FullSizeArguments& arguments, BenchContext& context) {
  const TemporaryFolder folder;
  FullSizeData data = FullSizeData::in(folder.path(), arguments.part);
  const int64_t rounds = context.repetitions(1);
  context.progress.begin("writing, then measuring", 6, "parts");
  run_apart([&] {
    write_full_size(folder.path(), arguments.part, context.cancel);
    return std::string();
  });
  if (arguments.packed) data.features = pack_apart(data, context.cancel);
  Report report("full-size",
                Json::object()
                    .set("train_questions", data.train_questions)
                    .set("val_questions", data.val_questions)
                    .set("recipe", "mcan-small")
                    .set("steps", arguments.steps)
                    .set("rounds", rounds),
                {{"what", "what"},
                 {"seconds", "seconds", 2},
                 {"peak_megabytes", "peak MB", 0},
                 {"cores", "cores at work", 2},
                 {"ratio", "Python's time over ours", 1}});
  context.progress.update(1);
  const ApartResult begun = train_apart(data, arguments.steps, false, context.options.threads);
  add_training(report, "to the first training step", begun);
  context.progress.update(2);
  context.cancel.check();
  const ApartResult resumed = train_apart(data, 1, true, context.options.threads);
  add_training(report, "to the first step when resumed", resumed);
  context.progress.update(3);
  context.cancel.check();
  const ApartResult shuffled = shuffle_apart(data);
  add_row(report, "an epoch's order", said(shuffled), shuffled);
  context.progress.update(4);
  std::vector<double> ratios;
  ApartResult ours, python;
  for (int64_t round = 0; round < rounds; ++round) {
    context.cancel.check();
    ours = score_apart(data, static_cast<int>(context.options.threads));
    python = python_score_apart(data, arguments.python);
    ratios.push_back(python.seconds / ours.seconds);
  }
  context.progress.update(6);
  add_row(report, "score", ours.seconds, ours, quantile(ratios, 0.5));
  add_row(report, "the evaluator in Python", python.seconds, python);
  return report;
}

}  // namespace

BenchAction define_full_size(CLI::App& app) {
  const auto arguments = std::make_shared<FullSizeArguments>();
  add_count(app, "--part", arguments->part, 1, 10'000, "a set this many times smaller");
  add_count(app, "--steps", arguments->steps, 1, 100'000, "training steps to take");
  app.add_flag("--packed", arguments->packed,
               "features in one packed store, of some 55 GB at full size, in place of .npz");
  app.add_option("--python", arguments->python, "a Python 3 (default python3)")->type_name("FILE");
  app.footer("example:\n  vqalign-bench full-size --part 100 --steps 2");
  return [arguments](BenchContext& context) { return measure(*arguments, context); };
}

}  // namespace vqalign
