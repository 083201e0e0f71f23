#include "vqalign/language/token_file.h"

#include <gtest/gtest.h>

#include "tests/core/formats/temporary_files.h"
#include "vqalign/core/json.h"

namespace vqalign {
namespace {

using testing_files::error_of;
using testing_files::fresh_path;
using testing_files::TemporaryFile;
using TokenWords = std::vector<std::string>;

TokenList read_tokens(const std::string& text) {
  const TemporaryFile file("tokens.json", text);
  return read_token_list(file.path);
}

void expect_no_tokens(const std::string& text, const std::string& said) {
  const TemporaryFile file("tokens.json", text);
  const std::string message = error_of([&] { read_token_list(file.path); });
  EXPECT_TRUE(message.starts_with(file.path.string() + ": ")) << message;
  EXPECT_NE(message.find(said), std::string::npos) << message;
}

TEST(TokenFile, Dictionaries) {
  const TokenList mcan = read_tokens(R"({"is": 3, "PAD": 0, "what": 2, "UNK": 1})");
  EXPECT_EQ(mcan.words, (TokenWords{"what", "is"}));
  EXPECT_TRUE(mcan.has_special);
  EXPECT_EQ(read_tokens(R"({"PAD": 0, "UNK": 1, "CLS": 2, "is": 3})").words,
            (TokenWords{"CLS", "is"}));
  EXPECT_EQ(read_tokens(R"({"PAD": 0, "UNK": 1})").words, TokenWords{});
}

TEST(TokenFile, Lists) {
  EXPECT_EQ(read_tokens("what\nis\n").words, (TokenWords{"what", "is"}));
  EXPECT_FALSE(read_tokens("what\nis").has_special);
  EXPECT_EQ(read_tokens("PAD\r\nUNK\r\n$5\r\nché\r\n").words, (TokenWords{"$5", "ché"}));
  EXPECT_TRUE(read_tokens("\xEF\xBB\xBFPAD\nUNK\nCLS\nis").has_special);
  EXPECT_EQ(read_tokens(R"(["PAD", "UNK", "is"])").words, TokenWords{"is"});
}

TEST(TokenFile, WhatIsWrongIsNamed) {
  expect_no_tokens("", "holds no words");
  expect_no_tokens("\n \n", "holds no words");
  expect_no_tokens("a\n\nb\n", "entry 1 is an empty word");
  expect_no_tokens("a\nb\na\n", "\"a\" is both entry 0 and 2");
  expect_no_tokens("a\n\xff\n", "line 2");
  expect_no_tokens("UNK\nPAD\nis\n", "PAD must be entry 0, it is 1");
  expect_no_tokens("PAD\nis\n", "UNK must be entry 1, it is missing");
  expect_no_tokens("is\nUNK\n", "PAD must be entry 0, it is missing");
  expect_no_tokens("is\nPAD\nUNK\n", "PAD must be entry 0, it is 1");
  expect_no_tokens(R"({"PAD": 0, "UNK": 1, "a": 3})", "\"a\" has id 3, but the 3 entries");
  expect_no_tokens(R"({"PAD": 0, "UNK": 1, "a": -1})", "has id -1");
  expect_no_tokens(R"({"PAD": 0, "UNK": 1, "a": 1})", "\"UNK\" and \"a\" share id 1");
  expect_no_tokens(R"({"PAD": 0, "UNK": 1, "a": 2, "a": 3})", "\"a\" is both entry 2 and 3");
  expect_no_tokens(R"({"PAD": 0, "UNK": 1, "a": "2"})", "the id of \"a\"");
  expect_no_tokens(R"({"PAD": 0, "UNK": 1, "": 2})", "empty word");
  expect_no_tokens(R"({"PAD": 0,)", "line 1");
  expect_no_tokens("[1]", "word 1");
}

TEST(TokenFile, IsWrittenAsItIsRead) {
  const auto path = fresh_path("written.json");
  const Vocabulary vocabulary({"CLS", "what", "\"is\"", "ché"});
  write_token_dictionary(path, vocabulary);
  const TokenList list = read_token_list(path);
  EXPECT_TRUE(list.has_special);
  EXPECT_EQ(Vocabulary(list.words).words(), vocabulary.words());
  EXPECT_EQ(read_json(path).at("CLS").as_int(), 2);
}

TEST(TokenFile, NoQuestionSpellsTheSpecialEntries) {
  const Vocabulary vocabulary({"CLS", "is"});
  EXPECT_EQ(vocabulary.encode("PAD UNK CLS cls is", 14), (std::vector<int64_t>{1, 1, 1, 1, 3}));
}

}  // namespace
}  // namespace vqalign
