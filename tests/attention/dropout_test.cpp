#include "vqalign/attention/dropout.h"

#include <torch/utils.h>

#include "tests/attention/helpers.h"
#include "vqalign/core/philox.h"

namespace vqalign {
namespace {

using testing_helpers::ThreadsGuard;

// The vectors that come with Random123 (kat_vectors, philox4x32 10 rounds).
TEST(Philox, KnownAnswers) {
  using Words = std::array<uint32_t, 4>;
  EXPECT_EQ(philox4x32({0, 0, 0, 0}, {0, 0}),
            (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(philox4x32({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}),
            (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

// Element 64 b + 16 w + l is kept when word w of counter 16 b + l reaches the threshold.
TEST(Dropout, MaskIsPhiloxElementByElement) {
  const uint64_t seed = 0x123456789abcdef0, stream = 0xfedcba9876543210;
  const double rate = 0.3;
  for (const int64_t count : {1, 15, 16, 17, 63, 64, 65, 1000, 4099}) {
    DropoutStreams streams(seed, stream);
    const torch::Tensor out = dropout(torch::ones(count), rate, streams);
    for (int64_t i = 0; i < count; ++i) {
      const uint64_t counter = i / 64 * 16 + i % 16;
      const uint32_t word =
          philox4x32({static_cast<uint32_t>(counter), static_cast<uint32_t>(counter >> 32),
                      static_cast<uint32_t>(stream), static_cast<uint32_t>(stream >> 32)},
                     {static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32)})[i % 64 / 16];
      const float expected = word >= rate * 4294967296.0 ? static_cast<float>(1 / (1 - rate)) : 0;
      ASSERT_EQ(out[i].item<float>(), expected) << "element " << i << " of " << count;
    }
  }
}

TEST(Dropout, PassesInABatchHaveTheMasksTheyHaveAlone) {
  const torch::InferenceMode no_gradients;
  const double rate = 0.3;
  for (const torch::Dtype type : {torch::kFloat, torch::kBFloat16, torch::kDouble}) {
    for (const int64_t count : {1, 63, 64, 100, 70'000}) {
      const torch::Tensor input = torch::ones({1, count}, type);
      DropoutStreams streams = DropoutStreams::of_passes(9, 2, 3), same = streams;
      streams.take();
      same.take();
      const torch::Tensor batch = dropout(input.repeat({3, 1}), rate, streams);
      const torch::Tensor spread = dropout_in_each_pass(input[0], rate, same);
      EXPECT_TRUE(torch::equal(batch, spread));
      EXPECT_EQ(streams.next(), same.next());
      for (int64_t part = 0; part < 3; ++part) {
        DropoutStreams alone = DropoutStreams::of_passes(9, 2 + part, 1);
        alone.take();
        EXPECT_TRUE(torch::equal(batch[part], dropout(input, rate, alone)[0])) << count;
      }
    }
  }
}

TEST(Dropout, DropsAtTheRateAndKeepsTheMean) {
  DropoutStreams streams(3);
  const int64_t count = 1 << 22;
  for (const double rate : {0.01, 0.1, 0.5, 0.9, 0.999}) {
    const torch::Tensor out = dropout(torch::ones(count), rate, streams);
    const double dropped = (out == 0).sum().item<double>() / count;
    const double deviation = std::sqrt(rate * (1 - rate) / count);
    EXPECT_NEAR(dropped, rate, 5 * deviation);
    EXPECT_NEAR(out.mean().item<double>(), 1.0, 5 * deviation / (1 - rate) + 1e-6);
  }
}

TEST(Dropout, StreamsAndNeighboursAreIndependent) {
  DropoutStreams streams(11);
  const int64_t count = 1 << 20;
  const torch::Tensor first = dropout(torch::ones(count), 0.5, streams) - 1;
  const torch::Tensor second = dropout(torch::ones(count), 0.5, streams) - 1;
  const double bound = 5 / std::sqrt(static_cast<double>(count));
  EXPECT_LT(std::abs((first * second).mean().item<double>()), bound);
  for (const int64_t lag : {1, 2, 15, 16, 17, 32, 48, 64, 1024}) {
    const torch::Tensor product = first.slice(0, lag, count) * first.slice(0, 0, count - lag);
    EXPECT_LT(std::abs(product.mean().item<double>()), bound) << "lag " << lag;
  }
}

TEST(Dropout, SameMaskForAnyThreadCount) {
  const ThreadsGuard guard;
  const torch::Tensor input = torch::randn({300, 501});
  std::vector<torch::Tensor> outputs;
  for (const int threads : {1, 2, 5}) {
    at::set_num_threads(threads);
    DropoutStreams streams(5, 40);
    outputs.push_back(dropout(input, 0.1, streams));
  }
  EXPECT_TRUE(torch::equal(outputs[0], outputs[1]));
  EXPECT_TRUE(torch::equal(outputs[0], outputs[2]));
}

TEST(Dropout, BackwardUsesTheForwardMask) {
  for (const auto dtype : {torch::kFloat, torch::kBFloat16, torch::kDouble}) {
    DropoutStreams streams(5);
    const torch::Tensor input = torch::ones({70, 33}, dtype).requires_grad_();
    const torch::Tensor out = dropout(input, 0.4, streams);
    out.backward(torch::ones_like(out));
    EXPECT_TRUE(torch::equal(input.grad(), out)) << dtype;
    EXPECT_GT((out == 0).sum().item<int64_t>(), 0);
  }
}

TEST(Dropout, ResumesFromSeedAndNext) {
  DropoutStreams streams(9, 100);
  const torch::Tensor input = torch::ones(500);
  dropout(input, 0.2, streams);
  DropoutStreams resumed(streams.seed(), streams.next());
  EXPECT_EQ(resumed.next(), 101u);
  const torch::Tensor expected = dropout(input, 0.2, streams);
  EXPECT_TRUE(torch::equal(dropout(input, 0.2, resumed), expected));
  EXPECT_FALSE(torch::equal(dropout(input, 0.2, resumed), expected));
}

TEST(Dropout, AllTypesShareOneMask) {
  const torch::Tensor input = torch::randn({41, 29});
  DropoutStreams one(2), two(2), three(2);
  const torch::Tensor single = dropout(input, 0.25, one);
  const torch::Tensor half = dropout(input.to(torch::kBFloat16), 0.25, two);
  EXPECT_EQ(half.scalar_type(), torch::kBFloat16);
  EXPECT_TRUE(torch::equal(single == 0, half == 0));
  EXPECT_TRUE(torch::equal(single == 0, dropout(input.to(torch::kDouble), 0.25, three) == 0));
  EXPECT_TRUE(torch::allclose(half.to(torch::kFloat), single, 1e-2, 1e-2));
}

TEST(Dropout, NonContiguousInputIsRowMajorInItsOwnShape) {
  const torch::Tensor input = torch::randn({30, 20});
  DropoutStreams one(2), two(2);
  const torch::Tensor expected = dropout(input.t().contiguous(), 0.5, one);
  EXPECT_TRUE(torch::equal(dropout(input.t(), 0.5, two), expected));
}

TEST(Dropout, NonContiguousGradient) {
  DropoutStreams streams(2);
  const torch::Tensor input = torch::ones({30, 20}).requires_grad_();
  const torch::Tensor out = dropout(input, 0.5, streams);
  out.t().contiguous().backward(torch::ones({20, 30}).t().contiguous().t());
  EXPECT_TRUE(torch::equal(input.grad(), out));
}

TEST(Dropout, RateZeroAndEmptyInput) {
  DropoutStreams streams(1);
  const torch::Tensor input = torch::randn({3, 4});
  EXPECT_TRUE(dropout(input, 0.0, streams).is_same(input));
  EXPECT_EQ(streams.next(), 0u);
  EXPECT_EQ(dropout(torch::ones({0, 7}), 0.5, streams).sizes(), (at::IntArrayRef{0, 7}));
}

TEST(Dropout, ExtremeValuesPassThrough) {
  DropoutStreams streams(1);
  const float infinity = std::numeric_limits<float>::infinity();
  const torch::Tensor out = dropout(torch::full({1000}, infinity), 0.5, streams);
  EXPECT_TRUE(((out == 0) | (out == infinity)).all().item<bool>());
}

}  // namespace
}  // namespace vqalign
