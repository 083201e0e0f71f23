#include "statement_solver.h"

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <stdexcept>

#include "box_picture.h"
#include "statement_reader.h"

namespace vqalign::test {
namespace {

using Set = std::set<int64_t>;
/// Whether a count out of so many is what the statement says.
using Holds = std::function<bool(int64_t, int64_t)>;

const std::set<std::string> kColourWords = {"red",    "green", "blue",   "yellow", "black",
                                            "purple", "white", "orange", "pink",   "brown"};
const std::map<std::string, std::string> kNouns = {{"circle", "circle"},
                                                   {"circles", "circle"},
                                                   {"square", "square"},
                                                   {"squares", "square"},
                                                   {"triangle", "triangle"},
                                                   {"triangles", "triangle"},
                                                   {"star", "star"},
                                                   {"stars", "star"},
                                                   {"cross", "cross"},
                                                   {"crosses", "cross"},
                                                   {"ring", "ring"},
                                                   {"rings", "ring"},
                                                   {"heart", "heart"},
                                                   {"hearts", "heart"},
                                                   {"crescent", "crescent"},
                                                   {"crescents", "crescent"},
                                                   {"item", ""},
                                                   {"items", ""},
                                                   {"object", ""},
                                                   {"objects", ""},
                                                   {"block", ""},
                                                   {"blocks", ""}};
const std::map<std::string, int64_t> kNumbers = {
    {"one", 1},   {"two", 2},   {"three", 3}, {"four", 4}, {"five", 5},    {"six", 6},
    {"seven", 7}, {"eight", 8}, {"nine", 9},  {"ten", 10}, {"eleven", 11}, {"twelve", 12}};
const std::set<std::string> kPanelNouns = {"box", "boxes", "tower", "towers"};

class StatementSolver {
 public:
  StatementSolver(const std::string& statement, const Json& image)
      : words_(words_of(statement)), picture_(image) {}

  Solution run() {
    if (words_.take("how many")) return how_many();
    if (words_.take("none of the")) {
      return say(items().empty());
    }
    if (words_.drop("in each box") || words_.drop("in each tower")) {
      words_.take("there is");
      return say(count_panels() == panels());
    }
    if (words_.take_any({"all the boxes have", "all the towers have", "each box has",
                         "each tower has", "every box has", "every tower has"})) {
      return say(count_panels() == panels());
    }
    words_.take_any({"there is", "there are", "is there", "are there", "do you see",
                     "is it true that there is", "is it true that there are"});
    const Holds quantity = read_quantity();
    if (kPanelNouns.count(words_.peek()) == 0) {
      const auto count = static_cast<int64_t>(items().size());
      return say(quantity(count, 0));
    }
    words_.next();
    if (!words_.take_any({"with", "which has", "which have", "having", "that contains",
                          "that contain", "has", "have"})) {
      throw std::runtime_error("what of the boxes: " + words_.peek());
    }
    return say(quantity(count_panels(), panels()));
  }

 private:
  int64_t panels() const { return static_cast<int64_t>(picture_.panels()); }

  Solution say(bool yes) const {
    if (!words_.done()) throw std::runtime_error("words left: " + words_.peek());
    return {yes ? "yes" : "no", about_};
  }

  Solution how_many() {
    int64_t count = 0;
    if (words_.take_any({"boxes", "towers"})) {
      if (!words_.take_any({"have", "are there with", "contain"})) {
        throw std::runtime_error("how many boxes: " + words_.peek());
      }
      count = count_panels();
    } else {
      count = static_cast<int64_t>(items().size());
    }
    return {std::to_string(count), say(true).about};
  }

  int64_t read_number() {
    const std::string word = words_.next();
    const auto named = kNumbers.find(word);
    return named != kNumbers.end() ? named->second : std::stoll(word);
  }

  Holds read_quantity() {
    if (words_.take_any({"a", "an"})) return [](int64_t count, int64_t) { return count >= 1; };
    if (words_.take("no")) return [](int64_t count, int64_t) { return count == 0; };
    if (words_.take("at least")) {
      return [n = read_number()](int64_t count, int64_t) { return count >= n; };
    }
    if (words_.take("at most")) {
      return [n = read_number()](int64_t count, int64_t) { return count <= n; };
    }
    if (words_.take("more than")) {
      return [n = read_number()](int64_t count, int64_t) { return count > n; };
    }
    if (words_.take_any({"less than", "fewer than"})) {
      return [n = read_number()](int64_t count, int64_t) { return count < n; };
    }
    words_.take_any({"exactly", "only"});
    return [n = read_number()](int64_t count, int64_t) { return count == n; };
  }

  /// The objects that a noun phrase with its place means.
  Set items() {
    std::string colour;
    if (kColourWords.count(words_.peek()) != 0) colour = words_.next();
    const std::string shape = kNouns.at(words_.next());
    words_.take_any({"are there", "are"});
    const auto is_there = read_spot();
    Set found;
    for (std::size_t i = 0; i < picture_.objects().size(); ++i) {
      const auto& thing = picture_.objects()[i];
      if (!colour.empty() && thing.colour != colour) continue;
      if (!shape.empty() && thing.shape != shape) continue;
      if (is_there(thing)) found.insert(static_cast<int64_t>(i));
    }
    about_.insert(found.begin(), found.end());
    return found;
  }

  using IsThere = std::function<bool(const BoxPicture::Thing&)>;

  IsThere read_spot() {
    const BoxPicture& picture = picture_;
    const bool negated = words_.take("not");
    words_.take("closely");
    if (words_.take("touching")) return read_touching(negated);
    if (words_.take_any({"at the base", "at the bottom", "as its base"})) {
      return [&](const BoxPicture::Thing& thing) { return picture.under(thing).empty(); };
    }
    if (words_.take_any({"as the second block", "in the second place from the base"})) {
      return [&](const BoxPicture::Thing& thing) { return picture.under(thing).size() == 1; };
    }
    if (words_.take("in the middle")) {
      return [&](const BoxPicture::Thing& thing) {
        return picture.under(thing).size() == 1 && picture.over(thing).size() == 1;
      };
    }
    if (words_.take_any({"on top of a", "on a", "over a", "above a"})) {
      const std::string colour = words_.next();
      words_.next();
      return [&picture, colour](const BoxPicture::Thing& thing) {
        const auto under = picture.under(thing);
        const auto nearest =
            std::min_element(under.begin(), under.end(),
                             [](const auto& a, const auto& b) { return a.box[1] < b.box[1]; });
        return nearest != under.end() && nearest->colour == colour;
      };
    }
    if (words_.take_any({"at the top", "as its top", "on top"})) {
      return [&](const BoxPicture::Thing& thing) { return picture.over(thing).empty(); };
    }
    return [](const BoxPicture::Thing&) { return true; };
  }

  IsThere read_touching(bool negated) {
    static const std::map<std::string, std::vector<std::size_t>> kSides = {
        {"left", {0}}, {"top", {1}}, {"right", {2}}, {"bottom", {3}}, {"base", {3}}};
    words_.take_any({"the", "any", "a"});
    const std::string side = words_.next();
    words_.take_any({"wall", "side"});
    words_.take("of a box");
    const auto named = kSides.find(side);
    const std::vector<std::size_t> edges =
        named == kSides.end() ? std::vector<std::size_t>{0, 1, 2, 3} : named->second;
    const std::ptrdiff_t needed = side == "corner" ? 2 : 1;
    return [this, edges, needed, negated](const BoxPicture::Thing& thing) {
      const auto touched = std::count_if(edges.begin(), edges.end(), [&](std::size_t edge) {
        return picture_.touches(thing, edge);
      });
      return (touched >= needed) != negated;
    };
  }

  /// For each panel whether one clause holds of it.
  std::vector<bool> read_clause() {
    const BoxPicture& picture = picture_;
    std::vector<int64_t> all(picture.panels()), found(picture.panels());
    for (const auto& thing : picture.objects()) ++all[thing.panel];
    Holds holds = [](int64_t count, int64_t of) { return count == of && of > 0; };
    if (words_.take_any({"items of", "objects of", "blocks of"})) {
      holds = read_quantity();
      words_.take("different");
      words_.take_any({"color", "colors"});
      std::set<std::pair<std::size_t, std::string>> colours;
      for (std::size_t i = 0; i < picture.objects().size(); ++i) {
        const auto& thing = picture.objects()[i];
        about_.insert(static_cast<int64_t>(i));
        if (colours.emplace(thing.panel, thing.colour).second) ++found[thing.panel];
      }
    } else {
      Reader ahead = words_;
      ahead.take("only");
      const bool only = words_.peek() == "only" &&
                        (kColourWords.count(ahead.peek()) != 0 || kNouns.count(ahead.peek()) != 0);
      if (only) {
        words_.take("only");
      } else {
        holds = read_quantity();
      }
      for (const int64_t i : items()) {
        ++found[picture.objects()[static_cast<std::size_t>(i)].panel];
      }
    }
    std::vector<bool> panels;
    for (std::size_t i = 0; i < found.size(); ++i) panels.push_back(holds(found[i], all[i]));
    return panels;
  }

  int64_t count_panels() {
    std::vector<bool> holding = read_clause();
    while (words_.take("and")) {
      const std::vector<bool> more = read_clause();
      for (std::size_t i = 0; i < more.size(); ++i) holding[i] = holding[i] && more[i];
    }
    return std::count(holding.begin(), holding.end(), true);
  }

  Reader words_;
  BoxPicture picture_;
  Set about_;
};

}  // namespace

Solution solve_statement(const std::string& statement, const Json& image) {
  return StatementSolver(statement, image).run();
}

}  // namespace vqalign::test
