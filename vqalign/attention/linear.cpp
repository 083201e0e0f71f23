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

}  // namespace

class LinearImpl::LaidOut {
 public:
  torch::Tensor of(const torch::Tensor& weight) {
    const std::scoped_lock lock(mutex_);
    if (data_ != weight.const_data_ptr() || version_ != weight._version()) {
      weights_ = Operations::get().lay_out->call(weight.detach(), kFewRows / 2);
      data_ = weight.const_data_ptr();
      version_ = weight._version();
    }
    return weights_;
  }

 private:
  std::mutex mutex_;
  torch::Tensor weights_;
  const void* data_ = nullptr;  ///< of the weights that were laid out, and their version
  uint32_t version_ = 0;
};

LinearImpl::LinearImpl(int64_t in, int64_t out)
    : torch::nn::LinearImpl(in, out), laid_out_(std::make_unique<LaidOut>()) {}

LinearImpl::~LinearImpl() = default;

torch::Tensor LinearImpl::forward(const torch::Tensor& x) {
  return map(x, bias);
}

torch::Tensor LinearImpl::product(const torch::Tensor& x) {
  return map(x, {});
}

torch::Tensor LinearImpl::map(const torch::Tensor& x, const torch::Tensor& added) {
  if (!few_rows(x, weight)) return at::linear(x, weight, added);
  return Operations::get().product->call(x, laid_out_->of(weight), added, "none",
                                         c10::List<std::optional<at::Scalar>>(), "");
}

}  // namespace vqalign
