#include "edge_functions.h"

#include <torch/csrc/autograd/custom_function.h>
#include <torch/utils.h>

#include <limits>

namespace graph_attention {

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// A function's context keeps tensors and numbers; graph and features live longer than any step.
const void* pointer_of(const AutogradContext& context, const char* name) {
  return reinterpret_cast<const void*>(context.saved_data.at(name).toInt());
}

struct SparseProduct : torch::autograd::Function<SparseProduct> {
  static torch::Tensor forward(AutogradContext* context, const torch::Tensor& weight,
                               const torch::Tensor& values, const SparseRows* rows) {
    context->saved_data["rows"] = reinterpret_cast<int64_t>(rows);
    context->saved_data["values"] = values;
    const int64_t width = weight.size(1);
    const torch::Tensor from = weight.contiguous();
    torch::Tensor result = torch::zeros({rows->rows, width}, weight.options());
    const float* value = values.const_data_ptr<float>();
    const float* source = from.const_data_ptr<float>();
    float* to = result.mutable_data_ptr<float>();
    for (int64_t row = 0; row < rows->rows; ++row, to += width) {
      for (int64_t at = rows->starts[row]; at < rows->starts[row + 1]; ++at) {
        if (value[at] == 0) continue;
        const float* line = source + rows->indices[at] * width;
        for (int64_t j = 0; j < width; ++j) to[j] += value[at] * line[j];
      }
    }
    return result;
  }

  static variable_list backward(AutogradContext* context, variable_list upstream) {
    const auto* rows = static_cast<const SparseRows*>(pointer_of(*context, "rows"));
    const torch::Tensor values = context->saved_data["values"].toTensor();
    const torch::Tensor gradient = upstream[0].contiguous();
    const int64_t width = gradient.size(1);
    torch::Tensor result = torch::zeros({rows->columns, width}, gradient.options());
    const float* value = values.const_data_ptr<float>();
    const float* from = gradient.const_data_ptr<float>();
    float* to = result.mutable_data_ptr<float>();
    for (int64_t row = 0; row < rows->rows; ++row, from += width) {
      for (int64_t at = rows->starts[row]; at < rows->starts[row + 1]; ++at) {
        if (value[at] == 0) continue;
        float* line = to + rows->indices[at] * width;
        for (int64_t j = 0; j < width; ++j) line[j] += value[at] * from[j];
      }
    }
    return {result, torch::Tensor(), torch::Tensor()};
  }
};

struct EdgeSum : torch::autograd::Function<EdgeSum> {
  static torch::Tensor forward(AutogradContext* context, const torch::Tensor& weights,
                               const torch::Tensor& values, const Edges* edges) {
    const torch::Tensor w = weights.contiguous(), v = values.contiguous();
    context->saved_data["edges"] = reinterpret_cast<int64_t>(edges);
    context->save_for_backward({w, v});
    const int64_t heads = v.size(1), width = v.size(2);
    torch::Tensor result = torch::zeros({edges->nodes, heads, width}, v.options());
    const int64_t* source = edges->sources.const_data_ptr<int64_t>();
    const float* weight = w.const_data_ptr<float>();
    const float* from = v.const_data_ptr<float>();
    float* to = result.mutable_data_ptr<float>();
    for (int64_t node = 0; node < edges->nodes; ++node, to += heads * width) {
      for (int64_t e = edges->starts[node]; e < edges->starts[node + 1]; ++e) {
        const float* line = from + source[e] * heads * width;
        for (int64_t h = 0; h < heads; ++h) {
          const float share = weight[e * heads + h];
          for (int64_t j = 0; j < width; ++j) to[h * width + j] += share * line[h * width + j];
        }
      }
    }
    return result;
  }

  static variable_list backward(AutogradContext* context, variable_list upstream) {
    const auto* edges = static_cast<const Edges*>(pointer_of(*context, "edges"));
    const auto saved = context->get_saved_variables();
    const torch::Tensor gradient = upstream[0].contiguous();
    const int64_t heads = saved[1].size(1), width = saved[1].size(2);
    torch::Tensor of_weights = torch::empty_like(saved[0]);
    torch::Tensor of_values = torch::zeros_like(saved[1]);
    const int64_t* source = edges->sources.const_data_ptr<int64_t>();
    const float* weight = saved[0].const_data_ptr<float>();
    const float* value = saved[1].const_data_ptr<float>();
    const float* from = gradient.const_data_ptr<float>();
    float* to_weight = of_weights.mutable_data_ptr<float>();
    float* to_value = of_values.mutable_data_ptr<float>();
    for (int64_t node = 0; node < edges->nodes; ++node, from += heads * width) {
      for (int64_t e = edges->starts[node]; e < edges->starts[node + 1]; ++e) {
        const int64_t line = source[e] * heads * width;
        for (int64_t h = 0; h < heads; ++h) {
          const float share = weight[e * heads + h];
          float along = 0;
          for (int64_t j = h * width; j < (h + 1) * width; ++j) {
            along += from[j] * value[line + j];
            to_value[line + j] += share * from[j];
          }
          to_weight[e * heads + h] = along;
        }
      }
    }
    return {of_weights, of_values, torch::Tensor()};
  }
};

}  // namespace

torch::Tensor sparse_product(const SparseRows& rows, const torch::Tensor& values,
                             const torch::Tensor& weight) {
  return SparseProduct::apply(weight, values, &rows);
}

torch::Tensor edge_softmax(const Edges& edges, const torch::Tensor& logits) {
  const torch::Tensor index = edges.targets.unsqueeze(1).expand_as(logits);
  const torch::Tensor none = torch::full({edges.nodes, logits.size(1)},
                                         -std::numeric_limits<float>::infinity(), logits.options());
  const torch::Tensor largest = none.scatter_reduce(0, index, logits.detach(), "amax");
  const torch::Tensor powers = (logits - largest.index_select(0, edges.targets)).exp();
  const torch::Tensor sums =
      torch::zeros_like(none).index_add(0, edges.targets, powers).index_select(0, edges.targets);
  return powers / sums;
}

torch::Tensor edge_sum(const Edges& edges, const torch::Tensor& weights,
                       const torch::Tensor& values) {
  return EdgeSum::apply(weights, values, &edges);
}

}  // namespace graph_attention
