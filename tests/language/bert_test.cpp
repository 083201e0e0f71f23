#include "vqalign/language/bert.h"

#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <cmath>
#include <filesystem>

#include "tests/core/formats/temporary_files.h"
#include "vqalign/core/formats/safetensors.h"

namespace vqalign {
namespace {

namespace fs = std::filesystem;
using testing_files::error_of;

fs::path bert_fixture(const std::string& name) {
  return fs::path(VQALIGN_SOURCE_DIR) / "tests/language/bert" / name;
}

/// What tests/oracle/bert.py computed.
const Safetensors& states_oracle() {
  static const Safetensors content = read_safetensors(bert_fixture("states.safetensors"));
  return content;
}

constexpr BertShape kTiny{
    .words = 63, .positions = 32, .layers = 2, .width = 32, .heads = 4, .feed_forward = 48};
constexpr SentenceMarks kMarks{.begin = 2, .end = 4};

Bert tiny_bert() {
  Bert network(kTiny);
  load_bert(network, bert_fixture("model.safetensors"));
  return network;
}

double distance(const torch::Tensor& a, const torch::Tensor& b) {
  return (a - b).abs().max().item<double>();
}

/// Where the oracle has tokens.
torch::Tensor read_rows(const torch::Tensor& states) {
  return states.masked_fill(states_oracle().find("padding").unsqueeze(2), 0);
}

TEST(Bert, StatesAreTransformers) {
  const torch::NoGradGuard no_grad;
  const Safetensors& oracle = states_oracle();
  const torch::Tensor padding = oracle.find("padding");
  const torch::Tensor found = tiny_bert()->forward(oracle.find("ids"), padding, {});
  EXPECT_EQ(found.sizes(), torch::IntArrayRef({4, 9, 32}));
  EXPECT_LT(distance(found, read_rows(oracle.find("states"))), 1e-5);
  EXPECT_EQ(found.masked_select(padding.unsqueeze(2)).abs().max().item<double>(), 0);
}

TEST(Bert, ARowAloneHasTheSameStates) {
  const torch::NoGradGuard no_grad;
  Bert network = tiny_bert();
  const torch::Tensor ids = states_oracle().find("ids");
  const torch::Tensor alone = network->forward(ids.slice(0, 1, 2).slice(1, 0, 4), {}, {});
  EXPECT_LT(distance(alone, states_oracle().find("states").slice(0, 1, 2).slice(1, 0, 4)), 1e-5);
}

TEST(Bert, GradientsAreTransformers) {
  const Safetensors& oracle = states_oracle();
  Bert network = tiny_bert();
  (network->forward(oracle.find("ids"), oracle.find("padding"), {}) * oracle.find("towards"))
      .sum()
      .backward();
  auto parameters = network->named_parameters();
  const auto expect = [&](const char* name, const char* golden) {
    const torch::Tensor wanted = oracle.find(golden);
    EXPECT_LT(distance(parameters[name].grad(), wanted), 1e-4 * wanted.abs().max().item<double>())
        << name;
  };
  expect("embeddings.word_embeddings.weight", "words_gradient");
  expect("encoder.layer.0.attention.self.query.weight", "query_gradient");
}

TEST(Bert, QuestionsAreReadAsSentences) {
  const torch::NoGradGuard no_grad;
  // The oracle's sentences without their marks.
  const torch::Tensor ids = states_oracle().find("ids"), padding = states_oracle().find("padding");
  const torch::Tensor lengths = padding.logical_not().sum(1) - 2;
  const torch::Tensor bare =
      ids.slice(1, 1, 8).masked_fill(torch::arange(7).unsqueeze(0) >= lengths.unsqueeze(1), 0);
  const torch::Tensor found = tiny_bert()->read(bare, kMarks, {});
  EXPECT_EQ(found.sizes(), torch::IntArrayRef({4, 7, 32}));
  const torch::Tensor of_tokens = bare.ne(0).unsqueeze(2);
  EXPECT_LT(distance(found * of_tokens, states_oracle().find("states").slice(1, 1, 8) * of_tokens),
            1e-5);
}

TEST(Bert, AQuestionWithoutWordsDependsOnNoOther) {
  const torch::NoGradGuard no_grad;
  Bert network = tiny_bert();
  const torch::Tensor empty = torch::zeros({1, 5}, torch::kLong);
  const torch::Tensor full = torch::tensor({{5, 6, 7, 8, 9}}, torch::kLong);
  const torch::Tensor together = network->read(torch::cat({empty, full}), kMarks, {});
  EXPECT_LT(distance(together[0], network->read(empty, kMarks, {})[0]), 1e-5);
  EXPECT_LT(distance(together[1], network->read(full, kMarks, {})[0]), 1e-5);
  EXPECT_TRUE(torch::isfinite(together).all().item<bool>());
}

TEST(Bert, TapsShowEachHeadOfEachLayer) {
  const torch::NoGradGuard no_grad;
  Bert network = tiny_bert();
  std::vector<AttentionTap> taps;
  AttentionContext context;
  context.request = {true, true};
  context.taps = &taps;
  const torch::Tensor tokens = torch::tensor({{5, 6, 7}, {8, 0, 0}}, torch::kLong);
  network->read(tokens, kMarks, context);
  ASSERT_EQ(taps.size(), 2u);
  for (std::size_t layer = 0; layer < taps.size(); ++layer) {
    EXPECT_EQ(taps[layer].family, AttentionFamily::kQuestionPretrained);
    EXPECT_EQ(taps[layer].layer, int64_t(layer));
    EXPECT_EQ(taps[layer].queries.sizes(), torch::IntArrayRef({2, 4, 5, 8}));
    EXPECT_EQ(taps[layer].keys.sizes(), torch::IntArrayRef({2, 4, 5, 8}));
    EXPECT_EQ(taps[layer].key_mask[1].sum().item<int64_t>(), 2);
    EXPECT_LT(distance(taps[layer].weights.sum(3), torch::ones({2, 4, 5})), 1e-5);
  }
  const torch::Tensor weights = taps[0].weights[1].slice(2, 3, 5);
  EXPECT_EQ(weights.abs().max().item<double>(), 0) << "nothing looks at padding";
}

TEST(Bert, SilencedHeadsChangeTheStates) {
  const torch::NoGradGuard no_grad;
  Bert network = tiny_bert();
  const torch::Tensor tokens = torch::tensor({{5, 6, 7}}, torch::kLong);
  const torch::Tensor before = network->read(tokens, kMarks, {});
  const std::vector<HeadSite> own = {{AttentionFamily::kQuestionPretrained, 1, 3}};
  const std::vector<HeadSite> other = {{AttentionFamily::kQuestionSelf, 1, 3}};
  AttentionContext context;
  context.silenced = &other;
  EXPECT_EQ(distance(network->read(tokens, kMarks, context), before), 0);
  context.silenced = &own;
  EXPECT_GT(distance(network->read(tokens, kMarks, context), before), 1e-3);
}

TEST(Bert, DropoutIsOfItsSeed) {
  const torch::NoGradGuard no_grad;
  Bert network = tiny_bert();
  const torch::Tensor tokens = torch::tensor({{5, 6, 7}}, torch::kLong);
  const auto with_seed = [&](uint64_t seed) {
    DropoutStreams streams(seed);
    AttentionContext context;
    context.dropout_rate = 0.1;
    context.streams = &streams;
    return network->read(tokens, kMarks, context);
  };
  EXPECT_EQ(distance(with_seed(1), with_seed(1)), 0);
  EXPECT_GT(distance(with_seed(1), with_seed(2)), 1e-3);
  EXPECT_GT(distance(with_seed(1), network->read(tokens, kMarks, {})), 1e-3);
}

/// The message of loading the tiny network's tensors as `change` leaves them.
std::string refusal_of(const std::function<void(NamedTensors&)>& change) {
  Safetensors content = read_safetensors(bert_fixture("model.safetensors"));
  for (auto& item : content.tensors) item.second = item.second.clone();
  change(content.tensors);
  const fs::path file = testing_files::fresh_path("bert.safetensors");
  write_safetensors(file, content);
  Bert network(kTiny);
  const std::string said = error_of([&] { load_bert(network, file); });
  fs::remove(file);
  return said.starts_with(file.string()) ? said.substr(file.string().size()) : said;
}

TEST(Bert, OtherNamesOfTheSameNetworkAreTaken) {
  EXPECT_EQ(refusal_of([](NamedTensors& tensors) {
              for (auto& item : tensors) item.first = "bert." + item.first;
              tensors.emplace_back("bert.pooler.dense.weight", torch::zeros({32, 32}));
              tensors.emplace_back("bert.embeddings.position_ids", torch::arange(32));
              tensors.emplace_back("cls.predictions.bias", torch::zeros({63}));
            }),
            "no Error");
}

TEST(Bert, OtherWeightsAreNamed) {
  EXPECT_EQ(refusal_of([](NamedTensors& tensors) {
              std::erase_if(tensors, [](const auto& item) {
                return item.first == "embeddings.LayerNorm.bias";
              });
            }),
            ": tensor embeddings.LayerNorm.bias is missing");
  EXPECT_EQ(refusal_of([](NamedTensors& tensors) {
              for (auto& [name, tensor] : tensors) {
                if (name == "embeddings.word_embeddings.weight") tensor = torch::zeros({64, 32});
              }
            }),
            ": tensor embeddings.word_embeddings.weight has shape [64, 32], the network asks for "
            "[63, 32]");
  EXPECT_EQ(refusal_of([](NamedTensors& tensors) {
              tensors.emplace_back("encoder.layer.2.output.dense.bias", torch::zeros({32}));
            }),
            ": tensor encoder.layer.2.output.dense.bias has no place in the network");
  EXPECT_NE(refusal_of([](NamedTensors& tensors) {
              tensors.front().second.fill_(NAN);
            }).find("holds NaN or infinity"),
            std::string::npos);
}

}  // namespace
}  // namespace vqalign
