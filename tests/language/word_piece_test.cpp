#include "vqalign/language/word_piece.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/core/formats/temporary_files.h"
#include "vqalign/core/error.h"
#include "vqalign/core/json.h"
#include "vqalign/language/token_file.h"

namespace vqalign {
namespace {

namespace fs = std::filesystem;
using testing_files::error_of;
using Texts = std::vector<std::string>;
using Ids = std::vector<int64_t>;

fs::path piece_fixture(const std::string& name) {
  return fs::path(VQALIGN_SOURCE_DIR) / "tests/language/pieces" / name;
}

/// The entries that tests/oracle/word_piece.py cut from the package's.
const Vocabulary& cut_vocabulary() {
  static const Vocabulary vocabulary =
      word_piece_vocabulary(read_word_lines(piece_fixture("vocab.txt")), "vocab.txt");
  return vocabulary;
}

Ids ids_of(const Json& list) {
  Ids ids;
  for (const Json& id : list.as_array()) ids.push_back(id.as_int());
  return ids;
}

/// As the Python tokenizer gives them.
Ids with_marks(Ids ids) {
  ids.insert(ids.begin(), cut_vocabulary().id(kSentenceBegin));
  ids.push_back(cut_vocabulary().id(kSentenceEnd));
  return ids;
}

/// As tokens read for people: "##s" is "-s".
std::string shown(const std::string& piece) {
  return piece.starts_with("##") ? "-" + piece.substr(2) : piece;
}

Texts texts_of(const std::vector<QuestionToken>& tokens) {
  Texts texts;
  for (const QuestionToken& token : tokens) texts.push_back(token.text);
  return texts;
}

Vocabulary small_vocabulary() {
  return word_piece_vocabulary(
      {"[PAD]", "a", "[CLS]", "[UNK]", "##b", "ab", "##bc", "[SEP]", "?", "\u732b", "##\u732b"},
      "v");
}

TEST(WordPiece, IdsAreThePythonTokenizers) {
  const Json rows = read_json(piece_fixture("pieces.json"), 1 << 20);
  ASSERT_GE(rows.as_array().size(), 60u);
  for (const Json& row : rows.as_array()) {
    const std::string text = row.at("text").as_string();
    EXPECT_EQ(with_marks(cut_vocabulary().encode(text, 1'000'000)), ids_of(row.at("ids"))) << text;
    const std::vector<QuestionToken> tokens = cut_vocabulary().read(text);
    const Json::Array& pieces = row.at("pieces").as_array();
    ASSERT_EQ(tokens.size(), pieces.size()) << text;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      const std::string piece = pieces[i].as_string();
      EXPECT_EQ(tokens[i].id, cut_vocabulary().id(piece)) << text;
      if (piece == "[UNK]") {
        EXPECT_NE(tokens[i].text, piece) << text;
      } else {
        EXPECT_EQ(tokens[i].text, shown(piece)) << text;
      }
    }
  }
}

TEST(WordPiece, CutIsTruncation) {
  const Json rows = read_json(piece_fixture("pieces.json"), 1 << 20);
  int cut = 0;
  for (const Json& row : rows.as_array()) {
    const std::string text = row.at("text").as_string();
    EXPECT_EQ(with_marks(cut_vocabulary().encode(text, 14)), ids_of(row.at("cut"))) << text;
    if (row.at("cut").as_array().size() < row.at("ids").as_array().size()) ++cut;
  }
  EXPECT_GT(cut, 5);
}

TEST(WordPiece, LongestPiecesFromTheLeft) {
  const Vocabulary vocabulary = small_vocabulary();
  EXPECT_EQ(vocabulary.encode("abbc abc aB?", 99), (Ids{5, 6, 3, 5, 8}));
  EXPECT_EQ(texts_of(vocabulary.read("Abbc abc? a\u732ba")),
            (Texts{"ab", "-bc", "abc", "?", "a", "\u732b", "a"}));
  EXPECT_EQ(vocabulary.unknown(), 3);
  EXPECT_EQ(vocabulary.own_words(), vocabulary.words());
}

TEST(WordPiece, AnUnknownWordIsToldAsItIsSpelled) {
  const std::vector<QuestionToken> tokens = small_vocabulary().read("a Zebra\u00c9?");
  EXPECT_EQ(texts_of(tokens), (Texts{"a", "zebrae", "?"}));
  EXPECT_EQ(tokens[1].id, 3);
}

TEST(WordPiece, NamesOfEntriesAreText) {
  EXPECT_EQ(bert_words("is [SEP] it [UNK]?"),
            (Texts{"is", "[", "sep", "]", "it", "[", "unk", "]", "?"}));
  for (const QuestionToken& token : small_vocabulary().read("[CLS][SEP][PAD]")) {
    EXPECT_EQ(token.id, 3) << token.text;
  }
}

TEST(WordPiece, BytesThatAreNoTextAreDeleted) {
  EXPECT_EQ(bert_words("a\xff\xc2 b\xe2\x80"), (Texts{"a", "b"}));
  EXPECT_EQ(bert_words("x\xed\xa0\x80y"), (Texts{"xy"}));
  EXPECT_EQ(bert_words(std::string("a\0b", 3)), (Texts{"ab"}));
  EXPECT_TRUE(bert_words("\xff\xfe").empty());
}

TEST(WordPiece, HugeQuestionsTakeOnePass) {
  std::string question;
  for (int i = 0; i < 200'000; ++i) question += "abbc? ";
  EXPECT_EQ(small_vocabulary().read(question).size(), 600'000u);
  EXPECT_EQ(small_vocabulary().encode(std::string(3'000'000, 'A'), 14), Ids{3});
}

TEST(WordPiece, WhatIsNoVocabularyIsNamed) {
  const auto said = [](Texts entries) {
    return error_of([&] { word_piece_vocabulary(std::move(entries), "v.txt"); });
  };
  EXPECT_EQ(said({"[PAD]", "[UNK]", "[CLS]", "a", "[SEP]", "a"}),
            "v.txt: \"a\" is both entry 3 and 5");
  EXPECT_EQ(said({"[PAD]", "", "[CLS]"}), "v.txt: entry 1 is empty");
  EXPECT_EQ(said({"[UNK]", "[PAD]", "[CLS]", "[SEP]"}), "v.txt: [PAD] must be entry 0, it is 1");
  EXPECT_EQ(said({"[PAD]", "[UNK]", "[SEP]"}),
            "v.txt: has no [CLS] among its 3 entries: it is no vocabulary of word pieces as BERT "
            "has them");
  EXPECT_NE(said({}).find("has no [PAD] among its 0 entries"), std::string::npos);
}

TEST(WordPiece, LinesAreReadAsTheyAre) {
  const testing_files::TemporaryFile file("vocab.txt", "[PAD]\r\n a \n\n##\xc3\xa9\n[");
  EXPECT_EQ(read_word_lines(file.path), (Texts{"[PAD]", " a ", "", "##\u00e9", "["}));
  const testing_files::TemporaryFile empty("vocab.txt", ""), bytes("vocab.txt", "a\n\xff\n");
  EXPECT_NE(error_of([&] { read_word_lines(empty.path); }).find("holds no words"),
            std::string::npos);
  EXPECT_NE(error_of([&] { read_word_lines(bytes.path); }).find("line 2"), std::string::npos);
}

TEST(WordPiece, TheEncoderTellsTheKind) {
  LanguageOptions options;
  EXPECT_EQ(make_vocabulary(options, {"a", "b"}, "m").words(), (Texts{"PAD", "UNK", "a", "b"}));
  options.encoder = "minilm";
  EXPECT_EQ(error_of([&] {
              make_vocabulary(options, {"a", "b"}, "m");
            }).substr(0, 12),
            "m: has no [P");
}

}  // namespace
}  // namespace vqalign
