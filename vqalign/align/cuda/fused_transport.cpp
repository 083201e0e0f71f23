#include "vqalign/align/cuda/fused_transport.h"

#include <c10/core/DeviceGuard.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>

#include "vqalign/align/cuda/operands.h"
#include "vqalign/align/kernels/memory.h"
#include "vqalign/align/kernels/network_parameters.h"

namespace vqalign::cuda {

namespace {

using kernels::members;
using kernels::new_points;

NetworkParameters arrays_of(at::TensorList tensors) {
  float* at[8] = {};
  // A network without highway layer has the last four alone.
  const std::size_t missing = 8 - tensors.size();
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    at[missing + i] = const_cast<float*>(tensors[i].const_data_ptr<float>());
  }
  return {at[0], at[1], at[2], at[3], at[4], at[5], at[6], at[7]};
}

/// The tensors that the launches work on, as these want them.
struct Operands : SetOperands {
  Operands(const HeadSets& sets, at::TensorList given, double rho, bool standardise)
      : SetOperands(sets) {
    for (const torch::Tensor& parameter : given) {
      parameters.push_back(parameter.contiguous());
      check_device(parameter, "the networks");
    }
    static_cast<Sets&>(task) = described();
    const at::TensorList all(parameters);
    const at::TensorList critic = all.slice(0, all.size() - 4),
                         navigator = all.slice(critic.size());
    task.critic = arrays_of(critic);
    task.navigator = arrays_of(navigator);
    task.critic_hidden = critic[critic.size() - 2].size(1);
    task.critic_outputs = critic[critic.size() - 2].size(0);
    task.navigator_hidden = navigator[2].size(1);
    task.navigator_outputs = navigator[2].size(0);
    task.standardise = standardise;
    task.rho = static_cast<float>(rho);
  }

  Transport task{};
  std::vector<torch::Tensor> parameters;
};

std::optional<torch::Tensor> given(const torch::Tensor& mask) {
  return mask.defined() ? std::optional(mask) : std::nullopt;
}

struct FusedTransportFunction : torch::autograd::Function<FusedTransportFunction> {
  /// `options`: rho, standardise, whether gradients are wanted, the table of kernels.
  static torch::Tensor forward(torch::autograd::AutogradContext* context,
                               const torch::Tensor& queries, const torch::Tensor& keys,
                               const std::optional<torch::Tensor>& query_mask,
                               const std::optional<torch::Tensor>& key_mask,
                               at::TensorList parameters, double rho, bool standardise,
                               bool differentiate, int64_t table) {
    const auto& kernels = *reinterpret_cast<const TransportKernels*>(table);
    const HeadSets sets{queries, keys, query_mask.value_or(torch::Tensor()),
                        key_mask.value_or(torch::Tensor())};
    Operands operands(sets, parameters, rho, standardise);
    Transport& task = operands.task;
    const c10::DeviceGuard guard(queries.device());
    const int64_t points = task.rows[0] + task.rows[1];
    const torch::Tensor centres = operands.new_floats({task.samples * task.heads, task.width + 1});
    const torch::Tensor features = operands.new_floats(
        {task.samples * task.heads, points, task.critic_outputs + task.navigator_outputs});
    const torch::Tensor gradients = differentiate ? torch::empty_like(features) : torch::Tensor();
    torch::Tensor values = operands.new_floats({task.samples, task.heads});
    task.centres = centres.mutable_data_ptr<float>();
    task.features = features.mutable_data_ptr<float>();
    task.feature_gradients = differentiate ? gradients.mutable_data_ptr<float>() : nullptr;
    check_launch(kernels.features(task, stream_of(queries)));
    check_launch(kernels.pairs(task, values.mutable_data_ptr<float>(), stream_of(queries)));

    torch::autograd::variable_list saved = {queries,       keys,    sets.query_mask,
                                            sets.key_mask, centres, gradients};
    saved.insert(saved.end(), parameters.begin(), parameters.end());
    context->save_for_backward(saved);
    context->saved_data["rho"] = rho;
    context->saved_data["standardise"] = standardise;
    context->saved_data["table"] = table;
    return values;
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list upstream) {
    kernels::refuse_second_derivatives();
    const auto& kernels =
        *reinterpret_cast<const TransportKernels*>(context->saved_data["table"].toInt());
    const torch::autograd::variable_list saved = context->get_saved_variables();
    const at::TensorList parameters = at::TensorList(saved).slice(6);
    Operands operands({saved[0], saved[1], saved[2], saved[3]}, parameters,
                      context->saved_data["rho"].toDouble(),
                      context->saved_data["standardise"].toBool());
    Transport& task = operands.task;
    const c10::DeviceGuard guard(saved[0].device());
    task.centres = saved[4].mutable_data_ptr<float>();
    task.feature_gradients = saved[5].mutable_data_ptr<float>();
    const torch::Tensor factors = upstream[0].contiguous();
    const torch::Tensor to[2] = {new_points(saved[0], task.width, false),
                                 new_points(saved[1], task.width, false)};
    const Points views[2] = {points_of(to[0]), points_of(to[1])};
    const int64_t blocks = std::min(task.samples * task.heads, kTransportBlocks);
    const int64_t numbers = kernels.parameters(task);
    const torch::Tensor partial = operands.new_floats({blocks, numbers});
    torch::Tensor sums = operands.new_floats({numbers});
    CUstream_st* stream = stream_of(saved[0]);
    check_launch(kernels.points(task, factors.const_data_ptr<float>(), views,
                                partial.mutable_data_ptr<float>(), blocks, stream));
    check_launch(kernels.parameter_sums(partial.const_data_ptr<float>(), blocks, numbers,
                                        sums.mutable_data_ptr<float>(), stream));

    torch::autograd::variable_list results = {to[0], to[1], torch::Tensor(), torch::Tensor()};
    int64_t at = 0;
    for (const torch::Tensor& parameter : parameters) {
      results.push_back(sums.slice(0, at, at + parameter.numel()).view(parameter.sizes()));
      at += parameter.numel();
    }
    results.resize(results.size() + 4);
    return results;
  }
};

/// The critic's parameters, then the navigator's.
std::vector<torch::Tensor> parameters_of(const FusedTransport& transport) {
  std::vector<torch::Tensor> parameters = members(transport.critic);
  const std::vector<torch::Tensor> rest = members(transport.navigator);
  parameters.insert(parameters.end(), rest.begin(), rest.end());
  return parameters;
}

}  // namespace

bool FusedTransport::fits(const HeadSets& sets, const TransportKernels& kernels) const {
  const std::vector<torch::Tensor> parameters = parameters_of(*this);
  const auto is_float = [](const torch::Tensor& tensor) {
    return tensor.scalar_type() == torch::kFloat32;
  };
  return is_float(sets.queries) && std::all_of(parameters.begin(), parameters.end(), is_float) &&
         kernels.fits(Operands(sets, parameters, rho, standardise).task);
}

torch::Tensor FusedTransport::operator()(const HeadSets& sets,
                                         const TransportKernels& kernels) const {
  const std::vector<torch::Tensor> parameters = parameters_of(*this);
  const auto wants = [](const torch::Tensor& tensor) { return tensor.requires_grad(); };
  const bool differentiate =
      torch::GradMode::is_enabled() && (wants(sets.queries) || wants(sets.keys) ||
                                        std::any_of(parameters.begin(), parameters.end(), wants));
  return FusedTransportFunction::apply(sets.queries, sets.keys, given(sets.query_mask),
                                       given(sets.key_mask), at::TensorList(parameters), rho,
                                       standardise, differentiate,
                                       reinterpret_cast<int64_t>(&kernels));
}

}  // namespace vqalign::cuda
