#include "vqalign/cli/runtime.h"

#include <ATen/Parallel.h>
#include <c10/util/Exception.h>
#include <torch/utils.h>

#include "vqalign/train/device.h"

namespace vqalign {
namespace {

/// LibTorch's warnings are about calls of its functions: nothing that a user could mend.
class NoWarnings : public c10::WarningHandler {
 public:
  void process(const c10::Warning&) override {}
};

}  // namespace

torch::Device prepare_torch(const Context& context) {
  static NoWarnings no_warnings;
  c10::WarningUtils::set_warning_handler(&no_warnings);
  if (context.options().threads > 0) {
    at::set_num_threads(static_cast<int>(context.options().threads));
  }
  torch::manual_seed(static_cast<uint64_t>(context.options().seed));
  return prepare_device(context.options().device);
}

}  // namespace vqalign
