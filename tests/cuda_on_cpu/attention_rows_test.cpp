// The launches between attention's matrix products, on threads of this machine, against their
// definitions in double and Philox element by element.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <random>

#include "cuda_on_cpu.h"
#include "element_array.h"
#include "launched.h"
#include "vqalign/attention/cuda/rows.h"
#include "vqalign/core/philox.h"

namespace vqalign::cuda {
namespace {

/// What a result may differ by, of the largest number.
double rounding(Element type) {
  return type == Element::kFloat ? 1e-5 : type == Element::kHalf ? 2e-3 : 1.6e-2;
}

struct RowCase {
  std::string name;
  int64_t parts, rows, width;
  double rate;
};

void PrintTo(const RowCase& shape, std::ostream* out) {
  *out << shape.name;
}

const RowCase kRowCases[] = {
    {"one_element", 1, 1, 1, 0.5},     {"one_row", 1, 1, 8, 0.3},
    {"nothing_dropped", 1, 9, 5, 0},   {"passes", 3, 5, 14, 0.3},
    {"aligned_passes", 2, 6, 64, 0.1}, {"regions", 1, 37, 100, 0.1},
    {"model_width", 1, 5, 512, 0.1},   {"many_rows", 1, 1000, 3, 0.2},
    {"wide", 1, 2, 4096, 0.1},
};

class RowsTest : public testing::TestWithParam<RowCase> {
 protected:
  static constexpr uint64_t kSeed = 0x123456789ABCDEF0, kStream = (uint64_t{1} << 33) + 5;
  static constexpr uint64_t kStride = uint64_t{1} << 40;

  static MaskedRows task() {
    const RowCase& on = GetParam();
    const double threshold = std::ceil(on.rate * 4294967296.0);
    return {on.parts,
            on.rows,
            on.width,
            {kSeed, kStream, static_cast<uint32_t>(threshold), static_cast<float>(factor())},
            kStride};
  }
  static double factor() { return 1.0 / (1.0 - GetParam().rate); }
  /// A type changes how numbers are read and rounded, whatever the shape: one shape has all.
  static std::vector<Element> elements() {
    if (GetParam().name != "passes") return {Element::kFloat};
    return {Element::kFloat, Element::kBfloat16, Element::kHalf};
  }
  static int64_t count() { return GetParam().parts * GetParam().rows * GetParam().width; }

  /// Whether element i of all parts is kept.
  static bool kept(int64_t i) {
    const int64_t of_part = GetParam().rows * GetParam().width, at = i % of_part;
    const auto counter = static_cast<uint64_t>(at / 64 * 16 + at % 16);
    const uint64_t stream = kStream + static_cast<uint64_t>(i / of_part) * kStride;
    const auto words = philox4x32({static_cast<uint32_t>(counter), 0, static_cast<uint32_t>(stream),
                                   static_cast<uint32_t>(stream >> 32)},
                                  {static_cast<uint32_t>(kSeed), uint32_t{kSeed >> 32}});
    return words[at % 64 / 16] >= GetParam().rate * 4294967296.0;
  }
  static double dropped(double x, int64_t i) { return kept(i) ? x * factor() : 0.0; }

  static Numbers random(int64_t numbers, uint32_t seed) {
    std::mt19937 engine(seed);
    std::normal_distribution<double> normal;
    Numbers result(numbers);
    for (double& number : result) number = normal(engine);
    return result;
  }
};

void expect_numbers(const Numbers& actual, const Numbers& expected, double tolerance,
                    const char* what) {
  ASSERT_EQ(actual.size(), expected.size());
  double largest = 1e-2;
  for (const double number : expected) largest = std::max(largest, std::abs(number));
  for (std::size_t i = 0; i < actual.size(); ++i) {
    ASSERT_NEAR(actual[i], expected[i], tolerance * largest) << what << " " << i;
  }
}

TEST_P(RowsTest, DropoutDropsWhatPhiloxSays) {
  MaskedRows flat = task();
  flat.width *= flat.rows;
  flat.rows = 1;
  for (const Element type : elements()) {
    const Launched launched;
    for (const bool alike : {false, true}) {
      Array in(type, random(alike ? flat.width : count(), 1)), out(type, count());
      ASSERT_STREQ(drop_out(flat, type, in.data(), alike, out.data(), nullptr), nullptr);
      const Numbers from = in.numbers(), actual = out.numbers();
      Numbers expected(count());
      for (int64_t i = 0; i < count(); ++i) {
        expected[i] = dropped(from[alike ? i % flat.width : i], i);
        ASSERT_EQ(actual[i] == 0.0, expected[i] == 0.0) << i;
      }
      expect_numbers(actual, expected, rounding(type), "element");
    }
    launched.expect(count_dropout(1, count()), 3 * count() + flat.width);
  }
}

TEST_P(RowsTest, BiasReluIsTheDefinition) {
  const int64_t width = GetParam().width, rows = count() / width;
  for (const Element type : elements()) {
    Array values(type, random(count(), 2)), bias(Element::kFloat, random(width, 3));
    const Numbers before = values.numbers(), biases = bias.numbers();
    const Launched launched;
    ASSERT_STREQ(bias_relu(task(), type, bias.floats(), values.data(), nullptr), nullptr);
    Array upstream(type, random(count(), 4)), to(type, count());
    Array partial(Element::kFloat, gradient_blocks(rows) * width), sums(Element::kFloat, width);
    const BiasReluGradient gradient{
        rows,      width,           static_cast<float>(factor()), values.data(), upstream.data(),
        to.data(), partial.floats()};
    ASSERT_STREQ(bias_relu_gradient(gradient, type, nullptr), nullptr);
    ASSERT_STREQ(
        partial_sums(partial.floats(), gradient_blocks(rows), width, sums.floats(), nullptr),
        nullptr);
    launched.expect(count_bias_relu(rows, width),
                    3 * count() + (gradient_blocks(rows) + 2) * width);
    const Numbers slopes = upstream.numbers();
    Numbers expected(count()), to_expected(count()), to_bias(width);
    for (int64_t i = 0; i < count(); ++i) {
      const double x = before[i] + biases[i % width];
      expected[i] = dropped(std::max(x, 0.0), i);
      to_expected[i] = x > 0.0 ? dropped(slopes[i], i) : 0.0;
      to_bias[i % width] += to_expected[i];
    }
    expect_numbers(values.numbers(), expected, rounding(type), "value");
    expect_numbers(to.numbers(), to_expected, rounding(type), "gradient");
    expect_numbers(sums.numbers(), to_bias, 1e-5, "gradient of the bias");
  }
}

/// A norm and the gradients of one row, straight from the derivatives of mean and deviation.
struct ExpectedNorm {
  ExpectedNorm(const double* z, const Numbers& a, const Numbers& b, const double* upstream,
               double eps) {
    const auto n = static_cast<double>(a.size());
    double mean = 0.0, squares = 0.0;
    for (std::size_t i = 0; i < a.size(); ++i) mean += z[i] / n;
    for (std::size_t i = 0; i < a.size(); ++i) squares += (z[i] - mean) * (z[i] - mean);
    const double deviation = std::sqrt(squares / (n - 1)), wide = deviation + eps;
    double along = 0.0, sum = 0.0;
    for (std::size_t i = 0; i < a.size(); ++i) {
      units.push_back((z[i] - mean) / wide);
      y.push_back(a[i] * units[i] + b[i]);
      along += upstream[i] * a[i] * (z[i] - mean) / (wide * wide);
      sum += upstream[i] * a[i] / wide;
    }
    for (std::size_t i = 0; i < a.size(); ++i) {
      const double of_deviation = (z[i] - mean) / ((n - 1) * deviation);
      to_z.push_back(upstream[i] * a[i] / wide - sum / n - along * of_deviation);
    }
  }
  Numbers units, y, to_z;
};

TEST_P(RowsTest, ResidualNormIsTheDefinition) {
  const int64_t width = GetParam().width, rows = count() / width;
  if (width == 1) return;  // one number has no deviation
  ASSERT_TRUE(residual_norm_fits(width));
  constexpr float kEps = 1e-6F;
  for (const Element type : elements()) {
    Array x(Element::kFloat, random(count(), 5)), update(type, random(count(), 6));
    Array a(Element::kFloat, random(width, 7)), b(Element::kFloat, random(width, 8));
    Array y(Element::kFloat, count()), statistics(Element::kFloat, 2 * rows);
    const ResidualNorm norm{task(),     x.floats(), update.data(),      a.floats(),
                            b.floats(), kEps,       statistics.floats()};
    const Launched launched;
    ASSERT_STREQ(residual_norm(norm, type, y.floats(), nullptr), nullptr);
    Array upstream(Element::kFloat, random(count(), 9)), to_x(Element::kFloat, count());
    Array to_update(type, count()), sums(Element::kFloat, 2 * width);
    Array partial(Element::kFloat, gradient_blocks(rows) * 2 * width);
    const ResidualNormGradient gradient{upstream.floats(), to_x.floats(), to_update.data(),
                                        partial.floats()};
    ASSERT_STREQ(residual_norm_gradient(norm, gradient, type, nullptr), nullptr);
    ASSERT_STREQ(
        partial_sums(partial.floats(), gradient_blocks(rows), 2 * width, sums.floats(), nullptr),
        nullptr);
    launched.expect(count_residual_norm(rows, width),
                    6 * count() + 2 * rows + (2 * gradient_blocks(rows) + 4) * width);
    Numbers z = x.numbers(), expected, to_z, to_expected(count()), to_ab(2 * width);
    const Numbers updates = update.numbers(), slopes = upstream.numbers();
    for (int64_t i = 0; i < count(); ++i) z[i] += dropped(updates[i], i);
    for (int64_t row = 0; row < rows; ++row) {
      const double* slope = slopes.data() + row * width;
      const ExpectedNorm found(z.data() + row * width, a.numbers(), b.numbers(), slope, kEps);
      expected.insert(expected.end(), found.y.begin(), found.y.end());
      to_z.insert(to_z.end(), found.to_z.begin(), found.to_z.end());
      for (int64_t i = 0; i < width; ++i) {
        to_ab[i] += slope[i] * found.units[i];
        to_ab[width + i] += slope[i];
      }
    }
    for (int64_t i = 0; i < count(); ++i) to_expected[i] = dropped(to_z[i], i);
    expect_numbers(y.numbers(), expected, 1e-5, "value");
    expect_numbers(to_x.numbers(), to_z, 1e-5, "gradient");
    expect_numbers(to_update.numbers(), to_expected, rounding(type), "gradient of the update");
    expect_numbers(sums.numbers(), to_ab, 1e-5, "gradient of a and b");
  }
}

TEST_P(RowsTest, AttentionWeightsAreTheDefinition) {
  const int64_t keys = GetParam().width, rows = count() / keys;
  ASSERT_TRUE(attention_weights_fit(keys));
  // Rows share masks by three; the first mask hides all keys, the others each third one.
  const int64_t masks = (rows + 2) / 3;
  const auto padding = std::make_unique<bool[]>(masks * keys);
  for (int64_t i = 0; i < masks * keys; ++i) padding[i] = i < keys || i % 3 == 1;
  for (const Element type : elements()) {
    Array scores(type, random(count(), 10)), weights(type, count()), out(type, count());
    const AttentionWeights attention{task(), padding.get(), 3, 0.7F, weights.data()};
    const Launched launched;
    ASSERT_STREQ(attention_weights(attention, type, scores.data(), out.data(), nullptr), nullptr);
    Array upstream(type, random(count(), 11)), to(type, count());
    ASSERT_STREQ(attention_weights_gradient(attention, type, upstream.data(), to.data(), nullptr),
                 nullptr);
    launched.expect(count_attention_weights(rows, keys), 5 * count());
    const Numbers from = scores.numbers(), slopes = upstream.numbers();
    Numbers expected(count()), expected_out(count()), expected_to(count());
    for (int64_t row = 0; row < rows; ++row) {
      const auto hidden = [&](int64_t key) { return padding[row / 3 * keys + key]; };
      double largest = -INFINITY, sum = 0.0, product = 0.0;
      const auto score = [&](int64_t key) {
        return hidden(key) ? -1e9 : from[row * keys + key] * 0.7F;
      };
      for (int64_t key = 0; key < keys; ++key) largest = std::max(largest, score(key));
      for (int64_t key = 0; key < keys; ++key) sum += std::exp(score(key) - largest);
      for (int64_t key = 0; key < keys; ++key) {
        const int64_t i = row * keys + key;
        expected[i] = std::exp(score(key) - largest) / sum;
        expected_out[i] = dropped(expected[i], i);
        product += dropped(slopes[i], i) * expected[i];
      }
      for (int64_t key = 0; key < keys; ++key) {
        const int64_t i = row * keys + key;
        if (!hidden(key)) expected_to[i] = expected[i] * (dropped(slopes[i], i) - product) * 0.7F;
      }
    }
    expect_numbers(weights.numbers(), expected, rounding(type), "weight");
    if (GetParam().rate > 0) expect_numbers(out.numbers(), expected_out, rounding(type), "dropped");
    expect_numbers(to.numbers(), expected_to, rounding(type), "gradient");
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, RowsTest, testing::ValuesIn(kRowCases),
                         [](const auto& info) { return info.param.name; });

TEST(Rows, ReluLetsNanThroughBothWays) {
  Array values(Element::kFloat, {NAN, -1, 2}), bias(Element::kFloat, {0, 0, 0});
  ASSERT_STREQ(bias_relu({1, 1, 3, {}, 0}, Element::kFloat, bias.floats(), values.data(), nullptr),
               nullptr);
  const Numbers y = values.numbers();
  EXPECT_TRUE(std::isnan(y[0]) && y[1] == 0 && y[2] == 2) << y[0] << " " << y[1] << " " << y[2];
  Array upstream(Element::kFloat, {3, 4, 5}), to(Element::kFloat, 3), partial(Element::kFloat, 3);
  const BiasReluGradient gradient{
      1, 3, 1, values.data(), upstream.data(), to.data(), partial.floats()};
  ASSERT_STREQ(bias_relu_gradient(gradient, Element::kFloat, nullptr), nullptr);
  EXPECT_EQ(to.numbers(), (Numbers{3, 0, 5}));
}

TEST(Rows, BlocksWithoutRowsLeaveSumsOfNothing) {
  constexpr int64_t kRows = 20'481;  // 17 for each block: 1,205 of the most blocks have any
  ASSERT_EQ(gradient_blocks(kRows), 1280);
  Array values(Element::kFloat, Numbers(kRows, 1)), upstream(Element::kFloat, Numbers(kRows, 2));
  Array to(Element::kFloat, kRows), partial(Element::kFloat, 1280), sum(Element::kFloat, 1);
  ASSERT_STREQ(bias_relu_gradient(
                   {kRows, 1, 0.5F, values.data(), upstream.data(), to.data(), partial.floats()},
                   Element::kFloat, nullptr),
               nullptr);
  EXPECT_EQ(partial.numbers()[1205], 0);
  EXPECT_EQ(to.numbers(), Numbers(kRows, 1));
  ASSERT_STREQ(partial_sums(partial.floats(), 1280, 1, sum.floats(), nullptr), nullptr);
  EXPECT_EQ(sum.numbers(), Numbers{kRows});
}

TEST(Rows, WiderThanABlockHoldsDoNotFit) {
  EXPECT_TRUE(residual_norm_fits(6000));
  EXPECT_FALSE(residual_norm_fits(20000));
  EXPECT_TRUE(attention_weights_fit(10000));
  EXPECT_FALSE(attention_weights_fit(20000));
}

}  // namespace
}  // namespace vqalign::cuda
