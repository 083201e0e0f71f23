#include "vqalign/align/gradient_reversal.h"

#include <torch/csrc/autograd/custom_function.h>

namespace vqalign {

namespace {

struct GradientReversal : torch::autograd::Function<GradientReversal> {
  static torch::Tensor forward(torch::autograd::AutogradContext*, const torch::Tensor& x) {
    return x.view_as(x);
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext*,
                                                 torch::autograd::variable_list gradients) {
    return {gradients[0].neg()};
  }
};

}  // namespace

torch::Tensor gradient_reversal(const torch::Tensor& x) {
  return GradientReversal::apply(x);
}

}  // namespace vqalign
