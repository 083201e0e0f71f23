// Every instruction set's kernels against the plain ones, at sizes around those of vectors and
// tiles. That the plain ones are right is tested through the distances themselves.

#include "helpers.h"
#include "vqalign/align/kernels/dispatch.h"
#include "vqalign/align/kernels/memory.h"
#include "vqalign/core/philox.h"

namespace vqalign::kernels {
namespace {

/// Rows of random numbers, zero between `width` and its padded width.
class Rows {
 public:
  Rows(int64_t count, int64_t width, uint64_t seed)
      : floats_(count * padded(width)), rows_(floats_) {
    Random random(seed);
    for (int64_t i = 0; i < count; ++i) {
      for (int64_t j = 0; j < padded(width); ++j) {
        rows_.data()[i * padded(width) + j] =
            j < width ? static_cast<float>(random.uniform(-1, 1)) : 0.0F;
      }
    }
  }
  float* data() { return rows_.data(); }
  torch::Tensor tensor() { return torch::from_blob(data(), {floats_}).clone(); }

 private:
  int64_t floats_;
  Buffer rows_;
};

using Results = std::vector<torch::Tensor>;

class KernelsTest : public testing::TestWithParam<const Kernels*> {
 protected:
  static void expect_same(const std::function<Results(const Kernels&)>& run) {
    const Results actual = run(*GetParam());
    const Results expected = run(*available_kernels().back());
    for (std::size_t i = 0; i < expected.size(); ++i) {
      expect_close(actual[i], expected[i], 1e-5, "result " + std::to_string(i));
    }
  }
};

TEST_P(KernelsTest, NetworksAgree) {
  for (const auto& [count, width, hidden, outputs, highway] :
       {std::tuple<int64_t, int64_t, int64_t, int64_t, bool>{1, 1, 1, 1, true},
        {7, 15, 10, 1, true},
        {31, 33, 17, 10, false},
        {kTile, 64, 10, 10, true}}) {
    expect_same([&, count = count, width = width, hidden = hidden, outputs = outputs,
                 highway = highway](const Kernels& kernels) -> Results {
      Rows mix(width, 2 * padded(width), 1), mix_back(2 * padded(width), width, 2);
      Rows mix_bias(1, 2 * padded(width), 3), first(width, hidden, 4), first_back(hidden, width, 5);
      Rows first_bias(1, hidden, 6), second(hidden, outputs, 7), second_back(outputs, hidden, 8);
      Rows second_bias(1, outputs, 9), points(count, width, 10), given(count, outputs, 11);
      const Network network{width,
                            hidden,
                            outputs,
                            highway,
                            0.1F,
                            mix.data(),
                            mix_back.data(),
                            mix_bias.data(),
                            first.data(),
                            first_back.data(),
                            first_bias.data(),
                            second.data(),
                            second_back.data(),
                            second_bias.data()};
      Buffer scratch(network_scratch(network));
      Rows results(count, outputs, 12);
      kernels.network_forward(network, {count, points.data(), results.data(), scratch.data()});
      Rows mix_sum(2 * padded(width), width, 13), mix_bias_sum(1, 2 * padded(width), 14);
      Rows first_sum(hidden, width, 15), first_bias_sum(1, hidden, 16);
      Rows second_sum(outputs, hidden, 17), second_bias_sum(1, outputs, 18);
      kernels.network_backward(network, {count, points.data(), given.data(), scratch.data()},
                               {mix_sum.data(), mix_bias_sum.data(), first_sum.data(),
                                first_bias_sum.data(), second_sum.data(), second_bias_sum.data()});
      return {results.tensor(),      points.tensor(),         mix_sum.tensor(),
              mix_bias_sum.tensor(), first_sum.tensor(),      first_bias_sum.tensor(),
              second_sum.tensor(),   second_bias_sum.tensor()};
    });
  }
}

const std::pair<int64_t, int64_t> kSizes[] = {{1, 1}, {3, 2}, {15, 17}, {33, 16}, {100, 81}};

TEST_P(KernelsTest, ConditionalTransportsAgree) {
  for (const auto& [queries, keys] : kSizes) {
    expect_same([&, queries = queries, keys = keys](const Kernels& kernels) -> Results {
      Rows uq(queries, 10, 1), uk(keys, 10, 2), tq(queries, 17, 3), tk(keys, 17, 4);
      Buffer scratch(conditional_transport_scratch(queries, keys, 10, 17));
      const double value =
          kernels.conditional_transport({queries, keys, 10, 17, uq.data(), uk.data(), tq.data(),
                                         tk.data(), 0.3F, true, scratch.data()});
      return {torch::tensor({value}), uq.tensor(), uk.tensor(), tq.tensor(), tk.tensor()};
    });
  }
}

TEST_P(KernelsTest, OptimalTransportsAgree) {
  for (const auto& [queries, keys] : kSizes) {
    for (const int64_t block : {7, 1000}) {
      expect_same([&, queries = queries, keys = keys](const Kernels& kernels) -> Results {
        Rows q(queries, 9, 1), k(keys, 9, 2);
        Buffer scratch(optimal_transport_scratch(queries, keys, 9, block));
        const double value = kernels.optimal_transport(
            {queries, keys, 9, block, q.data(), k.data(), 0.1F, 20, true, scratch.data()});
        return {torch::tensor({value}), q.tensor(), k.tensor()};
      });
    }
  }
}

TEST_P(KernelsTest, MmdsAgree) {
  for (const auto& [queries, keys] : kSizes) {
    for (const int64_t block : {7, 1000}) {
      expect_same([&, queries = queries, keys = keys](const Kernels& kernels) -> Results {
        Rows points(queries + keys, 9, 1);
        Buffer scratch(mmd_scratch(queries + keys, 9, block));
        const double value =
            kernels.mmd({queries, keys, 9, block, points.data(), true, scratch.data()});
        return {torch::tensor({value}), points.tensor()};
      });
    }
  }
}

INSTANTIATE_TEST_SUITE_P(InstructionSets, KernelsTest, testing::ValuesIn(available_kernels()),
                         [](const auto& info) { return std::string(info.param->instruction_set); });

TEST(Kernels, TheWidestAreTaken) {
  EXPECT_EQ(&kernels(), available_kernels().front());
}

}  // namespace
}  // namespace vqalign::kernels
