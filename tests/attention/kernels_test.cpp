#include "vqalign/attention/kernels.h"

#include <cstring>
#include <random>

#include "tests/attention/helpers.h"
#include "vqalign/attention/attention_weights.h"

namespace vqalign {
namespace {

using kernels::InstructionSet;
using kernels::Table;
using testing_helpers::difference;

constexpr InstructionSet kVectorSets[] = {InstructionSet::kAvx2, InstructionSet::kAvx512};

std::vector<float> normal(int64_t count, uint32_t seed) {
  std::mt19937 engine(seed);
  std::normal_distribution<float> distribution;
  std::vector<float> values(count);
  for (float& value : values) value = distribution(engine);
  return values;
}

std::vector<uint16_t> halves(const std::vector<float>& values) {
  std::vector<uint16_t> out(values.size());
  for (size_t i = 0; i < values.size(); ++i) out[i] = at::BFloat16(values[i]).x;
  return out;
}

template <typename Scalar>
std::vector<Scalar> data(int64_t count, uint32_t seed) {
  if constexpr (sizeof(Scalar) == 4) {
    return normal(count, seed);
  } else {
    return halves(normal(count, seed));
  }
}

/// Appends the bytes of a result, so that runs compare as one string.
template <typename Scalar>
void append(std::string& to, const std::vector<Scalar>& values) {
  to.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(Scalar));
}

/// Everything that a table computes on rows of one width, as bytes.
template <typename Scalar, typename Norm, typename NormGradient, typename Relu,
          typename ReluGradient, typename Softmax, typename SoftmaxGradient>
std::string run_all(int64_t width, Norm norm, NormGradient norm_gradient, Relu relu,
                    ReluGradient relu_gradient, Softmax softmax, SoftmaxGradient softmax_gradient) {
  const int64_t rows = 21, count = rows * width;
  const kernels::Mask mask{0x0123456789abcdef, 0xfedcba98, 0x40000000, 4.0f / 3};
  std::string bytes;
  const auto x = normal(count, 1), a = normal(width, 3), b = normal(width, 4),
             d_y = normal(count, 5);
  const auto update = data<Scalar>(count, 2);
  std::vector<float> y(count), statistics(2 * rows), d_x(count), d_a(width), d_b(width),
      scratch(kernels::scratch_floats(width));
  std::vector<Scalar> d_update(count);
  const kernels::ResidualNorm<Scalar> call{
      x.data(), update.data(), a.data(), b.data(), statistics.data(), width, 1e-6f, true, mask};
  norm(call, y.data(), 0, rows);
  norm_gradient(call,
                kernels::ResidualNormGradient<Scalar>{d_y.data(), d_x.data(), d_update.data(),
                                                      d_a.data(), d_b.data(), scratch.data()},
                0, rows);
  for (const auto& part : {y, statistics, d_x, d_a, d_b}) append(bytes, part);
  append(bytes, d_update);

  auto hidden = update;
  relu(mask, b.data(), hidden.data(), width, 0, rows);
  append(bytes, hidden);
  relu_gradient(mask.scale, hidden.data(), data<Scalar>(count, 6).data(), d_update.data(),
                d_a.data(), width, 0, rows);
  append(bytes, d_update);
  append(bytes, d_a);

  std::vector<int32_t> masked(kernels::round_up(width, 16));
  for (int64_t i = 1; i < width; i += 3) masked[i] = -1;
  std::vector<Scalar> weights(count), dropped(count);
  const kernels::SoftmaxDropout<Scalar> attention{weights.data(), masked.data(), width,
                                                  rows,           3.0f,          mask};
  softmax(attention, update.data(), dropped.data(), scratch.data(), 0, rows);
  append(bytes, weights);
  append(bytes, dropped);
  softmax_gradient(attention, update.data(), dropped.data(), scratch.data(), 0, rows);
  append(bytes, dropped);
  return bytes;
}

std::string run_float(const Table& t, int64_t width) {
  return run_all<float>(width, t.residual_norm_float, t.residual_norm_gradient_float,
                        t.bias_relu_float, t.bias_relu_gradient_float, t.softmax_float,
                        t.softmax_gradient_float);
}

std::string run_bfloat16(const Table& t, int64_t width) {
  return run_all<uint16_t>(width, t.residual_norm_bfloat16, t.residual_norm_gradient_bfloat16,
                           t.bias_relu_bfloat16, t.bias_relu_gradient_bfloat16, t.softmax_bfloat16,
                           t.softmax_gradient_bfloat16);
}

TEST(Kernels, EveryInstructionSetGivesTheSameBits) {
  const Table& baseline = *kernels::table(InstructionSet::kBaseline);
  for (const InstructionSet set : kVectorSets) {
    const Table* const table = kernels::table(set);
    if (table == nullptr) continue;
    for (const int64_t width : {2, 7, 15, 16, 17, 40, 64, 100, 513}) {
      EXPECT_TRUE(run_float(*table, width) == run_float(baseline, width)) << width;
      EXPECT_TRUE(run_bfloat16(*table, width) == run_bfloat16(baseline, width)) << width;
    }
  }
}

TEST(Kernels, MasksAreTheSameAcrossInstructionSetsAndFarOut) {
  const kernels::Mask mask{0x0123456789abcdef, 0x1122334455667788, 0x80000001, 2.0f};
  // The second start crosses 2^32 counters.
  for (const uint64_t first : {uint64_t{0}, (uint64_t{1} << 28) - 3, uint64_t{1} << 40}) {
    std::vector<uint64_t> expected(9), actual(9);
    kernels::table(InstructionSet::kBaseline)->keep_bits(mask, first, 9, expected.data());
    for (const InstructionSet set : kVectorSets) {
      const Table* const table = kernels::table(set);
      if (table == nullptr) continue;
      table->keep_bits(mask, first, 9, actual.data());
      EXPECT_EQ(actual, expected);
    }
  }
}

TEST(Kernels, Bfloat16RoundsAsLibTorchDoes) {
  std::vector<uint16_t> in(65536), out(65536);
  for (size_t i = 0; i < in.size(); ++i) in[i] = static_cast<uint16_t>(i);
  const float scale = 1.0f / 0.9f;
  kernels::best().dropout_bfloat16({1, 1, 0, scale}, in.data(), out.data(), 0, 65536);
  for (size_t i = 0; i < in.size(); ++i) {
    const float exact = static_cast<float>(at::BFloat16(in[i], at::BFloat16::from_bits())) * scale;
    if (std::isnan(exact)) {
      EXPECT_TRUE(std::isnan(static_cast<float>(at::BFloat16(out[i], at::BFloat16::from_bits()))));
    } else {
      ASSERT_EQ(out[i], at::BFloat16(exact).x) << i;
    }
  }
}

TEST(SoftmaxDropout, MatchesSoftmaxInDoubleOverTheWholeRange) {
  for (const double spread : {0.1, 1.0, 10.0, 100.0, 1e4}) {
    const torch::Tensor scores = torch::randn({2, 3, 5, 77}) * spread;
    const torch::Tensor weights = softmax_dropout(scores, {}, 1.0, 0.0, nullptr);
    const torch::Tensor expected = torch::softmax(scores.to(torch::kDouble), -1);
    EXPECT_LT(difference(weights, expected), 5e-7);
    // Relative to each weight too, where it is a normal number: what is left is the rounding of
    // score - maximum, which grows with the scores.
    const torch::Tensor relative =
        ((weights - expected).abs() / expected.clamp_min(1e-37)).masked_fill(expected < 1e-36, 0);
    EXPECT_LT(relative.max().item<double>(), 2e-6 + 2e-7 * spread);
  }
}

TEST(SoftmaxDropout, NaNAndInfinityAreNotHidden) {
  for (const float bad : {std::nanf(""), std::numeric_limits<float>::infinity()}) {
    torch::Tensor scores = torch::randn({1, 1, 2, 33});
    scores[0][0][0][20] = bad;
    const torch::Tensor weights = softmax_dropout(scores, {}, 1.0, 0.0, nullptr);
    EXPECT_TRUE(weights[0][0][0].isnan().any().item<bool>());
    EXPECT_FALSE(weights[0][0][1].isnan().any().item<bool>());
  }
}

TEST(SoftmaxDropout, MasksAreThoseOfDropout) {
  const torch::Tensor scores = torch::randn({3, 2, 9, 13});
  DropoutStreams one(5), two(5);
  const torch::Tensor fused = softmax_dropout(scores, {}, 0.5, 0.3, &one);
  const torch::Tensor apart = dropout(torch::softmax(scores * 0.5, -1), 0.3, two);
  EXPECT_TRUE(torch::equal(fused == 0, apart == 0));
  EXPECT_LT(difference(fused, apart), 1e-6);
}

}  // namespace
}  // namespace vqalign
