#include "vqalign/cli/runtime.h"

#include <ATen/Parallel.h>
#include <c10/util/Exception.h>
#include <torch/cuda.h>
#include <torch/utils.h>

#include <charconv>
#include <optional>

#include "vqalign/core/error.h"

namespace vqalign {
namespace {

#ifdef VQALIGN_TORCH_HAS_CUDA
constexpr bool kTorchHasCuda = true;
#else
constexpr bool kTorchHasCuda = false;
#endif

/// LibTorch's warnings are about calls of its functions: nothing that a user could mend.
class NoWarnings : public c10::WarningHandler {
 public:
  void process(const c10::Warning&) override {}
};

/// N of "cuda:N", 0 of "cuda", nothing of any other text.
std::optional<int> cuda_index(const std::string& name) {
  if (name == "cuda") return 0;
  if (!name.starts_with("cuda:")) return std::nullopt;
  const char* begin = name.data() + 5;
  const char* end = name.data() + name.size();
  int index = 0;
  const auto [stop, code] = std::from_chars(begin, end, index);
  if (code != std::errc{} || stop != end || index < 0) return std::nullopt;
  return index;
}

}  // namespace

void check_device(const std::string& name) {
  if (name == "cpu") return;
  const std::optional<int> index = cuda_index(name);
  if (!index) {
    throw UsageError(concat("--device is \"", name, "\", allowed is cpu, cuda or cuda:N"));
  }
  if (!kTorchHasCuda) {
    throw UsageError(concat("--device is ", name, ", but this build's LibTorch has no CUDA"),
                     "leave it out to compute on the CPU");
  }
  if (!torch::cuda::is_available()) {
    throw UsageError(concat("--device is ", name,
                            ", but LibTorch finds no GPU here, or a driver older than its CUDA"),
                     "leave it out to compute on the CPU");
  }
  const auto count = static_cast<int>(torch::cuda::device_count());
  if (*index >= count) {
    throw UsageError(concat("--device is ", name, ", the last GPU here is cuda:", count - 1));
  }
}

torch::Device prepare_torch(const Context& context) {
  static NoWarnings no_warnings;
  c10::WarningUtils::set_warning_handler(&no_warnings);
  if (context.options().threads > 0) {
    at::set_num_threads(static_cast<int>(context.options().threads));
  }
  torch::manual_seed(static_cast<uint64_t>(context.options().seed));
  const std::string& name = context.options().device;
  const std::optional<int> index = cuda_index(name);
  return index ? torch::Device(torch::kCUDA, static_cast<c10::DeviceIndex>(*index))
               : torch::Device(torch::kCPU);
}

}  // namespace vqalign
