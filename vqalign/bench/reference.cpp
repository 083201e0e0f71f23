#include <CLI/CLI.hpp>
#include <algorithm>
#include <functional>
#include <memory>

#include "vqalign/bench/benchmark.h"
#include "vqalign/bench/reference_case.h"
#include "vqalign/bench/reference_process.h"
#include "vqalign/bench/timing.h"

namespace vqalign {
namespace {

constexpr std::size_t kTrainedBatches = 6;  // ours, of all sizes; the reference pads all alike
constexpr std::size_t kBatch = 64, kEvaluated = 128, kAsked = 8;

struct ReferenceArguments {
  std::filesystem::path python =
      std::filesystem::path(VQALIGN_SOURCE_DIR) / ".deps/venv/bin/python";
  std::vector<std::string> regions = {"adaptive", "fixed"};
  std::vector<std::string> works = {"train", "evaluate", "ask"};
};

/// A kind of work on both sides; each returns questions a second.
struct Duel {
  std::string name;
  std::function<double()> ours;
  std::function<double()> reference;
};

/// What the reference reaches of the machine's matrix product.
class Peak {
 public:
  void note_product(const Json& answer) { peak_.push_back(rate(answer)); }
  void note_work(const Json& answer) { work_.push_back(rate(answer)); }
  bool measured() const { return !work_.empty(); }
  double product() const { return quantile(peak_, 0.5); }
  double share() const { return quantile(work_, 0.5) / product(); }

 private:
  static double rate(const Json& answer) {
    return answer.at("gflop").as_double() / answer.at("seconds").as_double();
  }
  std::vector<double> peak_, work_;
};

double per_second(std::size_t questions, const Json& answer) {
  return static_cast<double>(questions) / answer.at("seconds").as_double();
}

std::vector<Duel> duels_of(ReferenceCase& ours, ReferenceProcess& reference, Peak& training) {
  return {
      {"train", [&] { return ours.train(kTrainedBatches); },
       [&] {
         const Json answer = reference.ask(ours.order("train", kBatch));
         training.note_work(answer);
         training.note_product(reference.ask(Json::object().set("work", "peak")));
         return per_second(kBatch, answer);
       }},
      {"evaluate", [&] { return ours.evaluate(); },
       [&] { return per_second(kEvaluated, reference.ask(ours.order("evaluate", kEvaluated))); }},
      {"ask", [&] { return ours.ask(kAsked); },
       [&] { return per_second(1, reference.ask(ours.order("ask", 1))); }}};
}

/// Rounds of both sides, one behind the other, the first to warm up.
std::vector<Json> fight(const std::string& regions, const Duel& duel, BenchContext& context,
                        int64_t rounds) {
  std::vector<double> mine, theirs, ratios;
  context.progress.begin(regions + ", " + duel.name, rounds + 1, "rounds");
  for (int64_t round = 0; round <= rounds; ++round) {
    context.cancel.check();
    const double own = duel.ours(), other = duel.reference();
    context.progress.update(round + 1);
    if (round == 0) continue;
    mine.push_back(own);
    theirs.push_back(other);
    ratios.push_back(own / other);
  }
  return {regions,
          duel.name,
          quantile(theirs, 0.5),
          quantile(mine, 0.5),
          quantile(ratios, 0.5),
          quantile(ratios, 0.25),
          quantile(ratios, 0.75)};
}

Report measure(const ReferenceArguments& arguments, BenchContext& context) {
  const int64_t threads = prepare_torch(context.options);
  const int64_t rounds = context.repetitions(3);
  std::vector<std::vector<Json>> rows;
  Json setting =
      Json::object().set("recipe", "mcan-small").set("threads", threads).set("rounds", rounds);
  for (const std::string& regions : arguments.regions) {
    ReferenceCase ours(regions == "adaptive" ? 10 : 100, context.cancel);
    ReferenceProcess reference(
        arguments.python,
        std::filesystem::path(VQALIGN_SOURCE_DIR) / "vqalign/bench/reference/serve.py",
        Json::object()
            .set("threads", threads)
            .set("words", ours.words())
            .set("answers", ours.answers()));
    Peak peak;
    for (const Duel& duel : duels_of(ours, reference, peak)) {
      if (!std::count(arguments.works.begin(), arguments.works.end(), duel.name)) continue;
      rows.push_back(fight(regions, duel, context, rounds));
    }
    setting.set("torch", reference.torch_version());
    if (peak.measured()) {
      setting.set("product_gflops", peak.product()).set("reference_share_of_product", peak.share());
    }
  }
  Report report("reference", setting,
                {{"regions", "regions"},
                 {"work", "work"},
                 {"reference", "reference, questions/s", 2},
                 {"vqalign", "vqalign", 2},
                 {"ratio", "ratio", 2},
                 {"ratio_low", "from", 2},
                 {"ratio_high", "to", 2}});
  for (std::vector<Json>& row : rows) report.add(std::move(row));
  return report;
}

}  // namespace

BenchAction define_reference(CLI::App& app) {
  const auto arguments = std::make_shared<ReferenceArguments>();
  app.add_option("--python", arguments->python,
                 "a Python that has torch (default: the one in .deps/venv)")
      ->type_name("FILE");
  app.add_option("--regions", arguments->regions,
                 "adaptive (10 to 100 a picture), fixed (100), or both (default)")
      ->check(CLI::IsMember({"adaptive", "fixed"}))
      ->type_name("KIND");
  app.add_option("--work", arguments->works,
                 "train and evaluate (batches of 64), ask (one question at a time); default all")
      ->check(CLI::IsMember({"train", "evaluate", "ask"}))
      ->type_name("KIND");
  app.footer("example:\n  vqalign-bench reference --regions adaptive --repetitions 1");
  return [arguments](BenchContext& context) { return measure(*arguments, context); };
}

}  // namespace vqalign
