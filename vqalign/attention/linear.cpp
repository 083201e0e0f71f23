#include "vqalign/attention/linear.h"

#include <ATen/Context.h>
#include <ATen/autocast_mode.h>
#include <ATen/core/List.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <torch/types.h>

#include <mutex>

namespace vqalign {
namespace {

using LayOut = at::Tensor(const at::Tensor&, std::optional<int64_t>);
using Product = at::Tensor(const at::Tensor&, const at::Tensor&, const std::optional<at::Tensor>&,
                           std::string_view, c10::List<std::optional<at::Scalar>>,
                           std::optional<std::string_view>);

/// LibTorch's two operations with weights laid out for oneDNN, which have no function in at::.
struct Operations {
  std::optional<c10::TypedOperatorHandle<LayOut>> lay_out;
  std::optional<c10::TypedOperatorHandle<Product>> product;

  static const Operations& get() {
    static const Operations operations = find();
    return operations;
  }
  bool exist() const { return lay_out && product; }

 private:
  static Operations find() {
    Operations found;
    if (!at::hasMKLDNN()) return found;
    c10::Dispatcher& dispatcher = c10::Dispatcher::singleton();
    const auto lay_out = dispatcher.findSchema({"mkldnn::_reorder_linear_weight", ""});
    const auto product = dispatcher.findSchema({"mkldnn::_linear_pointwise", ""});
    if (!lay_out || !product) return found;
    found.lay_out = lay_out->typed<LayOut>();
    found.product = product->typed<Product>();
    return found;
  }
};

bool few_rows(const torch::Tensor& x, const torch::Tensor& weight) {
  if (torch::GradMode::is_enabled() || !x.device().is_cpu() || x.numel() == 0) return false;
  if (x.scalar_type() != torch::kFloat || weight.scalar_type() != torch::kFloat) return false;
  return x.numel() <= LinearImpl::kFewRows * x.size(-1) && !weight.is_inference() &&
         !at::autocast::is_autocast_enabled(at::kCPU) && Operations::get().exist();
}

torch::Tensor multiply(const torch::Tensor& x, const torch::Tensor& laid_out,
                       const torch::Tensor& bias) {
  return Operations::get().product->call(x, laid_out, bias, "none",
                                         c10::List<std::optional<at::Scalar>>(), "");
}

}  // namespace

bool LaidOutMaps::still_holds(at::ArrayRef<const torch::nn::LinearImpl*> maps) const {
  const auto same = [](const torch::Tensor& tensor, const Seen& seen) {
    return tensor.const_data_ptr() == seen.tensor.const_data_ptr() &&
           tensor._version() == seen.version;
  };
  if (seen_.size() != 2 * maps.size()) return false;
  for (std::size_t i = 0; i < maps.size(); ++i) {
    if (!same(maps[i]->weight, seen_[2 * i]) || !same(maps[i]->bias, seen_[2 * i + 1]))
      return false;
  }
  return true;
}

LaidOutMaps::Kept LaidOutMaps::of(at::ArrayRef<const torch::nn::LinearImpl*> maps) {
  const std::scoped_lock lock(mutex_);
  if (still_holds(maps)) return kept_;
  std::vector<torch::Tensor> weights, biases;
  seen_.clear();
  for (const torch::nn::LinearImpl* map : maps) {
    weights.push_back(map->weight.detach());
    biases.push_back(map->bias.detach());
    seen_.push_back({weights.back(), static_cast<uint32_t>(map->weight._version())});
    seen_.push_back({biases.back(), static_cast<uint32_t>(map->bias._version())});
  }
  // A power of two between the rows of a question and those of a picture.
  constexpr int64_t kRowsExpected = LinearImpl::kFewRows / 2;
  kept_ = {Operations::get().lay_out->call(torch::cat(weights), kRowsExpected), torch::cat(biases)};
  return kept_;
}

LinearImpl::LinearImpl(int64_t in, int64_t out)
    : torch::nn::LinearImpl(in, out), laid_out_(std::make_unique<LaidOutMaps>()) {}

torch::Tensor LinearImpl::forward(const torch::Tensor& x) {
  if (!few_rows(x, weight)) return at::linear(x, weight, bias);
  const LaidOutMaps::Kept kept = laid_out_->of(this);
  return multiply(x, kept.weights, kept.bias);
}

torch::Tensor LinearImpl::product(const torch::Tensor& x) {
  return few_rows(x, weight) ? multiply(x, laid_out_->of(this).weights, {}) : at::linear(x, weight);
}

std::vector<torch::Tensor> map_together(at::ArrayRef<LinearImpl*> maps, const torch::Tensor& x,
                                        LaidOutMaps& laid_out) {
  std::vector<torch::Tensor> results;
  std::vector<const torch::nn::LinearImpl*> all;
  std::vector<int64_t> widths;
  bool few = true;
  for (const LinearImpl* map : maps) {
    few = few && few_rows(x, map->weight);
    all.push_back(map);
    widths.push_back(map->weight.size(0));
  }
  if (few) {
    const LaidOutMaps::Kept kept = laid_out.of(all);
    return multiply(x, kept.weights, kept.bias).split_with_sizes(widths, -1);
  }
  for (LinearImpl* map : maps) results.push_back(map->forward(x));
  return results;
}

}  // namespace vqalign
