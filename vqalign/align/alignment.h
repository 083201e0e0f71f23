#pragma once

#include <torch/nn/module.h>

#include <string>
#include <vector>

#include "vqalign/attention/tap.h"
#include "vqalign/core/options.h"

namespace vqalign {

/// How the query set and the key set of every head are drawn together in training (Zhang et al.,
/// "Alignment Attention by Matching Key and Query Distributions", NeurIPS 2021).
struct AlignOptions {
  std::string kind = "none";
  double weight = 0.01;
  std::vector<std::string> families = {"question_self", "image_self"};
  std::vector<std::string> layers = {};
  int64_t hidden = 10;
  double epsilon = 0.01;
  int64_t iterations = 20;
  double rho = 0.5;

  std::vector<OptionField> fields();
};

/// The regulariser: the distance of every chosen tap, with the small networks that it trains. It is a
/// guest of training: a module of its own, whose parameters are no part of the model.
class Alignment : public torch::nn::Module {
 public:
  /// `head_width`: d of the queries; `layers`: how many layers each family has.
  Alignment(const AlignOptions& options, int64_t head_width, int64_t layers);

  /// Sum over the chosen taps and their heads of the distance, one value a sample: float32 [B]. Its
  /// gradient is right for one descent step of everybody: projections and navigator minimise,
  /// critic and discriminator maximise (gradient reversal). Samples whose query or key set is empty
  /// give 0. Runs in float32 whatever the taps' type.
  torch::Tensor forward(const std::vector<AttentionTap>& taps);

  /// Whether anything is aligned (kind is not "none").
  bool active() const;
};

}  // namespace vqalign
