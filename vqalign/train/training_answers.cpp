#include "vqalign/train/training_answers.h"

#include <optional>

#include "vqalign/core/error.h"
#include "vqalign/core/log.h"
#include "vqalign/core/memory.h"

namespace vqalign {
namespace {

/// Warns where a training can learn one answer alone.
void warn_of_one_answer(const std::string& data, const SoftTargets& targets,
                        const AnswerList& answers) {
  std::optional<int32_t> only;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    for (const SoftTargets::Entry& entry : targets[i]) {
      if (only.value_or(entry.answer) != entry.answer) return;
      only = entry.answer;
    }
  }
  if (!only) return;
  log_warning(concat(data, ": \"", answers.answers()[static_cast<std::size_t>(*only)],
                     "\" is the only listed answer that its questions have: the model can learn "
                     "no other, nor how certain it is"));
}

}  // namespace

void prepare_answers(const TrainRequest& request, TrainingSetup& setup) {
  const TrainOptions& options = request.options.train;
  Dataset& train = setup.train;
  AnswerList answers = request.answers.empty()
                           ? AnswerList::from_annotations(train.annotations, options.answer_minimum,
                                                          options.answer_most)
                           : AnswerList::from_file(request.answers);
  if (answers.size() == 0) {
    throw Error(concat(train.name, ": no answer is the consensus of at least ",
                       options.answer_minimum, " questions"),
                "lower it with --set train.answer_minimum=1");
  }
  train.augment(request.options.data.augmentation());
  setup.targets = SoftTargets(train.annotations, answers);
  answers.set_priors(setup.targets);
  const std::size_t all = setup.targets.size();
  std::size_t without = 0;
  for (std::size_t i = 0; i < all; ++i) without += setup.targets[i].empty() ? 1 : 0;
  if (without == all) fail(train.name, ": none of its questions has an answer that is listed");
  if (without > 0) {
    log_info(concat(without, " of ", all, " training questions have no answer that is listed"));
  }
  warn_of_one_answer(train.name, setup.targets, answers);
  setup.answers = std::move(answers);
  const ReturnFreedMemory give_back;
  train.annotations = std::vector<Annotation>();
  if (setup.validation) {
    std::vector<Annotation>& truth = setup.validation->annotations;
    setup.validation_targets = SoftTargets(truth, setup.answers);
    setup.validation_scores = ListScores(truth, setup.answers);
    if (setup.validation_scores.only_exact()) {
      log_info(concat(setup.validation->name, ": every question has a single answer, so that ",
                      "accuracy is the share of exact matches"));
    }
    truth = std::vector<Annotation>();
  }
}

}  // namespace vqalign
