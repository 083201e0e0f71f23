#include "vqalign/align/known_gradients.h"

#include <torch/csrc/autograd/custom_function.h>

#include "vqalign/align/kernels/memory.h"

namespace vqalign {

namespace {

struct KnownGradients : torch::autograd::Function<KnownGradients> {
  static torch::Tensor forward(torch::autograd::AutogradContext* context,
                               const torch::Tensor& values, at::TensorList /*inputs*/,
                               const std::vector<torch::Tensor>& gradients) {
    context->saved_data["gradients"] = gradients;
    return values.view_as(values);
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list upstream) {
    kernels::refuse_second_derivatives();
    const torch::Tensor scale = upstream[0].unsqueeze(2).unsqueeze(3);
    torch::autograd::variable_list results = {torch::Tensor()};
    for (const torch::Tensor& gradient : context->saved_data["gradients"].toTensorVector()) {
      results.push_back(gradient * scale);
    }
    results.emplace_back();
    return results;
  }
};

}  // namespace

torch::Tensor with_known_gradients(const torch::Tensor& values,
                                   const std::vector<torch::Tensor>& inputs,
                                   const std::vector<torch::Tensor>& gradients) {
  return KnownGradients::apply(values, at::TensorList(inputs), gradients);
}

}  // namespace vqalign
