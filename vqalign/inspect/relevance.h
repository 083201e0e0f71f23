#pragma once

#include "vqalign/fusion/vqa_model.h"
#include "vqalign/inspect/inspection.h"

namespace vqalign {

/// What speaks for one answer, by gradient-weighted attention (Chefer, Gur and Wolf, "Generic
/// Attention-model Explainability for Interpreting Bi-Modal and Encoder-Decoder Transformers",
/// ICCV 2021, rules 5 to 11). With A' = mean over heads of the positive part of dlogit/dA * A:
/// self-attention adds A' R to what its tokens already speak of, guided attention adds
/// N(R_regions)^T A' N(R_words), N being their rule of normalisation; the poolings, which they do
/// not have, count as attention of one token. Scores are shares: those of all words and regions
/// sum to 1, or all are 0 where nothing speaks for the answer.
///
/// `output` is of one question, with the taps' weights, logits and pooling weights in one autograd
/// graph. Fills `scores` at inspection's read_words and seen_regions.
TokenScores relevance(const ModelOutput& output, int64_t answer, const Inspection& inspection);

}  // namespace vqalign
