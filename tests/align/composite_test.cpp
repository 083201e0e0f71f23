#include "vqalign/align/composite.h"

#include <ATen/record_function.h>

#include "helpers.h"
#include "vqalign/core/error.h"

namespace vqalign {
namespace {

/// |x_i - y_j|^2, and the gradients of their sum weighted by `factors`, from the formulas.
struct Expected {
  torch::Tensor squares, of_x, of_y;

  Expected(const torch::Tensor& x, const torch::Tensor& y, const torch::Tensor& factors) {
    const torch::Tensor apart = x.unsqueeze(-2) - y.unsqueeze(-3);
    const torch::Tensor pull = 2 * factors.unsqueeze(-1) * apart;
    squares = apart.square().sum(-1);
    of_x = pull.sum(-2);
    of_y = -pull.sum(-3);
  }
};

thread_local int64_t most_seen = 0;

std::unique_ptr<at::ObserverContext> see_cdist(const at::RecordFunction& call) {
  if (std::string_view(call.name()) != "aten::_cdist_forward") return nullptr;
  const torch::Tensor x = call.inputs()[0].toTensor(), y = call.inputs()[1].toTensor();
  most_seen = std::max(most_seen, x.numel() * y.size(-2));
  return nullptr;
}

/// The most differences that work() has LibTorch's cdist() make at a time.
template <typename Work>
int64_t most_differences(const Work& work) {
  most_seen = 0;
  const auto handle =
      at::addThreadLocalCallback(at::RecordFunctionCallback(see_cdist).needsInputs(true));
  work();
  at::removeCallback(handle);
  return most_seen;
}

struct PiecesCase {
  std::string name;
  std::vector<int64_t> x, y;
};

void PrintTo(const PiecesCase& shape, std::ostream* out) {
  *out << shape.name;
}

class DistancesInPieces : public testing::TestWithParam<PiecesCase> {};

TEST_P(DistancesInPieces, ValuesAndGradientsAreThoseOfOnePiece) {
  torch::manual_seed(3);
  const auto f64 = torch::kFloat64;
  const torch::Tensor x = torch::randn(GetParam().x, f64), y = torch::randn(GetParam().y, f64);
  if (x.numel() > 0) x.flatten(0, -2)[0].copy_(y.flatten(0, -2)[0]);  // one pair coincides
  const torch::Tensor factors = torch::rand(composite::squared_distances(x, y).sizes(), f64);
  const Expected expected(x, y, factors);
  const int64_t width = x.size(-1), differences = x.numel() * y.size(-2);
  for (const int64_t most : {width, width + 1, 3 * width, y.size(-2) * width, differences / 2,
                             differences - 1, differences}) {
    if (most < width) continue;
    const torch::Tensor a = x.detach().clone().requires_grad_();
    const torch::Tensor b = y.detach().clone().requires_grad_();
    torch::Tensor squares;
    const int64_t made =
        most_differences([&] { squares = composite::squared_distances_in_pieces(a, b, most); });
    (squares * factors).sum().backward();
    const std::string what = concat(most, " at a time: ");
    EXPECT_LE(made, most) << what;
    EXPECT_GE(made, std::min(differences, width)) << what;
    expect_close(squares, expected.squares, 1e-12, what + "values");
    expect_close(a.grad(), expected.of_x, 1e-12, what + "gradient of x");
    expect_close(b.grad(), expected.of_y, 1e-12, what + "gradient of y");
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, DistancesInPieces,
                         testing::Values(PiecesCase{"heads", {3, 2, 5, 4}, {3, 2, 7, 4}},
                                         PiecesCase{"one_sample", {1, 3, 4, 2}, {1, 3, 3, 2}},
                                         PiecesCase{"one_head", {1, 1, 6, 3}, {1, 1, 5, 3}},
                                         PiecesCase{"no_samples", {6, 3}, {4, 3}},
                                         PiecesCase{"one_row", {2, 1, 3}, {2, 9, 3}},
                                         PiecesCase{"one_pair", {1, 1, 1, 5}, {1, 1, 1, 5}},
                                         PiecesCase{"no_query", {2, 2, 0, 3}, {2, 2, 4, 3}},
                                         PiecesCase{"no_batch", {0, 2, 4, 3}, {0, 2, 4, 3}}),
                         [](const auto& info) { return info.param.name; });

TEST(DistancesInPiecesError, APointOfMoreNumbersThanAreTakenIsTold) {
  const torch::Tensor x = torch::zeros({2, 3, 4});
  try {
    composite::squared_distances_in_pieces(x, x, 3);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "a point of 4 numbers; most are 3");
  }
}

}  // namespace
}  // namespace vqalign
