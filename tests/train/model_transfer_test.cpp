#include "vqalign/train/model_transfer.h"

#include <algorithm>

#include "tests/train/training_fixture.h"
#include "vqalign/core/formats/named_tensors.h"
#include "vqalign/fusion/model_file.h"

namespace vqalign {
namespace {

class ModelTransfer : public TrainingTest {};

TEST_F(ModelTransfer, MatchesBySpelling) {
  train(request("first"));
  ModelBundle source = load_model(folder_ / "first");
  // Another list of words and answers: half of them known, in another order.
  ModelBundle target = ModelBundle::create(source.config, Vocabulary({"circle", "zebra", "is"}),
                                           {"no", "banana", "yes"}, {0, 0, 0});
  const TransferReport report = transfer_weights(source, target);
  EXPECT_EQ(report.words, 3);
  EXPECT_EQ(report.answers, 3);
  EXPECT_EQ(report.answers_matched, 2);
  EXPECT_TRUE(report.not_matched.empty());
  const auto row = [](const ModelBundle& bundle, const std::string& name, int64_t index) {
    return bundle.model->named_parameters()[name][index].detach();
  };
  const auto index_of = [&](const std::string& answer) {
    return std::find(source.answers.begin(), source.answers.end(), answer) - source.answers.begin();
  };
  EXPECT_TRUE(
      torch::equal(row(target, "proj.weight", 2), row(source, "proj.weight", index_of("yes"))));
  EXPECT_TRUE(torch::equal(row(target, "embedding.weight", target.vocabulary.id("is")),
                           row(source, "embedding.weight", source.vocabulary.id("is"))));
}

TEST_F(ModelTransfer, WhatAStartHasAsRoundingsStaysExact) {
  train(request("first"));
  ModelBundle source = load_model(folder_ / "first"), target = load_model(folder_ / "first");
  const torch::NoGradGuard no_grad;
  auto named = source.model->named_parameters(), own = target.model->named_parameters();
  torch::Tensor exact = own["proj_norm.a_2"], moved = own["proj_norm.b_2"];
  exact.copy_(torch::linspace(0.1, 0.9, exact.numel()));
  moved.copy_(exact);
  named["proj_norm.a_2"].copy_(exact.to(torch::kHalf));
  named["proj_norm.b_2"].copy_(exact.to(torch::kHalf) + 0.001f);
  const torch::Tensor before = exact.clone();
  EXPECT_TRUE(transfer_weights(source, target).not_matched.empty());
  EXPECT_TRUE(torch::equal(exact, before));
  EXPECT_TRUE(torch::equal(moved, named["proj_norm.b_2"]));
}

}  // namespace
}  // namespace vqalign
