#include "vqalign/attention/dropout.h"

#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include <cassert>

#include "vqalign/core/philox.h"

namespace vqalign {

namespace {

constexpr int64_t kBlock = 64;

template <typename Scalar>
void apply(const Scalar* in, Scalar* out, int64_t count, double rate, uint64_t seed,
           uint64_t stream) {
  const auto threshold = static_cast<uint32_t>(rate * 4294967296.0);
  const auto scale = static_cast<float>(1.0 / (1.0 - rate));
  at::parallel_for(0, (count + kBlock - 1) / kBlock, 64, [&](int64_t begin, int64_t end) {
    for (int64_t block = begin; block < end; ++block) {
      for (uint64_t lane = 0; lane < 16; ++lane) {
        const uint64_t counter = block * 16 + lane;
        const auto words =
            philox4x32({static_cast<uint32_t>(counter), static_cast<uint32_t>(counter >> 32),
                        static_cast<uint32_t>(stream), static_cast<uint32_t>(stream >> 32)},
                       {static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32)});
        for (int64_t word = 0; word < 4; ++word) {
          const int64_t i = block * kBlock + word * 16 + lane;
          if (i < count) {
            out[i] = words[word] >= threshold
                         ? static_cast<Scalar>(static_cast<float>(in[i]) * scale)
                         : Scalar(0);
          }
        }
      }
    }
  });
}

torch::Tensor masked(const torch::Tensor& input, double rate, uint64_t seed, uint64_t stream) {
  const torch::Tensor in = input.contiguous();
  torch::Tensor out = torch::empty_like(in);
  AT_DISPATCH_FLOATING_TYPES_AND(at::kBFloat16, in.scalar_type(), "dropout", [&] {
    apply(in.const_data_ptr<scalar_t>(), out.mutable_data_ptr<scalar_t>(), in.numel(), rate, seed,
          stream);
  });
  return out;
}

struct DropoutFunction : torch::autograd::Function<DropoutFunction> {
  static torch::Tensor forward(torch::autograd::AutogradContext* context,
                               const torch::Tensor& input, double rate, int64_t seed,
                               int64_t stream) {
    context->saved_data["rate"] = rate;
    context->saved_data["seed"] = seed;
    context->saved_data["stream"] = stream;
    return masked(input, rate, static_cast<uint64_t>(seed), static_cast<uint64_t>(stream));
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    return {masked(gradients[0], context->saved_data["rate"].toDouble(),
                   static_cast<uint64_t>(context->saved_data["seed"].toInt()),
                   static_cast<uint64_t>(context->saved_data["stream"].toInt())),
            torch::Tensor(), torch::Tensor(), torch::Tensor()};
  }
};

}  // namespace

torch::Tensor dropout(const torch::Tensor& input, double rate, DropoutStreams& streams) {
  assert(rate >= 0.0 && rate < 1.0);
  if (rate == 0.0) return input;
  return DropoutFunction::apply(input, rate, static_cast<int64_t>(streams.seed()),
                                static_cast<int64_t>(streams.take()));
}

}  // namespace vqalign
