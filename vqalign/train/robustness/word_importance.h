#pragma once

#include <cstddef>
#include <vector>

#include "vqalign/core/cancel.h"
#include "vqalign/core/progress.h"
#include "vqalign/data/dataset.h"
#include "vqalign/fusion/model_file.h"
#include "vqalign/train/evaluation.h"

namespace vqalign {

/// Of every question the places of its attackable_words() (language/question_attack.h).
using WordOrders = std::vector<std::vector<std::size_t>>;

/// The words of every question, those first without which the model gives its own answer to the
/// whole question the least probability: importance by deletion, which Ren et al., "Generating
/// natural language adversarial examples through probability weighted word saliency" (ACL 2019, by
/// a word made unknown) and Li et al., "TextBugger" (NDSS 2019, by a word left out) choose the
/// words to attack by. The model's own answer, not the right one, so that no annotations are needed
/// and what is attacked is what the model would say. Ties keep the order of the text. Only the
/// first words, as many as the model reads tokens (`language.max_tokens`), are tried; the others
/// come last.
///
/// A question is asked once for each of its words, all of them in one batch, so that its picture is
/// encoded once; where the dataset has encodings, not at all. Noise of the options is not added.
/// `progress` gets a stage "words".
WordOrders words_by_importance(ModelBundle& bundle, const Dataset& dataset,
                               const EvaluationOptions& options, Progress& progress,
                               const CancelToken& cancel);

}  // namespace vqalign
