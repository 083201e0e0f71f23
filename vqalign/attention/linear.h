#pragma once

#include <torch/nn/modules/linear.h>
#include <torch/nn/pimpl.h>

#include <memory>
#include <mutex>
#include <vector>

namespace vqalign {

/// The weights of maps of one input side by side, in the order that oneDNN reads them in, with
/// their biases; made anew when one of them has changed. Threads may share it.
class LaidOutMaps {
 public:
  struct Kept {
    torch::Tensor weights, bias;
  };
  Kept of(at::ArrayRef<const torch::nn::LinearImpl*> maps);

 private:
  /// A weight or bias as it was laid out: held, so that no other one is ever at its place.
  struct Seen {
    torch::Tensor tensor;
    uint32_t version = 0;
  };
  bool still_holds(at::ArrayRef<const torch::nn::LinearImpl*> maps) const;

  std::mutex mutex_;
  std::vector<Seen> seen_;  ///< weight and bias of each map
  Kept kept_;
};

/// torch::nn::Linear, quicker for few rows. A matrix product first copies its right-hand side into
/// the order it reads it in; with the rows of one question that is half of the work. Without
/// gradients, on the CPU and in float32, products of at most kFewRows rows therefore take weights
/// that were laid out once and are kept (as much memory again for the maps that are used so).
/// Values differ from torch::nn::Linear's by rounding alone. Where LibTorch has no oneDNN it is
/// torch::nn::Linear.
class LinearImpl : public torch::nn::LinearImpl {
 public:
  static constexpr int64_t kFewRows = 128;

  LinearImpl(int64_t in, int64_t out);

  /// x W^T + b: [.., in] to [.., out].
  torch::Tensor forward(const torch::Tensor& x);
  /// x W^T.
  torch::Tensor product(const torch::Tensor& x);

 private:
  std::unique_ptr<LaidOutMaps> laid_out_;
};
TORCH_MODULE(Linear);

/// What each of the maps makes of x; with few rows in one product, for which `laid_out` keeps the
/// weights.
std::vector<torch::Tensor> map_together(at::ArrayRef<LinearImpl*> maps, const torch::Tensor& x,
                                        LaidOutMaps& laid_out);

}  // namespace vqalign
