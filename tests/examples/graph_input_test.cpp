// Graphs from files, and what is said of bad ones.
#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include "block_model.h"
#include "graph_files.h"
#include "vqalign/core/atomic_file.h"
#include "vqalign/core/error.h"
#include "vqalign/core/formats/npz.h"

namespace graph_attention {
namespace {

using vqalign::NpzArray;

std::string message_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const vqalign::Error& error) {
    EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos) << error.what();
    return error.what();
  }
  ADD_FAILURE() << "nothing was thrown";
  return "";
}

/// Four nodes in a row, the last of them alone, three features.
RawGraph small_graph() {
  RawGraph raw;
  raw.name = "small";
  raw.features = {4, 3, {0, 2, 3, 3, 4}, {0, 2, 1, 2}, torch::tensor({1.F, 3.F, -2.F, 5.F})};
  raw.edges = {{0, 1}, {1, 2}, {2, 1}, {1, 1}};
  raw.labels = {0, 1, 0, -1};
  raw.train = {0, 1};
  raw.validation = {2};
  raw.test = {3};
  raw.labels[3] = 1;
  return raw;
}

struct Bad {
  std::string message;
  std::function<void(RawGraph&)> damage;
};

TEST(GraphInput, BadGraphsAreNamedInOneLine) {
  const Bad cases[] = {
      {"small: edge 1 (1 to 4) names node 4, there are 4 nodes",
       [](RawGraph& raw) { raw.edges[1].second = 4; }},
      {"small: edge 0 (-1 to 1) names node -1, there are 4 nodes",
       [](RawGraph& raw) { raw.edges[0].first = -1; }},
      {"small: node 2 has label 7, those of the train part are 0 to 1",
       [](RawGraph& raw) { raw.labels[2] = 7; }},
      {"small: node 2 has label -3, those of the train part are 0 to 1",
       [](RawGraph& raw) { raw.labels[2] = -3; }},
      {"small: node 1 of the train part has no label", [](RawGraph& raw) { raw.labels[1] = -1; }},
      {"small: the train part is empty", [](RawGraph& raw) { raw.train.clear(); }},
      {"small: the validation part is empty", [](RawGraph& raw) { raw.validation.clear(); }},
      {"small: the test part is empty", [](RawGraph& raw) { raw.test.clear(); }},
      {"small: the test part names node 9, there are 4 nodes",
       [](RawGraph& raw) { raw.test = {9}; }},
      {"small: node 0 of the test part is in a part already",
       [](RawGraph& raw) { raw.test = {0}; }},
      {"small: feature 2 of node 0 is nan, expected a finite number",
       [](RawGraph& raw) { raw.features.values[1] = NAN; }},
      {"small: features of node 1 name column 3, there are 3 columns",
       [](RawGraph& raw) { raw.features.indices[2] = 3; }},
      {"small: 3 labels for 4 rows of features", [](RawGraph& raw) { raw.labels.pop_back(); }},
      {"small: there are no nodes", [](RawGraph& raw) { raw.features.rows = 0; }},
  };
  for (const Bad& bad : cases) {
    RawGraph raw = small_graph();
    bad.damage(raw);
    EXPECT_EQ(message_of([&] { checked_graph(raw); }), bad.message);
  }
}

TEST(GraphInput, EdgesGoBothWaysOnceAndIsolatedNodesSeeThemselves) {
  const Graph graph = checked_graph(small_graph());
  EXPECT_EQ(graph.isolated, 1);
  EXPECT_EQ(graph.edges.starts, (std::vector<int64_t>{0, 2, 5, 7, 8}));
  EXPECT_TRUE(torch::equal(graph.edges.targets, torch::tensor({0, 0, 1, 1, 1, 2, 2, 3})));
  EXPECT_TRUE(torch::equal(graph.edges.sources, torch::tensor({0, 1, 0, 1, 2, 1, 2, 3})));
  EXPECT_TRUE(torch::equal(graph.features.values, torch::tensor({0.25F, 0.75F, -1.F, 1.F})));
  EXPECT_EQ(graph.classes, 2);
}

class GraphFile : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::path(testing::TempDir()) / "graph_attention_input";
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }

  void write(const char* name, const std::string& text) const {
    vqalign::write_file_atomic(folder_ / name, text);
  }

  std::string said() const {
    return message_of([&] { read_graph(folder_); });
  }

  std::filesystem::path folder_;
};

TEST_F(GraphFile, NpzAndTablesGiveTheSameGraph) {
  const RawGraph raw = small_graph();
  const auto numbers = [](const char* name, const std::vector<int64_t>& values) {
    return NpzArray{name, torch::tensor(values, torch::kInt64), {}};
  };
  std::vector<NpzArray> arrays = {
      numbers("feature_indptr", raw.features.starts),
      numbers("feature_indices", raw.features.indices),
      {"feature_values", raw.features.values, {}},
      numbers("features_shape", {4, 3}),
      {"edges", torch::tensor({0, 1, 2, 1, 1, 2, 1, 1}, torch::kInt64).view({2, 4}), {}},
      numbers("labels", raw.labels),
      numbers("train", raw.train),
      numbers("val", raw.validation),
      numbers("test", raw.test)};
  vqalign::write_npz(folder_ / "small.npz", arrays);
  write("nodes.csv",
        "label,part,a,b,c\n0,train,1,0,3\n1,train,0,-2,0\n0,val,0,0,0\n1,test,0,0,5\r\n");
  write("edges.csv", "source,target\n0,1\n1,2\n2,1\n1,1\n");
  for (const auto& path : {folder_ / "small.npz", folder_}) {
    const RawGraph read = read_graph(path);
    EXPECT_EQ(read.name, path.string());
    EXPECT_EQ(read.features.columns, 3);
    EXPECT_EQ(read.features.starts, raw.features.starts);
    EXPECT_EQ(read.features.indices, raw.features.indices);
    EXPECT_TRUE(torch::equal(read.features.values, raw.features.values));
    EXPECT_EQ(read.edges, raw.edges);
    EXPECT_EQ(read.labels, raw.labels);
    EXPECT_EQ(read.train, raw.train);
    EXPECT_EQ(read.validation, raw.validation);
    EXPECT_EQ(read.test, raw.test);
  }

  arrays[4].name = "links";
  vqalign::write_npz(folder_ / "other.npz", arrays);
  EXPECT_EQ(message_of([&] { read_graph(folder_ / "other.npz"); }),
            (folder_ / "other.npz").string() +
                ": has no array \"edges\", it has feature_indptr, feature_indices, feature_values, "
                "features_shape, links, labels, train, val, test");
  arrays[4] = {"edges", torch::zeros({8}, torch::kInt64), {}};
  arrays[0] = numbers("feature_indptr", {0, 2, 1, 3, 4});
  vqalign::write_npz(folder_ / "falls.npz", arrays);
  EXPECT_EQ(message_of([&] { read_graph(folder_ / "falls.npz"); }),
            (folder_ / "falls.npz").string() + ": feature_indptr falls at entry 2");
}

TEST_F(GraphFile, BadTablesAreNamedByLine) {
  const std::string nodes = (folder_ / "nodes.csv").string();
  const std::string edges = (folder_ / "edges.csv").string();
  EXPECT_EQ(said(), nodes + ": cannot be opened");
  write("nodes.csv", "");
  EXPECT_EQ(said(), nodes + ": is empty, expected a heading");
  write("nodes.csv", "part,label,a\n");
  EXPECT_EQ(said(), nodes + ": column 1 of the heading is \"part\", expected \"label\"");
  write("nodes.csv", "label,part,a\n0,train,1\n0,tset,1\n");
  EXPECT_EQ(said(), nodes + ": line 3, part is \"tset\", expected train, val, test or nothing");
  write("nodes.csv", "label,part,a\n0,train,1,2\n");
  EXPECT_EQ(said(), nodes + ": line 2 has 4 fields, the heading has 3");
  write("nodes.csv", "label,part,a\none,train,1\n");
  EXPECT_EQ(said(), nodes + ": line 2, label is \"one\", expected a number");
  write("nodes.csv", "label,part,a\n0,train,\n");
  EXPECT_EQ(said(), nodes + ": line 2, a is \"\", expected a number");
  write("nodes.csv", "label,part,a\n0,train,nan\n");
  EXPECT_EQ(said(), edges + ": cannot be opened");
  write("edges.csv", "source,target\n0,x\n");
  EXPECT_EQ(said(), edges + ": line 2, target is \"x\", expected a number");
}

TEST(BlockModel, IsTheSameForTheSameSeedAndLinksItsClasses) {
  const BlockModelOptions options;
  const RawGraph graph = block_model(options, 3), again = block_model(options, 3);
  EXPECT_EQ(graph.edges, again.edges);
  EXPECT_EQ(graph.features.indices, again.features.indices);
  EXPECT_NE(graph.edges, block_model(options, 4).edges);
  double inside = 0;
  for (const auto& [source, target] : graph.edges) {
    inside += graph.labels[source] == graph.labels[target];
  }
  // Each edge counts for two nodes. Means of 4 and 1 an node, five standard deviations wide.
  const double nodes = static_cast<double>(options.nodes);
  EXPECT_NEAR(2 * inside / nodes, options.edges_inside, 0.75);
  EXPECT_NEAR(2 * (static_cast<double>(graph.edges.size()) - inside) / nodes, options.edges_outside,
              0.4);
  EXPECT_EQ(graph.train.size(), 40u);
  EXPECT_EQ(graph.train.size() + graph.validation.size() + graph.test.size(), 400u);
  checked_graph(graph);
}

TEST(BlockModel, OfTooFewNodesIsRefused) {
  BlockModelOptions options;
  options.nodes = 47;
  EXPECT_THROW(block_model(options, 1), vqalign::UsageError);
}

}  // namespace
}  // namespace graph_attention
