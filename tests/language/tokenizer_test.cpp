#include "vqalign/language/tokenizer.h"

#include <gtest/gtest.h>

#include "vqalign/language/language_options.h"

namespace vqalign {
namespace {

using Words = std::vector<std::string>;

TEST(Tokenizer, FollowsTheReference) {
  const std::vector<std::pair<std::string, Words>> cases = {
      {"What's up/down?", {"whats", "up", "down"}},
      {"don't", {"dont"}},
      {"Is it 9:30?", {"is", "it", "930"}},
      {"a $5 & 50% @home", {"a", "$5", "&", "50%", "@home"}},
      {"T-shirt / well-known", {"t", "shirt", "well", "known"}},
      {".,'!?\"()*#:;", {}},
      {"a.b,c'd!e?f\"g(h)i*j#k:l;m", {"abcdefghijklm"}},
      {"  tabs\tand\nlines\v\f\r ", {"tabs", "and", "lines"}},
      {"", {}},
      {"   ", {}},
      {"_[]{}<>+=|\\~^`", {"_[]{}<>+=|\\~^`"}},
  };
  for (const auto& [question, words] : cases) EXPECT_EQ(tokenize(question), words) << question;
}

TEST(Tokenizer, UnicodeSpacesSplitAndOtherLettersSurvive) {
  EXPECT_EQ(tokenize("caf\u00e9 au\u00a0lait"), (Words{"caf\u00e9", "au", "lait"}));
  EXPECT_EQ(tokenize("\u3000\u732b\u2003\u72ac\u2028"), (Words{"\u732b", "\u72ac"}));
  EXPECT_EQ(tokenize("\u00c9T\u00c9"), (Words{"\u00e9t\u00e9"}));
  // U+2013 shares two bytes with the spaces but is a dash, which the reference keeps.
  EXPECT_EQ(tokenize("1\u20132"), (Words{"1\u20132"}));
}

TEST(Tokenizer, BytesThatAreNoTextPassThrough) {
  EXPECT_EQ(tokenize("a\xff\xc2 b\xe2\x80"), (Words{"a\xff\xc2", "b\xe2\x80"}));
  EXPECT_EQ(tokenize(std::string("a\0b", 3)), (Words{std::string("a\0b", 3)}));
}

TEST(Tokenizer, HugeQuestionsTakeOnePass) {
  std::string question;
  for (int i = 0; i < 500'000; ++i) question += "Word? ";
  EXPECT_EQ(tokenize(question).size(), 500'000u);
  EXPECT_EQ(tokenize(std::string(3'000'000, 'A')).front(), std::string(3'000'000, 'a'));
}

TEST(Vocabulary, WordsInOrderOfFirstAppearance) {
  const Vocabulary vocabulary = Vocabulary::from_questions({"Is the cat red?", "The dog is red"});
  EXPECT_EQ(vocabulary.words(), (Words{"PAD", "UNK", "is", "the", "cat", "red", "dog"}));
  EXPECT_EQ(vocabulary.size(), 7u);
  EXPECT_EQ(vocabulary.id("is"), 2);
  EXPECT_EQ(vocabulary.id("dog"), 6);
  EXPECT_EQ(vocabulary.id("bird"), Vocabulary::kUnknown);
  EXPECT_EQ(vocabulary.id("PAD"), Vocabulary::kUnknown);
  EXPECT_EQ(vocabulary.id(""), Vocabulary::kUnknown);
}

TEST(Vocabulary, RareWordsAreLeftOut) {
  const std::vector<std::string> questions = {"a b c", "b c", "c d d d"};
  EXPECT_EQ(Vocabulary::from_questions(questions, 2).words(), (Words{"PAD", "UNK", "b", "c", "d"}));
  EXPECT_EQ(Vocabulary::from_questions(questions, 3).words(), (Words{"PAD", "UNK", "c", "d"}));
  EXPECT_EQ(Vocabulary::from_questions(questions, 9).size(), 2u);
}

TEST(Vocabulary, EncodesCutsAndMarksUnknownWords) {
  const Vocabulary vocabulary({"what", "is", "this"});
  EXPECT_EQ(vocabulary.encode("What is THIS, Bob?", 14), (std::vector<int64_t>{2, 3, 4, 1}));
  EXPECT_EQ(vocabulary.encode("What is THIS, Bob?", 2), (std::vector<int64_t>{2, 3}));
  EXPECT_TRUE(vocabulary.encode("???", 14).empty());
  EXPECT_TRUE(vocabulary.encode("what", 0).empty());
}

TEST(Vocabulary, EmptyKnowsNoWord) {
  const Vocabulary vocabulary;
  EXPECT_EQ(vocabulary.size(), 2u);
  EXPECT_EQ(vocabulary.encode("any word", 14), (std::vector<int64_t>{1, 1}));
}

TEST(Vocabulary, RebuildsFromItsOwnWords) {
  const Vocabulary first = Vocabulary::from_questions({"red or blue", "blue or green"});
  const Vocabulary again(Words(first.words().begin() + 2, first.words().end()));
  EXPECT_EQ(again.words(), first.words());
  EXPECT_EQ(again.id("green"), first.id("green"));
}

TEST(LanguageOptions, AreSetByName) {
  LanguageOptions options;
  const OptionTree tree = {{"language", options.fields()}};
  set_option(tree, "language.word_width=100");
  set_option(tree, "language.max_tokens=29");
  set_option(tree, "language.minimum_count=3");
  set_option(tree, "language.vectors=glove.txt");
  EXPECT_EQ(options.word_width, 100);
  EXPECT_EQ(options.max_tokens, 29);
  EXPECT_EQ(options.minimum_count, 3);
  EXPECT_EQ(options.vectors, "glove.txt");
}

}  // namespace
}  // namespace vqalign
