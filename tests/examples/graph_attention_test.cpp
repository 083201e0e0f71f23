// The parts of the graph attention example against dense matrices and finite differences.
#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include "block_model.h"
#include "edge_functions.h"
#include "results.h"
#include "training.h"
#include "vqalign/core/atomic_file.h"

namespace graph_attention {
namespace {

Graph test_graph() {
  BlockModelOptions options;
  options.nodes = 200;
  return checked_graph(block_model(options, 5));
}

/// bool [targets, sources]
torch::Tensor adjacency(const Edges& edges) {
  torch::Tensor matrix = torch::zeros({edges.nodes, edges.nodes}, torch::kBool);
  return matrix.index_put_({edges.targets, edges.sources}, torch::tensor(true));
}

void expect_near(const torch::Tensor& actual, const torch::Tensor& expected, const char* what) {
  ASSERT_EQ(actual.sizes(), expected.sizes()) << what;
  EXPECT_LT((actual - expected).abs().max().item<double>(),
            1e-5 * (1 + expected.abs().max().item<double>()))
      << what;
}

TEST(EdgeFunctions, SparseProductIsTheDenseOne) {
  const Graph graph = test_graph();
  const SparseRows& rows = graph.features;
  torch::Tensor dense = torch::zeros({rows.rows, rows.columns});
  const torch::Tensor values = rows.values * torch::rand_like(rows.values);
  for (int64_t row = 0; row < rows.rows; ++row) {
    for (int64_t at = rows.starts[row]; at < rows.starts[row + 1]; ++at) {
      dense[row][rows.indices[at]] = values[at];
    }
  }
  const torch::Tensor weight = torch::randn({rows.columns, 5}).requires_grad_();
  const torch::Tensor same = weight.detach().clone().requires_grad_();
  const torch::Tensor product = sparse_product(rows, values, weight);
  const torch::Tensor expected = torch::mm(dense, same);
  expect_near(product, expected, "product");
  product.square().sum().backward();
  expected.square().sum().backward();
  expect_near(weight.grad(), same.grad(), "gradient");
}

TEST(EdgeFunctions, SoftmaxAndSumAreThoseOfTheMaskedMatrix) {
  const Graph graph = test_graph();
  const Edges& edges = graph.edges;
  constexpr int64_t kHeads = 3, kWidth = 4;
  const auto leaf = [](const torch::Tensor& x) { return x.detach().clone().requires_grad_(); };
  const torch::Tensor logits = torch::randn({edges.sources.size(0), kHeads}) * 20;
  const torch::Tensor values = torch::randn({edges.nodes, kHeads, kWidth});
  const torch::Tensor a = leaf(logits), b = leaf(logits), u = leaf(values), v = leaf(values);
  const torch::Tensor weights = edge_softmax(edges, a);
  const torch::Tensor sum = edge_sum(edges, weights, u);

  const torch::Tensor full = torch::full({edges.nodes, edges.nodes, kHeads}, -INFINITY)
                                 .index_put({edges.targets, edges.sources}, b);
  const torch::Tensor dense = torch::softmax(full, 1);
  const torch::Tensor expected = torch::einsum("ijh,jhw->ihw", {dense, v});
  expect_near(weights, dense.index({edges.targets, edges.sources}), "weights");
  expect_near(sum, expected, "sum");
  EXPECT_EQ(dense.masked_select(adjacency(edges).logical_not().unsqueeze(2)).sum().item<float>(),
            0.F);
  const torch::Tensor upstream = torch::randn_like(sum);
  (sum * upstream).sum().backward();
  (expected * upstream).sum().backward();
  expect_near(a.grad(), b.grad(), "gradient of logits");
  expect_near(u.grad(), v.grad(), "gradient of values");
}

TEST(Gat, TapsAreWhatTheScoresAreMadeOf) {
  const Graph graph = test_graph();
  for (const Score score : {Score::kAdditive, Score::kDot}) {
    torch::manual_seed(1);
    GatOptions options;
    options.score = score;
    Gat network(graph, options);
    std::vector<Tap> taps;
    const torch::Tensor logits = network->forward(graph, nullptr, &taps);
    EXPECT_EQ(logits.sizes(), (std::vector<int64_t>{200, 4}));
    ASSERT_EQ(taps.size(), 2u);
    EXPECT_EQ(taps[0].queries.sizes(), (std::vector<int64_t>{200, 8, 8}));
    EXPECT_EQ(taps[1].keys.sizes(), (std::vector<int64_t>{200, 1, 4}));
    // Their gradient reaches the parameters: what draws them together trains the projections.
    (taps[0].queries.square().sum() + taps[0].keys.square().sum()).backward();
    const auto parameters = network->named_parameters();
    const char* name = score == Score::kDot ? "first.to_keys" : "first.right";
    EXPECT_GT(parameters[name].grad().abs().sum().item<float>(), 0.F);
    EXPECT_TRUE(torch::equal(network->forward(graph, nullptr, nullptr), logits));
  }
}

TEST(HeadAlignment, SetsAreAllNodesSomeOrNeighbourhoods) {
  const Graph graph = test_graph();
  torch::manual_seed(2);
  // Keys are the queries moved: in every kind of set the distance is 0 before and not after.
  const torch::Tensor points = torch::randn({200, 2, 3});
  for (const char* sets : {"nodes", "neighbourhood"}) {
    for (const int64_t some : {0, 50}) {
      AlignmentOptions options;
      options.kind = "mmd";
      options.sets = sets;
      options.points = some;
      options.layers = {0};
      HeadAlignment alignment(options, {3});
      vqalign::Random random(1);
      EXPECT_NEAR(alignment.forward({{points, points}}, graph.edges, random).item<double>(), 0,
                  1e-5);
      EXPECT_GT(alignment.forward({{points, points + 1}}, graph.edges, random).item<double>(), 0.1)
          << sets;
    }
  }
}

/// As in the program: operations on small graphs are too small to be divided.
class Training : public testing::Test {
 protected:
  void SetUp() override { torch::set_num_threads(1); }
  void TearDown() override { torch::set_num_threads(threads_); }

 private:
  int threads_ = torch::get_num_threads();
};

TEST_F(Training, LearnsTheBlockModelWithEveryKindAndIsDeterministic) {
  const Graph graph = test_graph();
  const vqalign::CancelToken cancel;
  for (const char* kind : {"none", "gan", "ct", "ot", "mmd"}) {
    TrainingOptions options;
    options.alignment.kind = kind;
    options.alignment.points = 60;
    options.epochs = 100;
    const auto run = train(graph, options, 7, cancel);
    const auto again = train(graph, options, 7, cancel);
    EXPECT_GT(run.test, 45) << kind;  // chance: 25
    EXPECT_EQ(run.test, again.test) << kind;
    EXPECT_EQ(run.validation_loss, again.validation_loss) << kind;
    EXPECT_LE(run.best_epoch, run.epochs);
  }
}

TEST_F(Training, StopsWhenValidationDoes) {
  const Graph graph = test_graph();
  TrainingOptions options;
  options.patience = 3;
  options.learning_rate = 0.05;
  options.epochs = 1000;
  EXPECT_LT(train(graph, options, 1, vqalign::CancelToken()).epochs, 1000);
  vqalign::CancelToken stop;
  stop.request();
  EXPECT_THROW(train(graph, options, 1, stop), vqalign::Cancelled);
}

TEST(Results, PairedTestIsStudents) {
  // t = 1.912649; of 4 degrees of freedom, with tan(a) = t / 2, p = 1 - sin(a) (1 + cos(a)^2 / 2).
  EXPECT_NEAR(paired_p_value({1, 2, -0.5, 0.25, 1.5}), 0.1283535, 1e-6);
  EXPECT_EQ(paired_p_value({0, 0}), 1);
  EXPECT_EQ(paired_p_value({1, 1}), 0);
}

TEST(Results, TableAndRuns) {
  const std::vector<Setting> settings = {
      {"none", {{1, 80, 79, 0.5, 10, 20, 1.5}, {2, 82, 80, 0.4, 11, 30, 2.5}}},
      {"ct", {{1, 81, 79, 0.5, 10, 20, 1.5}, {2, 82, 80, 0.4, 11, 30, 2.5}}}};
  const std::string table = results_table(settings);
  // t(0.975, 1) = 12.706; standard deviations sqrt(2) and sqrt(0.5).
  EXPECT_NE(table.find("| none | 81.00 ± 12.71 |  | 79.50 ± 6.35 | 25 | 2.0 |\n"),
            std::string::npos)
      << table;
  EXPECT_NE(table.find("| ct | 81.50 ± 6.35 | +0.50 ± 6.35, p 0.500 |"), std::string::npos)
      << table;
  const auto path = std::filesystem::path(testing::TempDir()) / "graph_attention_runs.csv";
  write_runs(path, settings);
  EXPECT_EQ(vqalign::read_file(path, 1000),
            "setting,seed,test,validation,validation_loss,best_epoch,epochs,seconds\n"
            "none,1,80.00,79.00,0.5000,10,20,1.50\nnone,2,82.00,80.00,0.4000,11,30,2.50\n"
            "ct,1,81.00,79.00,0.5000,10,20,1.50\nct,2,82.00,80.00,0.4000,11,30,2.50\n");
}

}  // namespace
}  // namespace graph_attention
