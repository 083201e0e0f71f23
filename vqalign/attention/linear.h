#pragma once

#include <torch/nn/modules/linear.h>
#include <torch/nn/pimpl.h>

#include <memory>

namespace vqalign {

/// torch::nn::Linear, quicker for few rows. A matrix product first copies its right-hand side into
/// the order it reads it in; with the rows of one question that is half of the work. Without
/// gradients, on the CPU and in float32, products of at most kFewRows rows therefore take weights
/// that were laid out once and are kept (as much memory again for the maps that are used so); they
/// are laid out anew when the weights have changed. Values differ from torch::nn::Linear's by
/// rounding alone. Where LibTorch has no oneDNN it is torch::nn::Linear. Forward passes of several
/// threads may run at once.
class LinearImpl : public torch::nn::LinearImpl {
 public:
  static constexpr int64_t kFewRows = 128;

  LinearImpl(int64_t in, int64_t out);
  ~LinearImpl() override;

  /// x W^T + b: [.., in] to [.., out].
  torch::Tensor forward(const torch::Tensor& x);
  /// x W^T.
  torch::Tensor product(const torch::Tensor& x);

 private:
  class LaidOut;

  torch::Tensor map(const torch::Tensor& x, const torch::Tensor& added);

  std::unique_ptr<LaidOut> laid_out_;
};
TORCH_MODULE(Linear);

}  // namespace vqalign
