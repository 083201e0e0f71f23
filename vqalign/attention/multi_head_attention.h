#pragma once

#include <torch/nn/pimpl.h>

#include "vqalign/attention/dropout.h"
#include "vqalign/attention/linear.h"
#include "vqalign/attention/tap.h"
#include "vqalign/attention/valid_rows.h"

namespace vqalign {

/// What one pass through a stack of attention blocks needs besides its inputs. `streams` null means
/// evaluation: no dropout. `taps` null, or a request for nothing, means nobody listens: attention
/// then runs through LibTorch's fused scaled-dot-product kernel where dropout allows it.
struct AttentionContext {
  double dropout_rate = 0.0;
  DropoutStreams* streams = nullptr;
  TapRequest request;
  std::vector<AttentionTap>* taps = nullptr;
  /// Heads whose output is zero, as if linear_merge had no columns for them; their weights are
  /// tapped as ever. Null: none.
  const std::vector<HeadSite>* silenced = nullptr;

  /// Rows are alike in every pass of `streams` (DropoutStreams::of_passes()) and stand for each of
  /// them; what attention returns has the rows of all passes. Asks for dropout, no taps, no masks.
  bool shared = false;

  int64_t passes() const { return streams ? streams->passes() : 1; }
  bool drops() const { return streams != nullptr && dropout_rate > 0.0; }
  bool tapped() const { return taps != nullptr && request.any(); }
};

/// Names a tap: which family and layer this call of attention is.
struct AttentionSite {
  AttentionFamily family = AttentionFamily::kQuestionSelf;
  int64_t layer = 0;
};

/// Multi-head attention as in the public MCAN code (Yu et al., CVPR 2019): four linear maps of
/// width D -> D named linear_v, linear_k, linear_q, linear_merge; head h takes columns h*d ..
/// h*d+d-1; softmax over keys of q.k/sqrt(d), masked keys at -1e9 (a row whose keys are all masked
/// is uniform over them, hence finite); dropout on the weights; heads concatenated; merge.
class MultiHeadAttentionImpl : public torch::nn::Module {
 public:
  /// `heads` must divide `width`.
  MultiHeadAttentionImpl(int64_t width, int64_t heads);

  /// Queries [B, n, D]; keys and values are both made from `memory` [B, m, D]. Returns what
  /// queries.states has a row for: [B, n, D], or their valid rows. The query mask changes no
  /// output; it is only handed to the tap. With context.shared [P B, n, D], pass by pass.
  torch::Tensor forward(const Sequences& queries, const Sequences& memory, AttentionSite site,
                        const AttentionContext& context);

  Linear linear_v = nullptr;
  Linear linear_k = nullptr;
  Linear linear_q = nullptr;
  Linear linear_merge = nullptr;

 private:
  struct Projected {
    torch::Tensor queries, keys, values;  ///< [B, H, n or m, d]
  };
  /// Whether nobody needs queries or weights and few keys serve many queries.
  bool absorbs(const Sequences& queries, const Sequences& memory,
               const AttentionContext& context) const;
  /// What a head's queries get of the values: [B, H, n, d], with context.shared [P B, H, n, d].
  /// `weights` is set where the context asks for them.
  torch::Tensor attend(const Projected& projected, const torch::Tensor& memory_mask,
                       const AttentionContext& context, torch::Tensor& weights) const;
  Projected project(const Sequences& queries, const Sequences& memory);

  int64_t heads_;
  LaidOutMaps laid_out_;
};
TORCH_MODULE(MultiHeadAttention);

}  // namespace vqalign
