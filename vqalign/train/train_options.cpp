#include "vqalign/train/train_options.h"

namespace vqalign {
namespace {

std::vector<OptionField> size_fields(TrainOptions& o) {
  return {
      {.name = "epochs",
       .target = &o.epochs,
       .help = "passes over the training questions",
       .minimum = 1,
       .maximum = 1e6},
      {.name = "batch_size",
       .target = &o.batch_size,
       .help = "questions a step",
       .minimum = 1,
       .maximum = 65536},
      {.name = "eval_batch_size",
       .target = &o.eval_batch_size,
       .help = "questions a batch when scoring; 0: batch_size",
       .minimum = 0,
       .maximum = 65536},
  };
}

std::vector<OptionField> rate_fields(TrainOptions& o) {
  return {
      {.name = "learning_rate",
       .target = &o.learning_rate,
       .help = "Adam's rate at its highest",
       .minimum = 0,
       .maximum = 10},
      {.name = "vision_rate",
       .target = &o.vision_rate,
       .help = "the grid CNN's rate, as a multiple; 0: it is left as it is",
       .minimum = 0,
       .maximum = 1000},
      {.name = "language_rate",
       .target = &o.language_rate,
       .help = "the rate of a pretrained encoder of questions that is tuned, as a multiple",
       .minimum = 0,
       .maximum = 1000},
      {.name = "adversary_rate",
       .target = &o.adversary_rate,
       .help = "the rate of critic and discriminator, as a multiple",
       .minimum = 0,
       .maximum = 1000},
      {.name = "adversary_beta1",
       .target = &o.adversary_beta1,
       .help = "Adam's first moment for these",
       .minimum = 0,
       .maximum = 0.9999999},
  };
}

std::vector<OptionField> schedule_fields(TrainOptions& o) {
  return {
      {.name = "schedule",
       .target = &o.schedule,
       .help = "how the rate changes",
       .choices = {"reference", "cosine"}},
      {.name = "warmup",
       .target = &o.warmup,
       .help = "cosine: share of steps spent rising",
       .minimum = 0,
       .maximum = 0.9},
      {.name = "decay",
       .target = &o.decay,
       .help = "reference: factor at each decay epoch",
       .minimum = 0,
       .maximum = 1},
      {.name = "decay_epochs",
       .target = &o.decay_epochs,
       .help = "reference: 0-based epochs at whose start the rate decays"},
  };
}

std::vector<OptionField> optimiser_fields(TrainOptions& o) {
  return {
      {.name = "beta1",
       .target = &o.beta1,
       .help = "Adam's first moment",
       .minimum = 0,
       .maximum = 0.9999999},
      {.name = "beta2",
       .target = &o.beta2,
       .help = "Adam's second moment",
       .minimum = 0,
       .maximum = 0.9999999},
      {.name = "epsilon",
       .target = &o.epsilon,
       .help = "Adam's epsilon",
       .minimum = 0,
       .maximum = 1},
      {.name = "weight_decay",
       .target = &o.weight_decay,
       .help = "decoupled weight decay (AdamW)",
       .minimum = 0,
       .maximum = 1},
      {.name = "average",
       .target = &o.average,
       .help = "decay of the weights' average, which is scored and stored; 0: the last weights are",
       .minimum = 0,
       .maximum = 0.9999999},
      {.name = "gradient_clip",
       .target = &o.gradient_clip,
       .help = "largest gradient norm; 0: off",
       .minimum = 0,
       .maximum = 1e9},
      {.name = "reduction",
       .target = &o.reduction,
       .help = "loss over a batch",
       .choices = {"sum", "mean"}},
  };
}

std::vector<OptionField> label_fields(TrainOptions& o) {
  return {
      {.name = "object_weight",
       .target = &o.object_weight,
       .help = "weight of the guide by labelled objects, where a dataset has them",
       .minimum = 0,
       .maximum = 1000},
      {.name = "object_share",
       .target = &o.object_share,
       .help = "share of the training that teaches labelled objects alone, at its beginning",
       .minimum = 0,
       .maximum = 0.9},
      {.name = "object_freeze",
       .target = &o.object_freeze,
       .help = "whether the grid CNN is left as it is after that beginning"},
      {.name = "object_rate",
       .target = &o.object_rate,
       .help = "learning rate of that beginning, as a multiple",
       .minimum = 0,
       .maximum = 1000},
      {.name = "relevance_weight",
       .target = &o.relevance_weight,
       .help = "weight of the guide by the objects that questions speak of, where labelled",
       .minimum = 0,
       .maximum = 1000},
      {.name = "relevance_share",
       .target = &o.relevance_share,
       .help = "share of the steps with questions over which that weight falls to 0; 0: it stays",
       .minimum = 0,
       .maximum = 1},
  };
}

std::vector<OptionField> model_fields(TrainOptions& o) {
  return {
      {.name = "precision",
       .target = &o.precision,
       .help = "number type of the network",
       .choices = {"float32", "bfloat16", "float16", "auto"}},
      {.name = "eval_precision",
       .target = &o.eval_precision,
       .help = "the same when scoring",
       .choices = {"float32", "bfloat16", "float16", "auto"}},
      {.name = "answer_minimum",
       .target = &o.answer_minimum,
       .help = "least training questions an answer needs",
       .minimum = 1,
       .maximum = 1e9},
      {.name = "answer_most",
       .target = &o.answer_most,
       .help = "most answers listed; 0: all",
       .minimum = 0,
       .maximum = 1e6},
      {.name = "prior_bias",
       .target = &o.prior_bias,
       .help = "whether an answer's bias starts at the logit of its prior"},
      {.name = "answer_vectors",
       .target = &o.answer_vectors,
       .help = "whether the classifier starts from a pretrained encoder's vectors of the answers"},
      {.name = "half", .target = &o.half, .help = "store the model's weights as float16"},
      {.name = "save_minutes",
       .target = &o.save_minutes,
       .help = "minutes between savings of the state",
       .minimum = 0.01,
       .maximum = 1e6},
  };
}

}  // namespace

std::vector<OptionField> TrainOptions::fields() {
  std::vector<OptionField> fields = size_fields(*this);
  for (const auto& part : {rate_fields(*this), schedule_fields(*this), optimiser_fields(*this),
                           label_fields(*this), model_fields(*this)}) {
    fields.insert(fields.end(), part.begin(), part.end());
  }
  return fields;
}

std::vector<int64_t> TrainOptions::decay_epoch_numbers() const {
  return whole_numbers(decay_epochs, "train.decay_epochs", 0, 1'000'000);
}

}  // namespace vqalign
