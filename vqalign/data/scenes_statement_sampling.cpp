#include "vqalign/data/scenes_statement_sampling.h"

#include <algorithm>
#include <array>

namespace vqalign::scenes {
namespace {

constexpr int kTries = 200;

/// A quantity near `count`, so that it is as often missed by one as met.
Quantity quantity_near(int count, Random& random) {
  static constexpr std::array<Compare, 10> kCompares = {
      Compare::kSome,     Compare::kExactly, Compare::kExactly, Compare::kExactly,
      Compare::kExactly,  Compare::kAtLeast, Compare::kAtLeast, Compare::kAtMost,
      Compare::kMoreThan, Compare::kLessThan};
  Quantity quantity;
  quantity.compare = pick(kCompares, random);
  const int lowest = quantity.compare == Compare::kLessThan ? 2 : 1;
  const int shift = quantity.compare == Compare::kMoreThan   ? -1
                    : quantity.compare == Compare::kLessThan ? 1
                                                             : 0;
  quantity.number = std::max(lowest, count + shift);
  return quantity;
}

Filter filter_like(const SceneObject& object, bool towers, Random& random) {
  Filter filter;
  if (!random.chance(0.15)) filter.colour = object.colour;
  if (!towers && random.chance(0.55)) filter.shape = object.shape;
  return filter;
}

Spot any_touch(Random& random) {
  static constexpr std::array<Spot, 10> kSpots = {
      Spot::kTouchingWall,  Spot::kTouchingWall,   Spot::kTouchingWall, Spot::kTouchingWall,
      Spot::kTouchingNone,  Spot::kTouchingBottom, Spot::kTouchingTop,  Spot::kTouchingLeft,
      Spot::kTouchingRight, Spot::kTouchingCorner};
  return pick(kSpots, random);
}

Spot any_level(Random& random) {
  static constexpr std::array<Spot, 8> kSpots = {Spot::kAtBase, Spot::kAtBase, Spot::kAtTop,
                                                 Spot::kAtTop,  Spot::kSecond, Spot::kInMiddle,
                                                 Spot::kOn,     Spot::kOn};
  return pick(kSpots, random);
}

/// Objects like `object`; with `placed`, where some of them are.
ItemClass items_like(const SceneObject& object, const Scene& scene, bool placed, Random& random) {
  ItemClass items;
  items.filter = filter_like(object, scene.towers, random);
  if (!placed) return items;
  items.spot = scene.towers ? any_level(random) : any_touch(random);
  if (items.spot != Spot::kOn) return items;
  items.filter.colour = object.colour;
  items.below = scene.objects[random.below(static_cast<uint32_t>(scene.objects.size()))].colour;
  return items;
}

/// A clause that is at least nearly true of the panel of `object`.
Clause propose_clause(const SceneObject& object, const Scene& scene, Random& random) {
  Clause clause;
  const double draw = random.uniform();
  if (draw < 0.1) {
    clause.kind = Clause::Kind::kOnly;
    clause.items = items_like(object, scene, false, random);
    return clause;
  }
  if (draw < 0.2) {
    clause.kind = Clause::Kind::kColours;
    clause.quantity = {Compare::kExactly, 1 + static_cast<int>(random.below(3))};
    return clause;
  }
  if (draw < 0.3) {
    clause.quantity =
        quantity_near(static_cast<int>(objects_in(object.panel, scene).size()), random);
    return clause;
  }
  const bool placed = random.chance(scene.towers ? 0.6 : 0.25);
  clause.items = items_like(object, scene, placed, random);
  clause.quantity = quantity_near(count_in(clause.items, object.panel, scene), random);
  if (placed && scene.towers) {
    clause.quantity = {random.chance(0.3) ? Compare::kExactly : Compare::kSome, 1};
  }
  return clause;
}

bool says_something(const Clause& clause) {
  const bool anything = clause.items.filter == Filter{} && clause.items.spot == Spot::kAnywhere;
  if (clause.kind == Clause::Kind::kOnly) return !anything;
  if (clause.kind == Clause::Kind::kColours) return true;
  return !anything || clause.quantity.compare != Compare::kSome;
}

Quantity panel_quantity(int panels, Random& random) {
  const double draw = random.uniform();
  if (draw < 0.6) return {};
  const int number = 1 + static_cast<int>(random.below(static_cast<uint32_t>(panels)));
  if (draw < 0.75) return {Compare::kExactly, number};
  if (draw < 0.85) return {Compare::kAtLeast, number};
  return {draw < 0.95 ? Compare::kEvery : Compare::kNone, 1};
}

Statement propose(const Scene& scene, Random& random) {
  const auto any = [&]() -> const SceneObject& {
    return scene.objects[random.below(static_cast<uint32_t>(scene.objects.size()))];
  };
  Statement statement;
  statement.towers = scene.towers;
  statement.phrasing = random();
  statement.of_panels = random.chance(0.6);
  statement.asks_number = random.chance(0.5);
  if (statement.of_panels) {
    const SceneObject& object = any();
    statement.quantity = panel_quantity(static_cast<int>(scene.panels.size()), random);
    statement.clauses.push_back(propose_clause(object, scene, random));
    const std::vector<int> beside = objects_in(object.panel, scene);
    const bool some = statement.asks_number || statement.quantity.compare == Compare::kSome;
    if (some && random.chance(0.35)) {
      const int other = beside[random.below(static_cast<uint32_t>(beside.size()))];
      statement.clauses.push_back(
          propose_clause(scene.objects[static_cast<std::size_t>(other)], scene, random));
    }
    return statement;
  }
  Clause clause;
  clause.items = items_like(any(), scene, random.chance(0.6), random);
  const auto count = static_cast<int>(items_of(clause.items, scene).size());
  statement.quantity =
      random.chance(0.15) ? Quantity{Compare::kNone, 0} : quantity_near(count, random);
  statement.clauses.push_back(clause);
  return statement;
}

/// The two clauses must not speak of the same things, nor one of colours with another.
bool is_sound(const Statement& statement) {
  const std::vector<Clause>& clauses = statement.clauses;
  if (!std::all_of(clauses.begin(), clauses.end(), says_something)) return false;
  if (clauses.size() < 2) return true;
  const auto is_items = [](const Clause& clause) { return clause.kind == Clause::Kind::kItems; };
  return std::all_of(clauses.begin(), clauses.end(), is_items) &&
         !(clauses[0].items.filter == clauses[1].items.filter) &&
         clauses[0].items.spot != Spot::kOn && clauses[1].items.spot != Spot::kOn;
}

}  // namespace

std::optional<Statement> sample_statement(const Scene& first, const Scene& second, Random& random) {
  if (first.objects.empty() || second.objects.empty()) return std::nullopt;
  for (int attempt = 0; attempt < kTries; ++attempt) {
    const Statement statement = propose(random.chance(0.5) ? first : second, random);
    if (!is_sound(statement)) continue;
    if (evaluate(statement, first).answer != evaluate(statement, second).answer) return statement;
  }
  return std::nullopt;
}

}  // namespace vqalign::scenes
