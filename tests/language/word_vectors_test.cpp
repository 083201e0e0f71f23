#include "vqalign/language/word_vectors.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include "tests/core/formats/temporary_files.h"

namespace vqalign {
namespace {

using testing_files::error_of;
using testing_files::TemporaryFile;

WordVectors read(const std::string& text, const std::vector<std::string>& words) {
  const TemporaryFile file("vectors.txt", text);
  return read_word_vectors(file.path, Vocabulary(words));
}

TEST(WordVectors, RowsFollowTheVocabulary) {
  const WordVectors read_vectors =
      read("the 0.5 -1 2e-1\ncat 1 2 3\ndog 4 5 6\n", {"dog", "bird", "the"});
  EXPECT_EQ(read_vectors.found, 2);
  EXPECT_EQ(read_vectors.vectors.scalar_type(), torch::kFloat32);
  const torch::Tensor expected = torch::tensor(
      {{0.0, 0.0, 0.0}, {0.0, 0.0, 0.0}, {4.0, 5.0, 6.0}, {0.0, 0.0, 0.0}, {0.5, -1.0, 0.2}});
  EXPECT_TRUE(torch::equal(read_vectors.vectors, expected)) << read_vectors.vectors;
}

TEST(WordVectors, WindowsLinesTrailingBlanksAndAMissingLastBreakAreFine) {
  const WordVectors vectors = read("a 1 2\r\nb 3 4 \nc 5 6", {"a", "b", "c"});
  EXPECT_EQ(vectors.found, 3);
  EXPECT_EQ(vectors.vectors[3][1].item<float>(), 4.0f);
  EXPECT_EQ(vectors.vectors[4][1].item<float>(), 6.0f);
}

TEST(WordVectors, WordsMayHoldSpaces) {
  const WordVectors vectors = read("a 1 2\n. . . 3 4\nat x@y.com 5 6\nb 7 8\n", {"b", "at"});
  EXPECT_EQ(vectors.found, 1);
  EXPECT_EQ(vectors.vectors[2][0].item<float>(), 7.0f);
}

TEST(WordVectors, NumbersTooSmallForFloatAreZeroAndTheFirstOfTwoRowsCounts) {
  const WordVectors vectors = read("a 1e-60 2\na 5 6\n", {"a"});
  EXPECT_EQ(vectors.found, 1);
  EXPECT_EQ(vectors.vectors[2][0].item<float>(), 0.0f);
  EXPECT_EQ(vectors.vectors[2][1].item<float>(), 2.0f);
}

TEST(WordVectors, RowsOfSpecialEntriesStayZero) {
  const WordVectors vectors = read("PAD 1\nUNK 2\na 3\n", {"a"});
  EXPECT_EQ(vectors.found, 1);
  EXPECT_TRUE(torch::equal(vectors.vectors.view({-1}), torch::tensor({0.0, 0.0, 3.0})));
}

TEST(WordVectors, BrokenFilesNameTheLine) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", ": is empty"},
      {"word\n", ": line 1: a word and 1 to 4096 numbers were expected, found 0"},
      {"a 1 2\nb 3\n", ": line 2: has 1 numbers, the first line has 2"},
      {"a 1 2\n\nb 3 4\n", ": line 2: has 0 numbers, the first line has 2"},
      {"a 1 2\nb 3 4 5\n", ": line 2: has 3 numbers, the first line has 2"},
      {"a 1 2\nb 3 4x\n", ": line 2: number 2 of 2 is no finite number"},
      {"a 1 2\nb nan 4\n", ": line 2: number 1 of 2 is no finite number"},
      {"a 1 2\nb 3 inf\n", ": line 2: number 2 of 2 is no finite number"},
      {"a 1 2\nb 1e39 4\n", ": line 2: number 1 of 2 is no finite number"},
      {"a 1 2\nb 1e999 4\n", ": line 2: number 1 of 2 is no finite number"},
      {"a 1 2\nb  4\n", ": line 2: number 1 of 2 is no finite number"},
      {"a" + std::string(5000, ' ') + "1", ": line 1: a word and 1 to 4096 numbers"},
  };
  for (const auto& [text, message] : cases) {
    const TemporaryFile file("vectors.txt", text);
    const std::string found = error_of([&] {
      read_word_vectors(file.path, Vocabulary({"a", "b"}));
    });
    EXPECT_EQ(found.rfind(file.path.string() + message, 0), 0u) << found;
  }
}

TEST(WordVectors, MissingFileIsTold) {
  EXPECT_EQ(error_of([] { read_word_vectors("/nowhere/glove.txt", Vocabulary()); }),
            "/nowhere/glove.txt: cannot open: No such file or directory");
}

}  // namespace
}  // namespace vqalign
