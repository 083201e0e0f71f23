#pragma once

#include <torch/nn/module.h>

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "vqalign/align/conditional_transport.h"
#include "vqalign/align/discriminator.h"
#include "vqalign/attention/tap.h"
#include "vqalign/core/options.h"

namespace vqalign {

/// How the query set and the key set of every head are drawn together in training (Zhang et al.,
/// "Alignment Attention by Matching Key and Query Distributions", NeurIPS 2021, arXiv 2110.12567).
/// Option group "align".
struct AlignOptions {
  /// Which distance: none, ct (conditional_transport.h), gan (discriminator.h),
  /// ot (optimal_transport.h), mmd (mmd.h).
  std::string kind = "none";
  /// lambda: what the sum of the distances is multiplied by before it joins a sample's loss.
  double weight = 0.01;
  /// Which attention is aligned, by family_name(): question_self, image_self, guided, and
  /// question_pretrained, which the paper has when it fine-tunes a pretrained transformer.
  std::vector<std::string> families = {"question_self", "image_self"};
  /// Indices of the aligned layers, from 0, in each of these families that has such a layer; empty
  /// = all.
  std::vector<std::string> layers = {};
  /// Hidden width of critic, navigator and discriminator (ct, gan).
  int64_t hidden = 10;
  /// Entropic blur in units of the mean cost (ot).
  double epsilon = 0.01;
  /// Sinkhorn iterations (ot).
  int64_t iterations = 20;
  /// Share of the direction from queries to keys; the other direction has the rest (ct).
  double rho = 0.5;
  /// Whether the networks see each head's points standardised (standardise.h), or, as the paper
  /// writes it, as they are (ct, gan).
  bool standardise = true;
  /// Points of a set that are compared at a time with all of the other (ct, ot, mmd): bounds the
  /// memory of large sets, see blockwise.h. 0: chosen by the sets' size.
  int64_t block = 0;

  std::vector<OptionField> fields();

  using Site = std::pair<std::string, int64_t>;  ///< family_name() and layer, from 0
  /// What is aligned of a model whose co-attention has so many layers, and its pretrained encoder
  /// of questions (0: there is none); nothing where kind is "none". UsageError when an option names
  /// a kind, family or layer that does not exist, or when another kind than "none" has no family to
  /// work on.
  std::vector<Site> sites(int64_t co_attention_layers, int64_t pretrained_layers) const;
};

/// The regulariser: the distance of every chosen tap, with the small networks that it trains. It is
/// a guest of training: a module of its own, whose parameters are no part of the model. Critic and
/// navigator (ct) or discriminator (gan) exist once for each chosen family and layer and are shared
/// by its heads; ot and mmd have no parameters.
class Alignment : public torch::nn::Module {
 public:
  /// Where heads are: how many layers, and d of their queries.
  struct Heads {
    int64_t width = 0;
    int64_t layers = 0;
  };

  /// `head_width` and `layers`: of each family of the co-attention; `pretrained`: of the encoder of
  /// questions that has heads too. UsageError as AlignOptions::sites() says. Parameters are drawn
  /// from LibTorch's default generator.
  Alignment(const AlignOptions& options, int64_t head_width, int64_t layers, Heads pretrained);
  Alignment(const AlignOptions& options, int64_t head_width, int64_t layers);

  /// Sum over the chosen taps and their heads of the distance, one value a sample: float32 [B],
  /// not yet multiplied by AlignOptions::weight. Its gradient is right for one descent step of
  /// everybody: projections and navigator minimise, critic and discriminator maximise (gradient
  /// reversal). Samples whose query or key set is empty give 0. Runs in float32 whatever the taps'
  /// type. Taps of other families or layers are passed over; kind "none" gives zeros. Throws Error
  /// when there is no tap at all, or one of another width than its family's.
  torch::Tensor forward(const std::vector<AttentionTap>& taps);

  /// Whether anything is aligned (kind is not "none").
  bool active() const;

  /// For logs: the distance of a head, averaged over the samples, layers and heads of each chosen
  /// family, by family_name(), as of the latest forward(): scalars on the
  /// device, which is not waited for.
  std::map<std::string, torch::Tensor> last_values() const;

 private:
  struct Networks {
    Critic critic = nullptr;
    Navigator navigator = nullptr;
    Discriminator discriminator = nullptr;
  };
  using Site = AlignOptions::Site;

  Heads heads_of(const std::string& family) const;
  void add_networks(const Site& site);
  torch::Tensor distance(const HeadSets& sets, Networks& networks) const;

  AlignOptions options_;
  Heads co_attention_;
  Heads pretrained_;
  std::map<Site, Networks> chosen_;
  std::map<std::string, std::vector<torch::Tensor>> last_;
};

}  // namespace vqalign
