#include "vqalign/language/question_attack.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "vqalign/core/options.h"
#include "vqalign/language/synonyms.h"

namespace vqalign {
namespace {

using WordViews = std::vector<std::string_view>;

const std::string kQuestion = "What color is the small dog, next to a car?";

TEST(QuestionAttack, TouchesWordsOfTwoLettersOrMore) {
  EXPECT_EQ(attackable_words(kQuestion),
            (WordViews{"What", "color", "is", "the", "small", "dog", "next", "to", "car"}));
  EXPECT_EQ(attackable_words("  (\"It's\") 12 a b2b up/down?! \u00e9t\u00e9 "),
            (WordViews{"It's", "b2b", "up/down", "\u00e9t\u00e9"}));
  EXPECT_EQ(attackable_words(""), WordViews());
  EXPECT_EQ(attackable_words("? ... a 7 \u00e9"), WordViews());
}

TEST(QuestionAttack, LeavesWordsOut) {
  EXPECT_EQ(without_word(kQuestion, 0), "color is the small dog, next to a car?");
  EXPECT_EQ(without_word(kQuestion, 5), "What color is the small, next to a car?");
  EXPECT_EQ(without_word(kQuestion, 8), "What color is the small dog, next to a?");
  EXPECT_EQ(without_word("why?", 0), "?");
}

TEST(QuestionAttack, SeverityIsHowManyWordsAreEdited) {
  for (const std::string& kind : question_attack_names()) {
    EXPECT_EQ(attacked_question(kQuestion, {kind, 0}, 1, 5), kQuestion);
    std::vector<std::string> before(9);
    const WordViews words = attackable_words(kQuestion);
    std::copy(words.begin(), words.end(), before.begin());
    const std::vector<std::string> whole = before;
    for (int64_t severity = 1; severity <= kMostSeverity; ++severity) {
      const std::string attacked = attacked_question(kQuestion, {kind, severity}, 1, 5);
      EXPECT_EQ(attacked_question(kQuestion, {kind, severity}, 1, 5), attacked);
      if (kind == "drop_word") {
        EXPECT_EQ(attackable_words(attacked).size(), 9 - std::size_t(severity));
        continue;
      }
      const WordViews now = attackable_words(attacked);
      int edited = 0;
      for (std::size_t i = 0; i < now.size() && now.size() == 9; ++i) {
        if (now[i] == whole[i]) continue;
        ++edited;
        // The edits of the lower severity are made again.
        if (before[i] != whole[i]) {
          EXPECT_EQ(before[i], now[i]) << kind;
        }
      }
      if (now.size() != 9) continue;  // "is" lost a letter and is none to touch any more
      const int possible = kind == "synonym" ? 3 : 9;  // color, small, next to nothing but dog
      EXPECT_EQ(edited, std::min<int64_t>(severity, possible)) << kind << ": " << attacked;
      std::copy(now.begin(), now.end(), before.begin());
    }
  }
}

TEST(QuestionAttack, EditsAreOfTheirKind) {
  std::map<std::string, std::set<std::string>> seen;
  for (int64_t id = 0; id < 400; ++id) {
    for (const std::string& kind : question_attack_names()) {
      seen[kind].insert(attacked_question("Why colors", {kind, 1}, 1, id));
    }
  }
  for (const std::string& typo : seen["keyboard"]) {
    EXPECT_EQ(typo.size(), 10u);
    EXPECT_EQ(edit_distance(typo, "Why colors"), 1u) << typo;
    EXPECT_TRUE(typo[0] >= 'A' && typo[0] <= 'Z') << typo;
  }
  EXPECT_TRUE(seen["keyboard"].contains("Qhy colors"));
  EXPECT_TRUE(seen["keyboard"].contains("Why colord"));
  EXPECT_EQ(seen["swap"],
            (std::set<std::string>{"hWy colors", "Wyh colors", "Why oclors", "Why cloors",
                                   "Why coolrs", "Why colros", "Why colosr"}));
  EXPECT_EQ(seen["drop_letter"],
            (std::set<std::string>{"hy colors", "Wy colors", "Wh colors", "Why olors", "Why clors",
                                   "Why coors", "Why colrs", "Why colos", "Why color"}));
  EXPECT_EQ(seen["drop_word"], (std::set<std::string>{"colors", "Why"}));
  EXPECT_EQ(seen["synonym"], (std::set<std::string>{"Why colours", "Why hues"}));
}

TEST(QuestionAttack, WhatCannotBeEditedStays) {
  for (const std::string& kind : question_attack_names()) {
    for (const char* question : {"", "?", "  ", "a 1 22?", "A"}) {
      EXPECT_EQ(attacked_question(question, {kind, 5}, 1, 5), question) << kind;
    }
  }
  EXPECT_EQ(attacked_question("Aa aa!", {"swap", 5}, 1, 5), "aA aa!");
  EXPECT_EQ(attacked_question("why?", {"drop_word", 5}, 1, 5), "why?");
  EXPECT_EQ(attacked_question("\u00e9t\u00e9?", {"keyboard", 1}, 1, 5).size(), 6u);
  EXPECT_EQ(attacked_question("\u0434\u0430", {"keyboard", 1}, 1, 5), "\u0434\u0430");
  EXPECT_EQ(attacked_question("\u0434\u0430", {"swap", 1}, 1, 5), "\u0430\u0434");
  EXPECT_EQ(attacked_question("the purple", {"synonym", 5}, 1, 5), "the violet");
  EXPECT_EQ(attacked_question("COLOR", {"synonym", 1}, 1, 3).substr(1, 1), "o");
  const std::string broken = "\xff\xfe why \xc3";
  for (const std::string& kind : question_attack_names()) {
    EXPECT_FALSE(attacked_question(broken, {kind, 5}, 1, 5).empty());
  }
}

TEST(QuestionAttack, DropWordLeavesOne) {
  for (int64_t id = 0; id < 20; ++id) {
    const std::string left = attacked_question("is it red?", {"drop_word", 5}, 1, id);
    EXPECT_EQ(attackable_words(left).size(), 1u) << left;
  }
}

TEST(QuestionAttack, AnOrderTellsWhichWordsComeFirst) {
  const std::vector<std::size_t> order = {8, 1, 0, 2, 3, 4, 5, 6, 7};
  EXPECT_EQ(attacked_question(kQuestion, {"drop_word", 2}, 1, 5, order),
            "What is the small dog, next to a?");
  // "car" has no synonym on the list: the next ones are taken.
  const std::string reworded = attacked_question(kQuestion, {"synonym", 1}, 1, 5, order);
  EXPECT_TRUE(reworded.starts_with("What colour is") || reworded.starts_with("What hue is"))
      << reworded;
}

TEST(QuestionAttack, QuestionsAndSeedsDraw) {
  std::set<std::string> by_id, by_seed;
  for (int64_t i = 0; i < 10; ++i) {
    by_id.insert(attacked_question(kQuestion, {"keyboard", 2}, 1, i));
    by_seed.insert(attacked_question(kQuestion, {"keyboard", 2}, uint64_t(i), 1));
  }
  EXPECT_GT(by_id.size(), 8u);
  EXPECT_GT(by_seed.size(), 8u);
}

TEST(Synonyms, GroupsAreSoundAndApart) {
  const auto photo = synonyms_of("photo");
  EXPECT_EQ((std::vector<std::string_view>(photo.begin(), photo.end())),
            (WordViews{"picture", "photo"}));
  EXPECT_TRUE(synonyms_of("frobnicate").empty());
  EXPECT_TRUE(synonyms_of("").empty());
  // A word of two groups would find the first alone.
  for (const char* word : {"color", "big", "see", "people", "bike", "couch", "rock", "hat"}) {
    for (const std::string_view other : synonyms_of(word)) {
      EXPECT_EQ(synonyms_of(other).data(), synonyms_of(word).data()) << other;
    }
  }
}

}  // namespace
}  // namespace vqalign
