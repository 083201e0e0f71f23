#include "vqalign/attention/dropout.h"

#include <torch/csrc/autograd/custom_function.h>
#include <torch/types.h>

#include <cassert>

#include "vqalign/attention/cuda/fused_rows.h"
#include "vqalign/attention/dropout_mask.h"

namespace vqalign {

namespace {

constexpr int64_t kTaskBlocks = 256;

/// The mask as booleans on the CPU, for types without a kernel of their own.
torch::Tensor keep_tensor(at::IntArrayRef sizes, const kernels::Mask& mask) {
  torch::Tensor keep = torch::empty(sizes, torch::kBool);
  bool* const out = keep.mutable_data_ptr<bool>();
  const int64_t count = keep.numel();
  const int64_t blocks = (count + kernels::kBlock - 1) / kernels::kBlock;
  at::parallel_for(0, blocks, kTaskBlocks, [&](int64_t begin, int64_t end) {
    for (int64_t block = begin; block < end; ++block) {
      uint64_t bits = 0;
      kernels::best().keep_bits(mask, static_cast<uint64_t>(block), 1, &bits);
      const int64_t first = block * kernels::kBlock;
      for (int64_t i = first; i < std::min(count, first + kernels::kBlock); ++i) {
        out[i] = bits >> (i - first) & 1;
      }
    }
  });
  return keep;
}

/// masked() of types and devices without a kernel of ours: the mask is made on the CPU.
torch::Tensor masked_by_operators(const torch::Tensor& input, double rate, uint64_t seed,
                                  uint64_t stream) {
  const torch::Tensor keep = keep_tensor(input.sizes(), dropout_mask(rate, seed, stream));
  return torch::where(keep.to(input.device()), input * (1.0 / (1.0 - rate)),
                      torch::zeros({}, input.options()));
}

/// Part p of `out` is part p of `in` dropped out, or with `alike` the whole of `in`.
void run_masks(const kernels::Mask& mask, const torch::Tensor& in, const torch::Tensor& out,
               int64_t parts, bool alike) {
  if (in.is_cuda()) {
    cuda::fused_dropout(mask, in, out, parts, alike, *cuda::attention_kernels());
    return;
  }
  const int64_t count = out.numel() / parts;
  const int64_t blocks = (count + kernels::kBlock - 1) / kernels::kBlock;
  const kernels::Table& table = kernels::best();
  at::parallel_for(0, parts * blocks, kTaskBlocks, [&](int64_t begin, int64_t end) {
    for_parts(blocks, begin, end, [&](int64_t part, int64_t first_block, int64_t last_block) {
      const kernels::Mask own = mask_of_part(mask, part);
      const int64_t first = first_block * kernels::kBlock;
      const int64_t last = std::min(count, last_block * kernels::kBlock);
      const int64_t from = alike ? 0 : part * count, to = part * count;
      if (in.scalar_type() == torch::kFloat) {
        table.dropout_float(own, in.const_data_ptr<float>() + from,
                            out.mutable_data_ptr<float>() + to, first, last);
      } else {
        table.dropout_bfloat16(own, bits(in) + from, mutable_bits(out) + to, first, last);
      }
    });
  });
}

torch::Tensor masked(const torch::Tensor& input, double rate, uint64_t seed, uint64_t stream,
                     int64_t parts) {
  assert(input.numel() % parts == 0);
  if (has_kernels(input)) {
    const torch::Tensor in = input.contiguous(), out = torch::empty_like(in);
    run_masks(dropout_mask(rate, seed, stream), in, out, parts, /*alike=*/false);
    return out;
  }
  if (parts == 1) return masked_by_operators(input, rate, seed, stream);
  std::vector<torch::Tensor> made;
  for (const torch::Tensor& part : input.reshape({parts, -1}).unbind(0)) {
    made.push_back(masked_by_operators(part, rate, seed, stream));
    stream += DropoutStreams::kPassStride;
  }
  return torch::stack(made).view(input.sizes());
}

struct DropoutFunction : torch::autograd::Function<DropoutFunction> {
  static torch::Tensor forward(torch::autograd::AutogradContext* context,
                               const torch::Tensor& input, double rate, int64_t seed,
                               int64_t stream, int64_t parts) {
    context->saved_data["rate"] = rate;
    context->saved_data["seed"] = seed;
    context->saved_data["stream"] = stream;
    context->saved_data["parts"] = parts;
    return masked(input, rate, static_cast<uint64_t>(seed), static_cast<uint64_t>(stream), parts);
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    forbid_double_backward();
    return {masked(gradients[0], context->saved_data["rate"].toDouble(),
                   static_cast<uint64_t>(context->saved_data["seed"].toInt()),
                   static_cast<uint64_t>(context->saved_data["stream"].toInt()),
                   context->saved_data["parts"].toInt()),
            torch::Tensor(), torch::Tensor(), torch::Tensor(), torch::Tensor()};
  }
};

}  // namespace

kernels::Mask dropout_mask(double rate, uint64_t seed, uint64_t stream) {
  assert(rate >= 0.0 && rate < 1.0);
  // Rounded up, so that a word is at least the threshold exactly when it is at least rate * 2^32.
  const double threshold = std::min(std::ceil(rate * 4294967296.0), 4294967295.0);
  return {seed, stream, static_cast<uint32_t>(threshold), static_cast<float>(1.0 / (1.0 - rate))};
}

bool has_kernels(const torch::Tensor& tensor) {
  if (tensor.is_cuda()) return cuda::attention_kernels() != nullptr && cuda::has_element(tensor);
  return tensor.device().is_cpu() &&
         (tensor.scalar_type() == torch::kFloat || tensor.scalar_type() == torch::kBFloat16);
}

void forbid_double_backward() {
  TORCH_CHECK(!torch::GradMode::is_enabled(),
              "attention's fused functions have no second derivative");
}

torch::Tensor dropout(const torch::Tensor& input, double rate, DropoutStreams& streams) {
  assert(rate >= 0.0 && rate < 1.0);
  if (rate == 0.0) return input;
  return DropoutFunction::apply(input, rate, static_cast<int64_t>(streams.seed()),
                                static_cast<int64_t>(streams.take()), streams.passes());
}

torch::Tensor dropout_in_each_pass(const torch::Tensor& input, double rate,
                                   DropoutStreams& streams) {
  assert(rate > 0.0 && rate < 1.0 && !torch::GradMode::is_enabled());
  std::vector<int64_t> sizes = input.sizes().vec();
  sizes.insert(sizes.begin(), streams.passes());
  const uint64_t stream = streams.take();
  if (!has_kernels(input)) {
    return masked(input.unsqueeze(0).expand(sizes), rate, streams.seed(), stream, streams.passes());
  }
  torch::Tensor out = torch::empty(sizes, input.options());
  run_masks(dropout_mask(rate, streams.seed(), stream), input.contiguous(), out, streams.passes(),
            /*alike=*/true);
  return out;
}

}  // namespace vqalign
