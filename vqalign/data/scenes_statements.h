#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "vqalign/data/scenes_questions.h"

namespace vqalign::scenes {

/// "Exactly three", "at least one", "a" (one or more), "no", "every".
enum class Compare { kSome, kNone, kExactly, kAtLeast, kAtMost, kMoreThan, kLessThan, kEvery };

struct Quantity {
  Compare compare = Compare::kSome;
  int number = 1;  ///< for the five that name one

  /// Whether `count` of `all` is such a quantity; every of none is not.
  bool holds(int count, int all) const;
};

/// Where an object is in its panel. Touching is for scattered objects, the others for a tower's
/// blocks; the middle one is that of a tower of three.
enum class Spot {
  kAnywhere,
  kTouchingWall,
  kTouchingNone,
  kTouchingTop,
  kTouchingBottom,
  kTouchingLeft,
  kTouchingRight,
  kTouchingCorner,
  kAtBase,
  kAtTop,
  kSecond,
  kInMiddle,
  kOn,  ///< directly on a block of colour ItemClass::below
};

struct ItemClass {
  Filter filter;
  Spot spot = Spot::kAnywhere;
  int below = -1;
};

/// What is said of one panel.
struct Clause {
  enum class Kind {
    kItems,    ///< it has `quantity` of `items`
    kOnly,     ///< it has only `items` (and at least one)
    kColours,  ///< its objects have `quantity` of different colours
  };
  Kind kind = Kind::kItems;
  Quantity quantity;
  ItemClass items;
};

/// "There are `quantity` of `clauses[0].items`", or, of panels, "there are `quantity` of panels
/// with all of `clauses`"; or the question how many there are, which leaves `quantity` out.
struct Statement {
  bool of_panels = false;
  bool asks_number = false;
  bool towers = false;  ///< the panels hold towers of blocks
  Quantity quantity;
  std::vector<Clause> clauses;
  uint32_t phrasing = 0;  ///< seeds the choice of words
};

/// The objects of that class, ascending. `scene` has panels.
std::vector<int> items_of(const ItemClass& items, const Scene& scene);
/// The objects in one panel, ascending; a tower's from its base up.
std::vector<int> objects_in(int panel, const Scene& scene);
/// How many of that class one panel has.
int count_in(const ItemClass& items, int panel, const Scene& scene);

/// Yes or no, or the number; about the objects of every class that the statement names, all objects
/// where it names none.
Truth evaluate(const Statement& statement, const Scene& scene);

/// "yes/no" or "number".
std::string answer_type(const Statement& statement);

/// The statement in English: mostly with a full stop, sometimes as a question.
std::string phrase(const Statement& statement);

}  // namespace vqalign::scenes
