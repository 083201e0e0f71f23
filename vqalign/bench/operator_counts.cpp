#include "vqalign/bench/operator_counts.h"

#include <ATen/record_function.h>
#include <torch/types.h>

#include <string>
#include <string_view>
#include <vector>

namespace vqalign {
namespace {

/// An operator that runs: what it was given, and whether others that it called did the work.
struct Running {
  std::string name;
  std::vector<torch::Tensor> inputs;
  bool is_part_of_launch = false;
  bool is_done_by_others = false;
};

// Callbacks of RecordFunction are plain functions; all that they count happens on this thread.
thread_local std::vector<Running> running;
thread_local WorkCounts counted;

void add_tensors(const c10::IValue& value, std::vector<torch::Tensor>& to) {
  if (value.isTensor() && value.toTensor().defined()) to.push_back(value.toTensor());
  if (!value.isTensorList()) return;
  for (const torch::Tensor& tensor : value.toTensorVector()) to.push_back(tensor);
}

int64_t bytes_of(const torch::Tensor& tensor) {
  int64_t numbers = tensor.numel() > 0 ? 1 : 0;
  for (int64_t axis = 0; axis < tensor.dim() && numbers > 0; ++axis) {
    if (tensor.stride(axis) != 0) numbers *= tensor.size(axis);
  }
  const int64_t size = tensor.is_floating_point() ? int64_t{sizeof(float)}
                                                  : static_cast<int64_t>(tensor.element_size());
  return numbers * size;
}

bool is_allocation(std::string_view name) {
  return name.starts_with("aten::empty") || name.starts_with("aten::new_empty") ||
         name.starts_with("aten::resize") || name.starts_with("aten::set_");
}

/// Whether the operator only gives its input another shape.
bool is_view(std::string_view name, const Running& call, const torch::Tensor& result) {
  if (name.ends_with("_")) return false;
  for (const torch::Tensor& input : call.inputs) {
    if (input.is_alias_of(result)) return true;
  }
  return false;
}

bool is_added_product(std::string_view name) {
  return name == "aten::addmm" || name == "aten::baddbmm";
}

bool is_product(std::string_view name) {
  return name == "aten::mm" || name == "aten::bmm" || is_added_product(name);
}

/// Whether an operator is one launch on a device, whatever it calls on the CPU.
bool is_one_launch(std::string_view name) {
  return is_product(name) || name.starts_with("aten::native_dropout");
}

int64_t operations_of(std::string_view name, const Running& call, const torch::Tensor& result) {
  if (!is_product(name)) return result.numel();
  return 2 * result.numel() * call.inputs[is_added_product(name) ? 1 : 0].size(-1);
}

std::unique_ptr<at::ObserverContext> operator_begins(const at::RecordFunction& function) {
  Running call;
  call.name = function.name();
  for (const c10::IValue& input : function.inputs()) add_tensors(input, call.inputs);
  // What the CPU does inside of it, as copying what is added to a product, is part of it elsewhere.
  call.is_part_of_launch =
      !running.empty() && (running.back().is_part_of_launch || is_one_launch(running.back().name));
  running.push_back(std::move(call));
  return nullptr;
}

void operator_ends(const at::RecordFunction& function, at::ObserverContext*) {
  const Running call = std::move(running.back());
  running.pop_back();
  const std::string_view name = function.name();
  if (call.is_done_by_others && !running.empty()) running.back().is_done_by_others = true;
  if (call.is_done_by_others || call.is_part_of_launch || is_allocation(name)) return;
  std::vector<torch::Tensor> results;
  for (const c10::IValue& output : function.outputs()) add_tensors(output, results);
  if (results.empty() || is_view(name, call, results.front())) return;
  if (!running.empty()) running.back().is_done_by_others = true;
  ++counted.launches;
  for (const torch::Tensor& input : call.inputs) counted.bytes += bytes_of(input);
  for (const torch::Tensor& result : results) {
    counted.bytes += bytes_of(result);
    counted.operations += operations_of(name, call, result);
  }
}

/// Takes the callbacks away again, whatever the work throws.
struct Handle {
  explicit Handle(at::CallbackHandle number) : number_(number) {}
  ~Handle() { at::removeCallback(number_); }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  at::CallbackHandle number_;
};

}  // namespace

WorkCounts& WorkCounts::operator+=(const WorkCounts& other) {
  launches += other.launches;
  bytes += other.bytes;
  operations += other.operations;
  return *this;
}

WorkCounts count_operators(const std::function<void()>& work) {
  running.clear();
  counted = {};
  const Handle handle(
      at::addThreadLocalCallback(at::RecordFunctionCallback(operator_begins, operator_ends)
                                     .needsInputs(true)
                                     .needsOutputs(true)
                                     .scopes({at::RecordScope::FUNCTION})));
  work();
  return counted;
}

}  // namespace vqalign
