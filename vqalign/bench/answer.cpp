#include <torch/types.h>

#include <CLI/App.hpp>
#include <array>
#include <optional>
#include <set>

#include "vqalign/bench/benchmark.h"
#include "vqalign/bench/temporary_folder.h"
#include "vqalign/bench/timing.h"
#include "vqalign/data/dataset.h"
#include "vqalign/data/scenes.h"
#include "vqalign/fusion/model_file.h"
#include "vqalign/inspect/answerer.h"
#include "vqalign/train/run_options.h"

namespace vqalign {
namespace {

constexpr int64_t kQuestions = 64;

/// Drawn pictures with questions, and a model for them whose weights are random.
struct AnswerCase {
  TemporaryFolder folder;
  Dataset dataset;
  std::filesystem::path model;
  std::vector<std::size_t> about_new_pictures;  ///< a question about each picture

  explicit AnswerCase(const CancelToken& cancel) {
    SilentProgress silent;
    write_scenes(folder.path(), 0, kQuestions, 0, SceneOptions{}, /*seed=*/1, silent, cancel);
    DataSource source;
    source.directory = folder.path();
    source.split = "val";
    dataset = load_dataset(source, /*need_annotations=*/true);
    std::set<int64_t> seen;
    for (std::size_t i = 0; i < dataset.questions.size(); ++i) {
      if (seen.insert(dataset.questions[i].image_id).second) about_new_pictures.push_back(i);
    }
    write_model();
  }

  void write_model() {
    std::vector<std::string> texts;
    std::set<std::string> answers;
    for (const Question& question : dataset.questions) texts.push_back(question.question);
    for (const Annotation& truth : dataset.annotations) {
      answers.insert(truth.multiple_choice_answer);
    }
    model = folder.path() / "model.safetensors";
    const RunOptions options = load_recipe("scenes");
    const ModelBundle bundle =
        ModelBundle::create(options.config, Vocabulary::from_questions(texts),
                            {answers.begin(), answers.end()}, std::vector<float>(answers.size()));
    save_model(model, bundle, options.train.half);
  }

  const std::string& text(std::size_t question) const {
    return dataset.questions[question].question;
  }
  const std::filesystem::path& picture(std::size_t question) const {
    return *dataset.images.find(dataset.questions[question].image_id);
  }
};

/// One round's times, in the order of kRows.
using Round = std::array<double, 4>;
constexpr std::array<const char*, 4> kRows = {"load the model", "first question",
                                              "about a new picture", "about the same picture"};

Round measure_round(const AnswerCase& on, Answerer& warm, std::size_t round) {
  const auto& asked = on.about_new_pictures;
  const std::size_t first = asked[round % asked.size()];
  const std::size_t second = asked[(round + 1) % asked.size()];
  const AskOptions options;
  Round seconds{};
  std::optional<Answerer> fresh;
  seconds[0] = seconds_of([&] { fresh.emplace(on.model); });
  seconds[1] = seconds_of([&] { fresh->ask(on.picture(first), on.text(first), options); });
  seconds[2] = seconds_of([&] { warm.ask(on.picture(first), on.text(first), options); });
  seconds[3] = seconds_of([&] { warm.ask(on.picture(first), on.text(second), options); });
  return seconds;
}

Report measure(BenchContext& context) {
  const int64_t threads = prepare_torch(context.options);
  const int64_t repetitions = context.repetitions(20);
  const AnswerCase on(context.cancel);
  Answerer warm(on.model);
  std::array<std::vector<double>, kRows.size()> seconds;
  context.progress.begin("answering", repetitions + 1, "rounds");
  for (int64_t round = 0; round <= repetitions; ++round) {
    context.cancel.check();
    const Round measured = measure_round(on, warm, static_cast<std::size_t>(round));
    context.progress.update(round + 1);
    if (round == 0) continue;
    for (std::size_t i = 0; i < kRows.size(); ++i) seconds[i].push_back(measured[i]);
  }
  const auto bytes = static_cast<double>(std::filesystem::file_size(on.model));
  Report report("answer",
                Json::object()
                    .set("recipe", "scenes")
                    .set("model_megabytes", bytes / 1e6)
                    .set("threads", threads)
                    .set("repetitions", repetitions),
                {{"what", "what"}, {"milliseconds", "ms", 2}, {"fastest", "fastest", 2}});
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    report.add({kRows[i], quantile(seconds[i], 0.5) * 1e3, quantile(seconds[i], 0) * 1e3});
  }
  return report;
}

}  // namespace

BenchAction define_answer(CLI::App& app) {
  app.footer("example:\n  vqalign-bench answer --repetitions 5");
  return [](BenchContext& context) { return measure(context); };
}

}  // namespace vqalign
