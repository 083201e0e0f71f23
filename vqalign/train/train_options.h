#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "vqalign/core/options.h"

namespace vqalign {

/// How a model is trained: option group "train". The defaults are the reference's for mcan-small.
struct TrainOptions {
  int64_t epochs = 13;
  int64_t batch_size = 64;
  /// Batch size of evaluation; 0: the training's.
  int64_t eval_batch_size = 0;
  double learning_rate = 1e-4;
  /// The grid CNN's rate as a multiple of it: convolutions bear more than attention does.
  /// 0 leaves it as it is, its statistics too.
  double vision_rate = 1.0;
  /// The rate of a pretrained encoder of questions that is tuned (language.tune), as a multiple: it
  /// has little to learn and much to forget.
  double language_rate = 0.1;
  /// The rate of critic and discriminator as a multiple, and Adam's first moment for them. An
  /// adversary that lags behind the projections sends them to where the keys were; one that is
  /// ahead shows them the way. Momentum makes both overshoot.
  double adversary_rate = 10.0;
  double adversary_beta1 = 0.5;
  /// "reference": a quarter, a half and three quarters of the rate in epochs 1, 2 and 3, then the
  /// rate, times `decay` from each of `decay_epochs` on. "cosine": linear warm-up over `warmup` of
  /// all steps, then half a cosine to zero.
  std::string schedule = "reference";
  double warmup = 0.05;
  double decay = 0.2;
  /// 0-based epochs at whose start the rate decays.
  std::vector<std::string> decay_epochs = {"10", "12"};
  double beta1 = 0.9;
  double beta2 = 0.98;
  double epsilon = 1e-9;
  double weight_decay = 0.0;
  /// The decay of the weights' average over the steps, which is scored and stored in place of the
  /// last weights (weight_average.h); 0: the last ones are.
  double average = 0.0;
  /// Gradients are scaled down to this norm; 0: never (the reference).
  double gradient_clip = 0.0;
  /// Whether a batch's loss is the sum over its samples (the reference) or their mean.
  std::string reduction = "sum";
  /// Weight of what a dataset's labelled objects teach the grid CNN (object_guide.h); 0: nothing.
  double object_weight = 0.0;
  /// Share of the training at whose beginning labelled objects alone are taught, from pictures
  /// without questions: words are bound to regions fast once the regions tell what they show.
  double object_share = 0.0;
  /// Whether the grid CNN is left as it is after that beginning, which makes the rest faster.
  bool object_freeze = false;
  /// The learning rate of that beginning as a multiple.
  double object_rate = 1.0;
  /// Weight of what a dataset tells of the objects that a question speaks of (relevance_guide.h).
  double relevance_weight = 0.0;
  /// Share of the steps with questions over which that weight falls to zero: once words are bound
  /// to regions, so strong a guide drowns what the answers teach. 0: it stays.
  double relevance_share = 0.0;
  /// "bfloat16" computes the network under autocast, refused where the processor only emulates it;
  /// "float16" too, its loss scaled (loss_scale.h), on a GPU alone; "auto" is bfloat16 on a GPU and
  /// where the processor does it natively, else float32. The regulariser and the update of the
  /// weights are float32 always.
  std::string precision = "float32";
  /// The same of scoring behind every epoch, which decides which epoch is the best.
  std::string eval_precision = "float32";
  /// An answer is listed when it is the consensus of at least this many training questions ...
  int64_t answer_minimum = 9;
  /// ... and among this many most frequent ones; 0: all.
  int64_t answer_most = 0;
  /// Whether an answer's bias starts at the logit of its prior in place of near zero: a training on
  /// few questions need not spend its first epochs on learning that most answers are rare (Lin et
  /// al., "Focal loss", ICCV 2017, section 3.3).
  bool prior_bias = false;
  /// Whether the classifier's rows start from what a pretrained encoder of questions makes of the
  /// answers, so that like answers start alike.
  bool answer_vectors = false;
  /// Stores the model's weights as float16: half the file, the same answers to three digits.
  bool half = false;
  /// Minutes between savings of the training state inside an epoch.
  double save_minutes = 5.0;

  std::vector<OptionField> fields();
  /// `decay_epochs` as numbers; UsageError naming what is none.
  std::vector<int64_t> decay_epoch_numbers() const;
};

}  // namespace vqalign
