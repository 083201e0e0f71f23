#include "vqalign/train/robustness/robustness.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "vqalign/core/error.h"
#include "vqalign/core/philox.h"
#include "vqalign/train/robustness/attacked_questions.h"
#include "vqalign/train/robustness/kept_regions.h"
#include "vqalign/train/robustness/kinds.h"
#include "vqalign/train/robustness/steps.h"
#include "vqalign/train/uncertainty.h"

namespace vqalign {
namespace {

/// What a pass among many costs of a single one's time, about (`vqalign-bench passes`).
constexpr double kPassCost = 0.3;
/// Words of a question, about: so many times it is asked to find the important ones.
constexpr int64_t kWords = 7;

class Measurement {
 public:
  Measurement(ModelBundle& bundle, const Dataset& dataset, const EvaluationOptions& options,
              const RobustnessRequest& request, Progress& progress, const CancelToken& cancel)
      : bundle_(bundle),
        dataset_(dataset),
        options_(options),
        request_(request),
        steps_(progress),
        cancel_(cancel) {
    result_.questions = static_cast<int64_t>(dataset.questions.size());
    result_.passes = request.passes;
  }

  RobustnessResult run() {
    steps_.begin("robustness", total_steps());
    clean_ = dataset_;
    clean_.encodings = regions_of(clean_, "pictures");
    result_.clean = measured(clean_, {}, options_);
    tell();
    for (const std::string& kind : request_.kinds) {
      result_.curves.push_back({kind, {}});
      for (int64_t severity = 1; severity <= kMostSeverity; ++severity) {
        result_.curves.back().points.push_back(point({kind, severity}));
        result_.complete = kind == request_.kinds.back() && severity == kMostSeverity;
        tell();
      }
    }
    result_.complete = true;
    steps_.end();
    return std::move(result_);
  }

 private:
  int64_t point_steps() const {
    const auto passes = static_cast<double>(request_.passes);
    return result_.questions + std::llround(kPassCost * passes * double(result_.questions));
  }

  int64_t total_steps() const {
    int64_t total = result_.questions + point_steps();
    bool greedy = false;
    for (const std::string& kind : request_.kinds) {
      const bool pictures = harmed_part(kind) == HarmedPart::kPictures;
      total += kMostSeverity * (point_steps() + (pictures ? result_.questions : 0));
      greedy = greedy || is_greedy(kind);
    }
    return total + (greedy ? kWords * result_.questions : 0);
  }

  std::shared_ptr<const FeatureSource> regions_of(const Dataset& dataset, const std::string& note) {
    steps_.next(result_.questions, note);
    return kept_regions(bundle_, dataset, options_, steps_, cancel_);
  }

  RobustnessPoint point(const Harm& harm) {
    switch (harmed_part(harm.kind)) {
      case HarmedPart::kPictures: {
        Dataset corrupted = dataset_;
        corrupted.corruption = harm;
        corrupted.corruption_seed = options_.seed;
        corrupted.encodings = regions_of(corrupted, harm.text());
        return measured(corrupted, harm, options_);
      }
      case HarmedPart::kFeatures: {
        EvaluationOptions noisy = options_;
        noisy.noise = harm_amount(harm);
        return measured(clean_, harm, noisy);
      }
      case HarmedPart::kQuestions:
        break;
    }
    if (is_greedy(harm.kind) && orders_.empty()) {
      steps_.next(kWords * result_.questions, "words");
      orders_ = words_by_importance(bundle_, clean_, options_, steps_, cancel_);
    }
    Dataset attacked = clean_;
    attacked.questions = attacked_questions(dataset_.questions, harm, options_.seed, orders_);
    return measured(attacked, harm, options_);
  }

  RobustnessPoint measured(const Dataset& dataset, const Harm& harm,
                           const EvaluationOptions& options) {
    const std::string note = harm.any() ? harm.text() : "as it is";
    RobustnessPoint made;
    made.severity = harm.severity;
    if (harm.any()) made.amount = harm_amount(harm);
    made.changed = changed_share(dataset_.questions, dataset.questions);
    steps_.next(result_.questions, note);
    const Predictions predictions = predict(bundle_, dataset, options, steps_, cancel_);
    const Score score =
        score_predictions(predictions.answers, dataset.annotations, Metric::kOfficial);
    made.overall = score.shown_overall();
    if (request_.passes == 0) {
      made.ece = expected_calibration_error(predictions.confidences, score.shown_accuracies());
      return made;
    }
    steps_.next(point_steps() - result_.questions, note);
    const Uncertainty uncertainty =
        measure_uncertainty(bundle_, dataset, options, request_.passes, steps_, cancel_);
    made.pavpu = std::round(100 * uncertainty.measured.pavpu) / 100;
    made.ece = uncertainty.figures.ece;
    return made;
  }

  void tell() {
    if (request_.point_done) request_.point_done(result_);
  }

  ModelBundle& bundle_;
  const Dataset& dataset_;
  const EvaluationOptions& options_;
  const RobustnessRequest& request_;
  WeightedSteps steps_;
  const CancelToken& cancel_;
  Dataset clean_;  ///< the dataset with its regions
  WordOrders orders_;
  RobustnessResult result_;
};

}  // namespace

bool RobustnessCurve::complete() const {
  return static_cast<int64_t>(points.size()) == kMostSeverity;
}

double RobustnessCurve::mean(const RobustnessFigure& figure) const {
  assert(!points.empty());
  double sum = 0;
  for (const RobustnessPoint& point : points) sum += figure.value(point);
  return sum / static_cast<double>(points.size());
}

std::vector<RobustnessFigure> robustness_figures(int64_t passes) {
  using Point = const RobustnessPoint&;
  std::vector<RobustnessFigure> figures = {
      {"overall", "accuracy %", 2, true, [](Point point) { return point.overall; }}};
  if (passes > 0) {
    figures.push_back({"pavpu", "PAvPU %", 2, true, [](Point point) { return *point.pavpu; }});
  }
  figures.push_back({"ece", "ECE", 4, false, [](Point point) { return point.ece; }});
  return figures;
}

RobustnessResult measure_robustness(ModelBundle& bundle, const Dataset& dataset,
                                    const EvaluationOptions& options,
                                    const RobustnessRequest& request, Progress& progress,
                                    const CancelToken& cancel) {
  return Measurement(bundle, dataset, options, request, progress, cancel).run();
}

void keep_sample(Dataset& dataset, int64_t questions, uint64_t seed) {
  std::vector<std::size_t> rows = Random(seed).sample(dataset.questions.size(), questions);
  std::sort(rows.begin(), rows.end());
  const auto keep = [&rows](auto& all) {
    if (all.empty()) return;
    for (std::size_t i = 0; i < rows.size(); ++i) std::swap(all[i], all[rows[i]]);
    all.resize(rows.size());
  };
  keep(dataset.questions);
  keep(dataset.annotations);
}

}  // namespace vqalign
