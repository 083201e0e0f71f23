#include "vqalign/data/scenes.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>

#include "vqalign/core/error.h"
#include "vqalign/data/scenes_pair.h"
#include "vqalign/data/scenes_split.h"

namespace vqalign {
namespace {

using scenes::ScenePair;

constexpr int kTrainQuestionsPerPicture = 8;
/// Fewer for the pictures that measure, for more variety among as many questions.
constexpr int kTestQuestionsPerPicture = 5;
constexpr int64_t kPairsPerThread = 16;
/// So many pairs in a row that leave nothing to ask mean that the options never will.
constexpr int64_t kMostBarrenPairs = 1000;

void check_options(SceneOptions options) {
  OptionTree tree = {{"scenes", options.fields()}};
  options_from_json(tree, options_to_json(tree), "scene options");
  if (options.min_objects > options.max_objects) {
    throw UsageError(concat("scenes.min_objects is ", options.min_objects,
                            ", more than scenes.max_objects, which is ", options.max_objects));
  }
  scenes::asked_families(options);
}

/// Calls work(0), ..., work(count - 1) on some threads; the first exception is thrown again here.
template <typename Work>
void run_parallel(int64_t count, int threads, Work work) {
  std::atomic<int64_t> next{0};
  std::exception_ptr failure;
  std::mutex failure_mutex;
  const auto loop = [&] {
    for (int64_t i = next++; i < count; i = next++) {
      try {
        work(i);
      } catch (...) {
        const std::lock_guard lock(failure_mutex);
        if (!failure) failure = std::current_exception();
        next = count;
      }
    }
  };
  {
    std::vector<std::jthread> pool;
    for (int i = 1; i < threads; ++i) pool.emplace_back(loop);
    loop();
  }
  if (failure) std::rethrow_exception(failure);
}

/// Ends the stage however its scope is left.
class Stage {
 public:
  Stage(Progress& progress, const std::string& name, int64_t total) : progress_(progress) {
    progress_.begin(name, total, "questions");
  }
  ~Stage() { progress_.end(); }
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

 private:
  Progress& progress_;
};

struct SplitPlan {
  std::string subset;
  int number;  ///< 0 train, 1 val, 2 test
  int64_t questions;
  int per_picture;
  bool annotated;
};

void write_split(const std::filesystem::path& directory, const SplitPlan& plan,
                 const SceneOptions& options, uint64_t seed, int threads, Progress& progress,
                 const CancelToken& cancel) {
  scenes::SplitWriter writer(directory, plan.subset, plan.number, plan.annotated);
  const Stage stage(progress, "drawing " + plan.subset, plan.questions);
  int64_t barren = 0;
  for (int64_t first = 0; writer.questions() < plan.questions;) {
    cancel.check();
    const int64_t wanted = (plan.questions - writer.questions()) / (2 * plan.per_picture) + 1;
    std::vector<ScenePair> pairs(
        static_cast<std::size_t>(std::min(wanted, kPairsPerThread * threads)));
    run_parallel(static_cast<int64_t>(pairs.size()), threads, [&](int64_t i) {
      pairs[static_cast<std::size_t>(i)] =
          scenes::make_pair(options, seed, plan.number, first + i, plan.per_picture);
    });
    for (const ScenePair& pair : pairs) {
      barren = pair[0].questions.empty() ? barren + 1 : 0;
      writer.add(pair, first++, plan.questions - writer.questions());
    }
    if (barren > kMostBarrenPairs) {
      throw UsageError("these scene options leave nothing to ask");
    }
    progress.update(writer.questions());
  }
  writer.finish();
}

}  // namespace

std::vector<OptionField> SceneOptions::fields() {
  return {
      {"min_objects", &min_objects, "fewest objects in a picture", 1, 10},
      {"max_objects", &max_objects, "most objects in a picture", 1, 10},
      {"shapes", &shapes, "kinds of shape", 2, 8},
      {"colours", &colours, "kinds of colour", 2, 10},
      {"sizes", &sizes, "kinds of size", 1, 3},
      {"noise", &noise, "graded, noisy and textured backgrounds besides plain ones"},
      {"overlaps", &overlaps, "objects may cover a part of others"},
      {"rotations", &rotations, "objects are turned"},
      {"boxes", &boxes, "share of pictures of boxes side by side, with statements about them", 0,
       1},
      {"disagreement", &disagreement, "chance that one of the ten answers is another one", 0, 0.4},
      {"families", &families, "question families asked, one named twice twice as often; empty: all",
       -1e300, 1e300, scene_families()}};
}

const std::vector<std::string>& scene_families() {
  static const std::vector<std::string> names = {"exist", "count", "colour",   "shape",
                                                 "size",  "place", "relation", "compare"};
  return names;
}

void write_scenes(const std::filesystem::path& directory, int64_t train, int64_t val, int64_t test,
                  const SceneOptions& options, uint64_t seed, Progress& progress,
                  const CancelToken& cancel, int threads) {
  check_options(options);
  const SplitPlan plans[] = {{"train2014", 0, train, kTrainQuestionsPerPicture, true},
                             {"val2014", 1, val, kTestQuestionsPerPicture, true},
                             {"test2015", 2, test, kTestQuestionsPerPicture, false}};
  for (const SplitPlan& plan : plans) {
    if (plan.questions < 0) {
      throw UsageError(concat(plan.subset, ": cannot draw ", plan.questions, " questions"));
    }
  }
  const auto cores = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  const int used = threads > 0 ? std::min(threads, 8 * cores) : cores;
  for (const SplitPlan& plan : plans) {
    write_split(directory, plan, options, seed, used, progress, cancel);
  }
}

}  // namespace vqalign
