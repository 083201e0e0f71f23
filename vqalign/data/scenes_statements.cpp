#include "vqalign/data/scenes_statements.h"

#include <algorithm>
#include <set>

#include "vqalign/data/scenes_panels.h"

namespace vqalign::scenes {
namespace {

struct Touched {
  bool left, top, right, bottom;

  int walls() const { return left + top + right + bottom; }
};

Touched touched(const SceneObject& object, const Scene& scene) {
  const auto& panel = scene.panels[static_cast<std::size_t>(object.panel)];
  const auto near = [&](int edge) {
    return std::abs(object.box[edge] - panel[edge]) <= kTouchingGap;
  };
  return {near(0), near(1), near(2), near(3)};
}

bool is_touching(Spot spot, const Touched& walls) {
  switch (spot) {
    case Spot::kTouchingWall:
      return walls.walls() > 0;
    case Spot::kTouchingNone:
      return walls.walls() == 0;
    case Spot::kTouchingTop:
      return walls.top;
    case Spot::kTouchingBottom:
      return walls.bottom;
    case Spot::kTouchingLeft:
      return walls.left;
    case Spot::kTouchingRight:
      return walls.right;
    default:
      return walls.walls() > 1;
  }
}

/// `level` counts from 0 at the base of `tower`.
bool is_at(const ItemClass& items, const std::vector<int>& tower, std::size_t level,
           const Scene& scene) {
  switch (items.spot) {
    case Spot::kAtBase:
      return level == 0;
    case Spot::kAtTop:
      return level + 1 == tower.size();
    case Spot::kSecond:
      return level == 1;
    case Spot::kInMiddle:
      return level == 1 && tower.size() == 3;
    default:
      return level > 0 && object_at(scene, tower[level - 1]).colour == items.below;
  }
}

bool is_there(const ItemClass& items, int index, const Scene& scene) {
  if (items.spot == Spot::kAnywhere) return true;
  const SceneObject& object = object_at(scene, index);
  if (items.spot < Spot::kAtBase) return is_touching(items.spot, touched(object, scene));
  const std::vector<int> tower = objects_in(object.panel, scene);
  const auto level = std::find(tower.begin(), tower.end(), index) - tower.begin();
  return is_at(items, tower, static_cast<std::size_t>(level), scene);
}

bool holds_of(const Clause& clause, int panel, const Scene& scene) {
  const std::vector<int> inside = objects_in(panel, scene);
  const auto all = static_cast<int>(inside.size());
  if (clause.kind == Clause::Kind::kColours) {
    std::set<int> colours;
    for (const int index : inside) colours.insert(object_at(scene, index).colour);
    return clause.quantity.holds(static_cast<int>(colours.size()), all);
  }
  const int count = count_in(clause.items, panel, scene);
  if (clause.kind == Clause::Kind::kOnly) return count == all && all > 0;
  return clause.quantity.holds(count, all);
}

}  // namespace

bool Quantity::holds(int count, int all) const {
  switch (compare) {
    case Compare::kSome:
      return count > 0;
    case Compare::kNone:
      return count == 0;
    case Compare::kExactly:
      return count == number;
    case Compare::kAtLeast:
      return count >= number;
    case Compare::kAtMost:
      return count <= number;
    case Compare::kMoreThan:
      return count > number;
    case Compare::kLessThan:
      return count < number;
    case Compare::kEvery:
      break;
  }
  return count == all && all > 0;
}

std::vector<int> objects_in(int panel, const Scene& scene) {
  std::vector<int> found;
  for (int i = 0; i < static_cast<int>(scene.objects.size()); ++i) {
    if (object_at(scene, i).panel == panel) found.push_back(i);
  }
  return found;
}

std::vector<int> items_of(const ItemClass& items, const Scene& scene) {
  std::vector<int> found;
  for (int i = 0; i < static_cast<int>(scene.objects.size()); ++i) {
    if (items.filter.matches(object_at(scene, i)) && is_there(items, i, scene)) found.push_back(i);
  }
  return found;
}

int count_in(const ItemClass& items, int panel, const Scene& scene) {
  const std::vector<int> found = items_of(items, scene);
  return static_cast<int>(std::count_if(found.begin(), found.end(), [&](int index) {
    return object_at(scene, index).panel == panel;
  }));
}

Truth evaluate(const Statement& statement, const Scene& scene) {
  std::set<int> about;
  for (const Clause& clause : statement.clauses) {
    const std::vector<int> found = items_of(clause.items, scene);
    about.insert(found.begin(), found.end());
  }
  int count = 0;
  const auto panels = static_cast<int>(scene.panels.size());
  if (statement.of_panels) {
    for (int panel = 0; panel < panels; ++panel) {
      count += std::all_of(statement.clauses.begin(), statement.clauses.end(),
                           [&](const Clause& clause) { return holds_of(clause, panel, scene); })
                   ? 1
                   : 0;
    }
  } else {
    count = static_cast<int>(about.size());
  }
  std::vector<int> indices(about.begin(), about.end());
  return statement.asks_number
             ? counted(count, std::move(indices))
             : yes_no(statement.quantity.holds(count, panels), std::move(indices));
}

std::string answer_type(const Statement& statement) {
  return answer_type(statement.asks_number ? Kind::kCount : Kind::kExist);
}

}  // namespace vqalign::scenes
