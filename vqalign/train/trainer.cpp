#include "vqalign/train/trainer.h"

#include <torch/utils.h>

#include <cmath>

#include "vqalign/core/error.h"
#include "vqalign/core/log.h"
#include "vqalign/train/batch_memory.h"
#include "vqalign/train/schedule.h"
#include "vqalign/train/step_plan.h"
#include "vqalign/train/stepper.h"
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
        stepper_(setup_, request.options, request.device, request.seed),
        source_(dataset_inputs(setup_.bundle.config, setup_.train, setup_.bundle.vocabulary,
                               &setup_.answers, &cancel, &setup_.targets)),
        sampler_(question_shapes(source_.inputs, &cancel), request.options.data,
                 options_.batch_size, request.seed, /*drop_last=*/true,
                 setup_.train.augmentation.views()),
        loader_(source_.inputs, request.options.data, &cancel, request.device),
        plan_(step_limits(request, setup_, sampler_.batches())),
        log_(request.log, request.options.align.kind),
        memory_(request.device, "--batch-size ") {
    warn_of_slow_order(source_);
    if (setup_.resumed) restore();
    // What scoring will ask for is missed now, not after an epoch.
    if (setup_.validation) {
      dataset_inputs(setup_.bundle.config, *setup_.validation, setup_.bundle.vocabulary, nullptr,
                     &cancel);
    }
  }

  TrainSummary run() {
    // An earlier session may have been stopped while scoring.
    if (at_.unscored) finish_epoch();
    while (!finished()) {
      train_epoch();
      finish_epoch();
    }
    write_model_at_last();
    return summary();
  }

 private:
  double spent_now() const { return seconds_since(begun_); }
  double spent() const { return seconds_before_ + spent_now(); }
  std::string device_kind() const { return c10::DeviceTypeName(request_.device.type(), true); }
  int64_t epoch_steps() const { return sampler_.batches(); }
  int64_t samples_in(int64_t steps) const {
    return steps * std::min(options_.batch_size, int64_t(setup_.train.own_questions()));
  }

  bool finished() const {
    return stopped_early_ || (plan_.total_steps() > 0 && at_.step >= plan_.total_steps());
  }

  void restore() {
    at_ = setup_.resumed->progress;
    seconds_before_ = at_.seconds;
    stepper_.restore(at_);
    if (at_.total_steps > 0 && (request_.minutes || !request_.epochs)) plan_.fix(at_.total_steps);
    if (at_.object_steps >= 0) plan_.fix_object_steps(at_.object_steps);
    log_resumption(at_, plan_.total_steps(), device_kind(), torch::get_num_threads());
    restore_tensors(setup_.resumed->tensors, stepper_.state(), state_path(request_.out).string());
    setup_.resumed->tensors.clear();
  }

  /// Shows progress over the steps of the phase under way.
  void begin_phase() {
    setup_.bundle.model->train();
    const bool objects = objects_only();
    const int64_t steps = objects ? plan_.object_steps().value_or(0) : plan_.total_steps();
    progress_.begin(objects ? "objects" : "training", samples_in(steps), "samples",
                    samples_in(at_.step));
    const bool taught = setup_.guide && plan_.object_steps().value_or(0) > 0 && !objects;
    const bool still = !objects && request_.options.vision_still();
    if (still || (taught && options_.object_freeze)) setup_.bundle.model->freeze_vision();
  }

  bool objects_only() const { return plan_.objects_only(at_.step); }

  void train_epoch() {
    loader_.start(sampler_.epoch(at_.epoch), static_cast<std::size_t>(at_.step_in_epoch));
    setup_.alignment->train();
    begin_phase();
    while (!finished()) {
      const auto step_begun = Clock::now();
      std::optional<Batch> batch;
      try {
        cancel_.check();
        batch = memory_.with(options_.batch_size, [&] { return loader_.next(); });
      } catch (const Cancelled&) {
        stop_and_save();
      }
      if (!batch) break;
      const StepSettings settings = settings_now();
      const StepResult result =
          memory_.with(batch->size(), [&] { return stepper_.take(*batch, settings); });
      after_step(result, seconds_since(step_begun), batch->size());
      if (settings.objects_only && !objects_only()) begin_phase();
    }
    progress_.end();
  }

  /// Each phase has the whole schedule.
  StepSettings settings_now() const {
    const bool objects = objects_only();
    const int64_t first = plan_.object_steps().value_or(0);
    const int64_t total =
        std::max<int64_t>(1, objects && first > 0 ? first : planned_steps() - first);
    const int64_t step = at_.step + 1 - (objects ? 0 : first);
    const double rate = learning_rate(options_, step, total, scheduled_epoch());
    return {.number = at_.step + 1,
            .objects_only = objects,
            .learning_rate = objects ? options_.object_rate * rate : rate,
            .relevance_weight = objects ? 0 : relevance_weight(options_, step, total)};
  }

  /// Steps that the schedule takes for an epoch: --minutes alone stretches or shortens them.
  double scheduled_epoch() const {
    if (request_.minutes && !request_.epochs) {
      return double(planned_steps()) / double(options_.epochs);
    }
    return double(setup_.train.own_questions()) / double(options_.batch_size);
  }

  /// Steps the schedule is stretched over: while they are being measured, those of all epochs.
  int64_t planned_steps() const {
    return plan_.total_steps() > 0 ? plan_.total_steps() : options_.epochs * epoch_steps();
  }

  void after_step(const StepResult& result, double seconds, int64_t samples) {
    ++at_.step;
    ++at_.step_in_epoch;
    ++steps_now_;
    if (steps_now_ > 1) {
      timed_seconds_ += seconds;
      timed_samples_ += samples;
    }
    const auto [missing, scoring] = setup_.encoding();
    const double step = seconds - result.encoding_seconds;
    if (plan_.measure(step, spent_now() + missing, at_.step, scoring)) begin_phase();
    if (result.loss) {
      smooth_loss_ = smooth_loss_ == 0 ? *result.loss : 0.98 * smooth_loss_ + 0.02 * *result.loss;
    }
    const std::string best = at_.best_epoch > 0 ? "  best " + fixed(at_.best_overall, 2) : "";
    progress_.update(samples_in(at_.step),
                     concat("epoch ", at_.epoch + 1, describe(result, smooth_loss_), best));
    log_.step(at_.step, result);
    stopped_early_ = plan_.out_of_time(spent_now(), evaluation_seconds_);
    if (seconds_since(saved_) > options_.save_minutes * 60) save();
  }

  void finish_epoch() {
    if (!at_.unscored && at_.step_in_epoch >= epoch_steps()) {
      ++at_.epoch;
      at_.step_in_epoch = 0;
    }
    // A model that has not seen a question answers none.
    if (setup_.validation && at_.step > plan_.object_steps().value_or(at_.step)) {
      at_.unscored = true;
      save();
      score();
      at_.unscored = false;
    } else if (!setup_.validation) {
      write_model();
    }
    save();
  }

  /// A training leaves a model, also one too short to have been scored.
  void write_model_at_last() {
    if (setup_.validation && at_.best_epoch == 0) {
      score();
      save();
    } else if (!setup_.validation && !wrote_model_) {
      write_model();
    }
  }

  int64_t epoch_number() const { return at_.epoch + (at_.step_in_epoch > 0 ? 1 : 0); }

  void score() {
    const auto evaluation_begun = Clock::now();
    Predictions predictions;
    try {
      const AveragedWeights averaged(stepper_.average());
      predictions = predict(setup_.bundle, *setup_.validation, scoring_options(request_, setup_),
                            progress_, cancel_, "scoring");
    } catch (const Cancelled&) {
      stop_and_save();
    }
    const double overall = setup_.validation_scores.overall(predictions.answers, setup_.answers);
    evaluation_seconds_ = seconds_since(evaluation_begun);
    log_info(concat("epoch ", epoch_number(), ": accuracy ", fixed(overall, 2), " %, loss ",
                    fixed(predictions.loss, 4), ", training loss ", fixed(smooth_loss_, 4)));
    log_.score(at_.step, overall, predictions.loss);
    if (!std::isfinite(predictions.loss)) report_divergence("the scored loss", at_.step);
    if (at_.best_epoch > 0 && overall <= at_.best_overall) return;
    at_.best_epoch = epoch_number();
    at_.best_overall = overall;
    write_model();
  }

  void write_model() {
    stepper_.check_weights(at_.step);
    setup_.bundle.trained =
        training_record(request_, setup_.train, at_, epoch_number(), spent() / 60);
    const AveragedWeights averaged(stepper_.average());
    save_model(request_.out, setup_.bundle, options_.half, setup_.left_out);
    wrote_model_ = true;
  }

  void save() {
    stepper_.check_weights(at_.step);
    at_.total_steps = plan_.total_steps();
    at_.object_steps = plan_.object_steps().value_or(-1);
    stepper_.keep(at_);
    at_.seconds = spent();
    at_.threads = torch::get_num_threads();
    at_.device = device_kind();
    TrainingState state;
    state.tensors = setup_.state_tensors();
    for (const auto& item : stepper_.state()) state.tensors.push_back(item);
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
    const double rate = timed_seconds_ > 0 ? double(timed_samples_) / timed_seconds_ : 0;
    return training_summary(at_, epoch_number(), spent(), rate);
  }

  const TrainRequest& request_;
  const TrainOptions& options_;
  Progress& progress_;
  const CancelToken& cancel_;
  Clock::time_point begun_;
  TrainingSetup setup_;
  Stepper stepper_;
  DatasetInputs source_;
  BatchSampler sampler_;
  BatchLoader loader_;
  StepPlan plan_;
  TrainingLog log_;
  BatchMemory memory_;

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
