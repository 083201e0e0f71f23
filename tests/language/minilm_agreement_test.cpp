// all-MiniLM-L6-v2 as scripts/setup --pretrained fetches it, against the Python package: a program
// of its own, which is a test only where the weights are there.
#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <filesystem>
#include <iostream>

#include "vqalign/core/formats/safetensors.h"
#include "vqalign/language/bert.h"
#include "vqalign/language/token_file.h"
#include "vqalign/language/word_piece.h"

namespace vqalign {
namespace {

namespace fs = std::filesystem;

const fs::path kSource = VQALIGN_SOURCE_DIR;

std::vector<std::string> texts_of(const torch::Tensor& bytes) {
  std::vector<std::string> texts(1);
  for (int64_t i = 0; i < bytes.numel(); ++i) {
    const char c = static_cast<char>(bytes[i].item<uint8_t>());
    if (c == '\n') {
      texts.emplace_back();
    } else {
      texts.back() += c;
    }
  }
  return texts;
}

/// Ids as the Python tokenizer gives them, filled up with padding.
torch::Tensor sentence_ids(const std::vector<std::string>& texts, const Vocabulary& vocabulary,
                           int64_t width) {
  torch::Tensor ids = torch::zeros({std::ssize(texts), width}, torch::kLong);
  for (int64_t row = 0; row < ids.size(0); ++row) {
    std::vector<int64_t> tokens =
        vocabulary.encode(texts[static_cast<std::size_t>(row)], width - 2);
    tokens.insert(tokens.begin(), vocabulary.id(kSentenceBegin));
    tokens.push_back(vocabulary.id(kSentenceEnd));
    for (std::size_t i = 0; i < tokens.size(); ++i) ids[row][int64_t(i)] = tokens[i];
  }
  return ids;
}

TEST(MinilmAgreement, SentenceVectorsAreThePackages) {
  const torch::NoGradGuard no_grad;
  const Safetensors oracle =
      read_safetensors(kSource / "tests/language/bert/sentences.safetensors");
  const fs::path folder = kSource / ".deps/pretrained/minilm";
  const Vocabulary vocabulary =
      word_piece_vocabulary(read_word_lines(folder / "vocab.txt"), "vocab.txt");
  const LanguageOptions sizes;
  Bert network(BertShape{.words = std::ssize(vocabulary.words()),
                         .positions = sizes.positions,
                         .layers = sizes.layers,
                         .width = sizes.width,
                         .heads = sizes.heads,
                         .feed_forward = sizes.feed_forward});
  load_bert(network, folder / "model.safetensors");

  const std::vector<std::string> texts = texts_of(oracle.find("texts"));
  ASSERT_EQ(texts.size(), 20u);
  const torch::Tensor wanted_ids = oracle.find("ids");
  const torch::Tensor ids = sentence_ids(texts, vocabulary, wanted_ids.size(1));
  ASSERT_TRUE(torch::equal(ids, wanted_ids));
  const torch::Tensor states = network->forward(ids, ids.eq(0), {});
  const torch::Tensor mean = states.sum(1) / ids.ne(0).sum(1, /*keepdim=*/true);
  const torch::Tensor vectors = mean / mean.norm(2, {1}, /*keepdim=*/true);
  const double difference = (vectors - oracle.find("vectors")).abs().max().item<double>();
  std::cout << "largest difference of a number: " << difference << "\n";
  EXPECT_LT(difference, 1e-4);
}

}  // namespace
}  // namespace vqalign
