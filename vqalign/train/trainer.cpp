#include "vqalign/train/trainer.h"

#include <torch/torch.h>

#include <cmath>

#include "vqalign/core/error.h"
#include "vqalign/core/log.h"
#include "vqalign/train/objective.h"
#include "vqalign/train/precision.h"
#include "vqalign/train/schedule.h"
#include "vqalign/train/step_plan.h"
#include "vqalign/train/training_log.h"
#include "vqalign/train/training_record.h"
#include "vqalign/train/training_setup.h"

namespace vqalign {
namespace {

using Clock = std::chrono::steady_clock;
double seconds_since(Clock::time_point begun) {
  return std::chrono::duration<double>(Clock::now() - begun).count();
}

/// One training from its first step to its last.
class Run {
 public:
  Run(const TrainRequest& request, Progress& progress, const CancelToken& cancel)
      : request_(request),
        options_(request.options.train),
        progress_(progress),
        cancel_(cancel),
        begun_(Clock::now()),
        setup_(prepare_training(request, progress, cancel)),
        adam_(setup_.parameters(), options_),
        streams_(request.seed),
        source_(dataset_inputs(setup_.bundle.config, setup_.train, setup_.bundle.vocabulary,
                               &setup_.answers)),
        sampler_(question_shapes(source_.inputs), request.options.data, options_.batch_size,
                 request.seed, /*drop_last=*/true),
        loader_(source_.inputs, request.options.data, &cancel),
        plan_(limits()),
        log_(request.log, request.options.align.kind) {
    check_precision(options_, request.device);
    if (setup_.resumed) restore();
  }

  TrainSummary run() {
    while (!finished()) {
      train_epoch();
      finish_epoch();
    }
    if (!wrote_model_ && !request_.validation) write_model();
    return summary();
  }

 private:
  StepPlan::Limits limits() const {
    const int64_t batches = sampler_.batches();
    double share = 0;
    if (setup_.validation) {
      // A forward pass costs about a third of a training step.
      share = 0.35 * double(setup_.validation->questions.size()) /
              double(setup_.train.questions.size());
    }
    std::optional<int64_t> epochs = request_.epochs;
    if (!epochs && !request_.minutes) epochs = options_.epochs;
    return {batches, epochs, request_.minutes, share, setup_.guide ? options_.object_share : 0};
  }

  double spent() const { return seconds_before_ + seconds_since(begun_); }
  double spent_now() const { return seconds_since(begun_); }
  int64_t epoch_steps() const { return sampler_.batches(); }

  bool finished() const {
    return stopped_early_ || (plan_.total_steps() > 0 && at_.step >= plan_.total_steps());
  }

  void restore() {
    at_ = setup_.resumed->progress;
    seconds_before_ = at_.seconds;
    streams_ = DropoutStreams(request_.seed, at_.dropout_stream);
    if (at_.total_steps > 0 && (request_.minutes || !request_.epochs)) plan_.fix(at_.total_steps);
    if (at_.object_steps >= 0) plan_.fix_object_steps(at_.object_steps);
    if (at_.total_steps > 0 && plan_.total_steps() != at_.total_steps) {
      log_info(concat("planned were ", at_.total_steps, " steps, --epochs ", *request_.epochs,
                      " makes them ", plan_.total_steps()));
    }
    restore_tensors(setup_.resumed->tensors, adam_.state(), "adam.",
                    state_path(request_.out).string());
    setup_.resumed->tensors.clear();
  }

  /// Shows progress over the steps of the phase under way.
  void begin_phase() {
    setup_.bundle.model->train();
    const bool objects = objects_only();
    const int64_t steps = objects ? plan_.object_steps().value_or(0) : plan_.total_steps();
    progress_.begin(objects ? "objects" : "training", steps * options_.batch_size, "samples",
                    at_.step * options_.batch_size);
    const bool taught = setup_.guide && plan_.object_steps().value_or(0) > 0 && !objects;
    if (taught && options_.object_freeze) setup_.bundle.model->freeze_vision();
  }

  bool objects_only() const { return plan_.objects_only(at_.step); }

  void train_epoch() {
    loader_.start(sampler_.epoch(at_.epoch), static_cast<std::size_t>(at_.step_in_epoch));
    setup_.alignment->train();
    begin_phase();
    while (!finished()) {
      const auto step_begun = Clock::now();
      if (cancel_.requested()) stop_and_save();
      std::optional<Batch> batch;
      try {
        batch = loader_.next();
      } catch (const Cancelled&) {
        stop_and_save();
      }
      if (!batch) break;
      const bool objects = objects_only();
      const StepResult result = take_step(*batch, objects);
      after_step(result, seconds_since(step_begun), batch->size());
      if (objects && !objects_only()) begin_phase();
    }
    progress_.end();
  }

  /// Each phase has the whole schedule.
  double rate_now(bool objects) const {
    const int64_t first = plan_.object_steps().value_or(0);
    const int64_t left = objects && first > 0 ? first : planned_steps() - first;
    const double rate =
        learning_rate(options_, at_.step + 1 - (objects ? 0 : first), std::max<int64_t>(1, left),
                      double(setup_.train.questions.size()) / double(options_.batch_size));
    return objects ? options_.object_rate * rate : rate;
  }

  StepResult take_step(const Batch& batch, bool objects) {
    StepResult result;
    result.learning_rate = rate_now(objects);
    const RunOptions& all = request_.options;
    const torch::Tensor loss =
        objects ? object_loss(setup_, all, batch, request_.device, result)
                : sample_losses(setup_, all, batch, request_.device, streams_, result);
    if (!result.finite()) report_divergence(result, at_.step + 1);
    adam_.zero_grad();
    (options_.reduction == "sum" ? loss.sum() : loss.mean()).backward();
    if (options_.gradient_clip > 0 || log_.active()) {
      result.gradient_norm = adam_.gradient_norm();
      if (options_.gradient_clip > 0 && result.gradient_norm > options_.gradient_clip) {
        adam_.scale_gradients(options_.gradient_clip / result.gradient_norm);
      }
    }
    adam_.step(result.learning_rate);
    return result;
  }

  /// Steps the schedule is stretched over: while they are being measured, as many as an epoch.
  int64_t planned_steps() const {
    return plan_.total_steps() > 0 ? plan_.total_steps() : 20 * epoch_steps();
  }

  void after_step(const StepResult& result, double seconds, int64_t samples) {
    ++at_.step;
    ++at_.step_in_epoch;
    ++steps_now_;
    if (steps_now_ > 1) {
      timed_seconds_ += seconds;
      timed_samples_ += samples;
    }
    if (plan_.measure(seconds, spent_now(), at_.step)) begin_phase();
    smooth_loss_ = smooth_loss_ == 0 ? result.loss : 0.98 * smooth_loss_ + 0.02 * result.loss;
    std::string note = concat("epoch ", at_.epoch + 1, describe(result, smooth_loss_));
    if (at_.best_epoch > 0) note += "  best " + fixed(at_.best_overall, 2);
    progress_.update(at_.step * options_.batch_size, note);
    log_.step(at_.step, result);
    if (plan_.out_of_time(spent_now(), evaluation_seconds_)) stopped_early_ = true;
    if (seconds_since(saved_) > options_.save_minutes * 60) save();
  }

  void finish_epoch() {
    if (at_.step_in_epoch >= epoch_steps()) {
      ++at_.epoch;
      at_.step_in_epoch = 0;
    }
    // A model that has not seen a question answers none.
    if (setup_.validation && at_.step > plan_.object_steps().value_or(at_.step)) {
      score();
    } else if (!setup_.validation) {
      write_model();
    }
    save();
  }

  int64_t epoch_number() const { return at_.epoch + (at_.step_in_epoch > 0 ? 1 : 0); }

  void score() {
    const auto evaluation_begun = Clock::now();
    EvaluationOptions evaluation;
    evaluation.batch_size =
        options_.eval_batch_size > 0 ? options_.eval_batch_size : options_.batch_size;
    evaluation.data = request_.options.data;
    evaluation.device = request_.device;
    Predictions predictions;
    try {
      predictions =
          predict(setup_.bundle, *setup_.validation, evaluation, progress_, cancel_, "scoring");
    } catch (const Cancelled&) {
      stop_and_save();
    }
    const Score score =
        score_predictions(predictions.answers, setup_.validation->annotations, Metric::kOfficial);
    evaluation_seconds_ = seconds_since(evaluation_begun);
    log_info(concat("epoch ", epoch_number(), ": accuracy ", fixed(score.overall, 2), " %, loss ",
                    fixed(predictions.loss, 4), ", training loss ", fixed(smooth_loss_, 4)));
    log_.score(at_.step, score.overall, predictions.loss);
    if (at_.best_epoch > 0 && score.overall <= at_.best_overall) return;
    at_.best_epoch = epoch_number();
    at_.best_overall = score.overall;
    write_model();
  }

  void write_model() {
    setup_.bundle.trained =
        training_record(request_, setup_.train, at_, epoch_number(), spent() / 60);
    save_model(request_.out, setup_.bundle, options_.half);
    wrote_model_ = true;
  }

  void save() {
    at_.total_steps = plan_.total_steps();
    at_.object_steps = plan_.object_steps().value_or(-1);
    at_.dropout_stream = streams_.next();
    at_.seconds = spent();
    TrainingState state;
    state.tensors = setup_.state_tensors();
    for (const auto& [name, tensor] : adam_.state()) {
      state.tensors.emplace_back("adam." + name, tensor);
    }
    state.progress = at_;
    state.setting = training_setting(request_, setup_);
    save_state(state_path(request_.out), state);
    saved_ = Clock::now();
  }

  [[noreturn]] void stop_and_save() {
    progress_.end();
    save();
    log_info(concat("stopped after step ", at_.step, "; --resume goes on from ",
                    state_path(request_.out).string()));
    throw Cancelled();
  }

  TrainSummary summary() const {
    TrainSummary summary;
    summary.epochs = epoch_number();
    summary.steps = at_.step;
    summary.seconds = spent();
    if (timed_seconds_ > 0) summary.samples_per_second = double(timed_samples_) / timed_seconds_;
    if (at_.best_epoch > 0) summary.best_epoch = at_.best_epoch;
    summary.best_overall = at_.best_overall;
    return summary;
  }

  const TrainRequest& request_;
  const TrainOptions& options_;
  Progress& progress_;
  const CancelToken& cancel_;
  Clock::time_point begun_;
  TrainingSetup setup_;
  Adam adam_;
  DropoutStreams streams_;
  DatasetInputs source_;
  BatchSampler sampler_;
  BatchLoader loader_;
  StepPlan plan_;
  TrainingLog log_;

  TrainingProgress at_;
  Clock::time_point saved_ = Clock::now();
  double seconds_before_ = 0;
  double evaluation_seconds_ = 0;
  double timed_seconds_ = 0;
  int64_t timed_samples_ = 0;
  int64_t steps_now_ = 0;
  double smooth_loss_ = 0;
  bool stopped_early_ = false;
  bool wrote_model_ = false;
};

}  // namespace

TrainSummary train_model(const TrainRequest& request, Progress& progress,
                         const CancelToken& cancel) {
  return Run(request, progress, cancel).run();
}

}  // namespace vqalign
