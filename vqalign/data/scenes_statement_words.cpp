#include <array>
#include <cctype>
#include <string_view>

#include "vqalign/core/philox.h"
#include "vqalign/data/scenes_phrasing.h"
#include "vqalign/data/scenes_statements.h"

namespace vqalign::scenes {
namespace {

/// One statement's words: every choice among synonyms is drawn from its own random numbers.
class Words {
 public:
  explicit Words(const Statement& statement)
      : statement_(statement), random_(statement.phrasing), digits_(random_.chance(0.5)) {}

  std::string sentence() {
    std::string text = statement_.asks_number ? how_many()
                       : statement_.of_panels ? of_panels()
                                              : of_items();
    text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
    return text;
  }

 private:
  template <std::size_t N>
  std::string one_of(const std::array<std::string_view, N>& words) {
    return std::string(words[random_.below(N)]);
  }

  std::string number(int value) {
    static constexpr std::array<std::string_view, 13> kNumbers = {
        "zero",  "one",   "two",  "three", "four",   "five",  "six",
        "seven", "eight", "nine", "ten",   "eleven", "twelve"};
    if (digits_ || value > 12) return std::to_string(value);
    return std::string(kNumbers[static_cast<std::size_t>(value)]);
  }

  static bool is_one(const Quantity& quantity) {
    if (quantity.compare == Compare::kSome || quantity.compare == Compare::kEvery) return true;
    return quantity.compare != Compare::kNone && quantity.number == 1;
  }

  /// "exactly 2 ", "a ", "" before the noun, whose number is_one() tells.
  std::string quantity_words(const Quantity& quantity) {
    switch (quantity.compare) {
      case Compare::kSome:
        return "a ";
      case Compare::kNone:
        return "no ";
      case Compare::kExactly:
        return one_of<4>({"exactly ", "exactly ", "only ", ""}) + number(quantity.number) + " ";
      case Compare::kAtLeast:
        return "at least " + number(quantity.number) + " ";
      case Compare::kAtMost:
        return "at most " + number(quantity.number) + " ";
      case Compare::kMoreThan:
        return "more than " + number(quantity.number) + " ";
      case Compare::kLessThan:
        return one_of<2>({"less than ", "fewer than "}) + number(quantity.number) + " ";
      case Compare::kEvery:
        break;
    }
    return "each ";
  }

  std::string colour(int index) const { return colour_names()[static_cast<std::size_t>(index)]; }

  std::string thing(bool one) {
    const std::string noun = statement_.towers ? one_of<4>({"block", "block", "block", "item"})
                                               : one_of<3>({"item", "object", "item"});
    return one ? noun : noun + "s";
  }

  std::string noun(const Filter& filter, bool one) {
    std::string text = filter.colour >= 0 ? colour(filter.colour) + " " : "";
    if (filter.shape < 0) return text + thing(one);
    return text + (one ? shape_names()[static_cast<std::size_t>(filter.shape)]
                       : plural_shape(filter.shape));
  }

  std::string wall(const std::string& side) {
    return one_of<3>({"touching the ", "closely touching the ", "touching the "}) + side +
           one_of<3>({"", " of a box", ""});
  }

  std::string spot_words(const ItemClass& items) {
    switch (items.spot) {
      case Spot::kAnywhere:
        return "";
      case Spot::kTouchingWall:
        return one_of<5>({" touching the edge", " touching any edge", " touching the wall",
                          " closely touching the edge of a box", " touching a side"});
      case Spot::kTouchingNone:
        return one_of<3>(
            {" not touching any edge", " not touching the edge", " not touching the wall"});
      case Spot::kTouchingTop:
        return " " + wall("top");
      case Spot::kTouchingBottom:
        return " " + wall(one_of<3>({"bottom", "base", "bottom"}));
      case Spot::kTouchingLeft:
        return " " + wall(one_of<3>({"left wall", "left side", "left wall"}));
      case Spot::kTouchingRight:
        return " " + wall(one_of<3>({"right wall", "right side", "right wall"}));
      case Spot::kTouchingCorner:
        return one_of<2>({" touching the corner", " touching a corner"});
      case Spot::kAtBase:
        return one_of<3>({" at the base", " at the bottom", " as its base"});
      case Spot::kAtTop:
        return one_of<3>({" at the top", " on top", " as its top"});
      case Spot::kSecond:
        return one_of<2>({" as the second block", " in the second place from the base"});
      case Spot::kInMiddle:
        return " in the middle";
      case Spot::kOn:
        break;
    }
    return one_of<5>({" on", " over", " above", " on top of", " over"}) + " a " +
           colour(items.below) + " block";
  }

  std::string items_words(const Quantity& quantity, const ItemClass& items) {
    const std::string before = quantity_words(quantity);
    std::string text = noun(items.filter, is_one(quantity)) + spot_words(items);
    const bool vowel = std::string_view("aeiou").find(text[0]) != std::string_view::npos;
    return (before == "a " && vowel ? "an " : before) + text;
  }

  std::string clause_words(const Clause& clause) {
    switch (clause.kind) {
      case Clause::Kind::kItems:
        return items_words(clause.quantity, clause.items);
      case Clause::Kind::kOnly:
        return "only " + noun(clause.items.filter, false);
      case Clause::Kind::kColours:
        break;
    }
    const bool one = is_one(clause.quantity);
    return thing(false) + " of " + quantity_words(clause.quantity) +
           (one ? "color" : one_of<2>({"different colors", "colors"}));
  }

  std::string clauses_words() {
    std::string text;
    for (const Clause& clause : statement_.clauses) {
      text += (text.empty() ? "" : " and ") + clause_words(clause);
    }
    return text;
  }

  std::string with(bool one) {
    return one ? one_of<6>(
                     {" with ", " with ", " with ", " which has ", " having ", " that contains "})
               : one_of<6>(
                     {" with ", " with ", " with ", " which have ", " having ", " that contain "});
  }

  /// "There is X." and its kin for a noun phrase.
  std::string there(const std::string& phrase, bool one) {
    const std::string is = one ? "is" : "are";
    switch (random_.below(10)) {
      case 0:
        return is + " there " + phrase + "?";
      case 1:
        return "do you see " + phrase + "?";
      case 2:
        return "is it true that there " + is + " " + phrase + "?";
      default:
        return "there " + is + " " + phrase + ".";
    }
  }

  std::string of_items() {
    const ItemClass& items = statement_.clauses.front().items;
    const Quantity& quantity = statement_.quantity;
    const bool placed = items.spot != Spot::kAnywhere && items.spot != Spot::kTouchingNone;
    if (quantity.compare == Compare::kNone && placed && random_.chance(0.3)) {
      return "none of the " + noun(items.filter, false) + " are" + spot_words(items) + ".";
    }
    return there(items_words(quantity, items), is_one(quantity));
  }

  std::string panel_noun() {
    return statement_.towers ? one_of<4>({"tower", "tower", "tower", "box"}) : "box";
  }

  std::string how_many() {
    if (!statement_.of_panels) {
      const ItemClass& items = statement_.clauses.front().items;
      const std::string those = noun(items.filter, false);
      const std::string spot = spot_words(items);
      return "how many " + those + (spot.empty() || random_.chance(0.5) ? " are there" : " are") +
             spot + "?";
    }
    const std::string panels = panel_noun() == "box" ? "boxes" : "towers";
    return "how many " + panels + one_of<3>({" have ", " are there with ", " contain "}) +
           clauses_words() + "?";
  }

  std::string of_panels() {
    const Quantity& quantity = statement_.quantity;
    const std::string panel = panel_noun();
    const std::string panels = panel == "box" ? "boxes" : "towers";
    if (quantity.compare == Compare::kEvery) {
      const std::string clauses = clauses_words();
      switch (random_.below(3)) {
        case 0:
          return "there is " + clauses + " in each " + panel + ".";
        case 1:
          return "all the " + panels + " have " + clauses + ".";
        default:
          return one_of<2>({"each ", "every "}) + panel + " has " + clauses + ".";
      }
    }
    const bool one = is_one(quantity);
    const std::string subject = quantity_words(quantity) + (one ? panel : panels);
    if (quantity.compare != Compare::kSome && random_.chance(0.15)) {
      return subject + (one ? " has " : " have ") + clauses_words() + ".";
    }
    return there(subject + with(one) + clauses_words(), one);
  }

  const Statement& statement_;
  Random random_;
  bool digits_;
};

}  // namespace

std::string phrase(const Statement& statement) {
  return Words(statement).sentence();
}

}  // namespace vqalign::scenes
