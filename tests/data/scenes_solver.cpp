#include "scenes_solver.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <stdexcept>

#include "scenes_parser.h"

namespace vqalign::test {
namespace {

class Solver {
 public:
  Solver(const Json& image, const Parsed& parsed) : image_(image), parsed_(parsed) {}

  Solution run() {
    static const std::map<std::string, Solution (Solver::*)()> table = rules();
    const auto rule = table.find(parsed_.skeleton);
    if (rule == table.end()) throw std::runtime_error("unknown sentence: " + parsed_.skeleton);
    return (this->*rule->second)();
  }

 private:
  using Rule = Solution (Solver::*)();
  using Set = std::set<int64_t>;

  static void add_comparisons(std::map<std::string, Rule>& table) {
    const auto add = [&](Rule rule, std::initializer_list<const char*> skeletons) {
      for (const char* skeleton : skeletons) table[skeleton] = rule;
    };
    add(&Solver::more, {"are there more NP than NP", "do you see more NP than NP",
                        "is the number of NP greater than the number of NP",
                        "does the picture show more NP than NP"});
    add(&Solver::fewer, {"are there fewer NP than NP", "do you see fewer NP than NP",
                         "is the number of NP smaller than the number of NP",
                         "does the picture show fewer NP than NP"});
    add(&Solver::same,
        {"are there as many NP as NP", "do you see as many NP as NP",
         "is the number of NP the same as the number of NP", "are there equally many NP and NP"});
    add(&Solver::which_more,
        {"which are there more of NP or NP", "are there more NP or NP", "do you see more NP or NP",
         "what does the picture show more of NP or NP"});
  }

  static std::map<std::string, Rule> rules() {
    std::map<std::string, Rule> table;
    const auto add = [&](Rule rule, std::initializer_list<const char*> skeletons) {
      for (const char* skeleton : skeletons) table[skeleton] = rule;
    };
    add(&Solver::exist, {"is there a NP", "is there a NP in the picture", "are there any NP",
                         "do you see a NP", "can you see any NP", "does the picture show a NP"});
    add(&Solver::count,
        {"how many NP are there", "how many NP do you see", "how many NP are in the picture",
         "what is the number of NP", "what number of NP can you see"});
    add(&Solver::count_is,
        {"is the number of NP NUM", "is the number of NP in the picture NUM",
         "is it true that the number of NP is NUM", "does the number of NP equal NUM"});
    add(&Solver::colour, {"what color is the NP", "what is the color of the NP",
                          "which color does the NP have", "what color does the NP have"});
    add(&Solver::colour_is, {"is the NP COL", "is the color of the NP COL", "does the NP look COL",
                             "is COL the color of the NP"});
    add(&Solver::shape,
        {"what shape is the NP", "what is the shape of the NP", "which shape does the NP have",
         "what kind of shape is the NP", "what is the NP"});
    add(&Solver::shape_is, {"is the NP a NP", "is the shape of the NP a NP",
                            "does the NP look like a NP", "does the NP have the shape of a NP"});
    add(&Solver::size,
        {"what size is the NP", "what is the size of the NP", "how big is the NP",
         "how large is the NP", "which size does the NP have", "how SIZE is the NP"});
    add(&Solver::size_is, {"is the NP SIZE", "is the size of the NP SIZE", "does the NP look SIZE",
                           "would you call the NP SIZE"});
    add(&Solver::larger, {"is the NP larger than the NP", "is the NP bigger than the NP",
                          "does the NP look bigger than the NP",
                          "is the size of the NP larger than that of the NP"});
    add(&Solver::smaller, {"is the NP smaller than the NP", "does the NP look smaller than the NP",
                           "is the size of the NP smaller than that of the NP",
                           "would you call the NP smaller than the NP"});
    add(&Solver::place, {"where is the NP", "where in the picture is the NP",
                         "in which part of the picture is the NP", "where do you see the NP"});
    add(&Solver::place_is, {"is the NP in the PLACE", "is the NP in the PLACE of the picture",
                            "do you see the NP in the PLACE", "can you find the NP in the PLACE"});
    add(&Solver::relation, {"is the NP DIR the NP", "does the NP lie DIR the NP",
                            "do you see the NP DIR the NP", "can you find the NP DIR the NP"});
    add(&Solver::shape_beside,
        {"what is DIR the NP", "what shape is DIR the NP", "which shape lies DIR the NP",
         "what kind of shape do you see DIR the NP", "what shape is the NP DIR the NP",
         "what is the NP DIR the NP", "which shape does the NP DIR the NP have",
         "what kind of shape is the NP DIR the NP"});
    add(&Solver::colour_beside,
        {"what color is the NP DIR the NP", "what is the color of the NP DIR the NP",
         "which color does the NP DIR the NP have"});
    add_comparisons(table);
    return table;
  }

  const Json& object(int64_t index) const {
    return image_.at("objects").as_array().at(static_cast<std::size_t>(index));
  }
  const std::string& attribute(int64_t index, const char* name) const {
    return object(index).at(name).as_string();
  }
  double centre(int64_t index, std::size_t axis) const {
    const auto& box = object(index).at("box").as_array();
    return 0.5 * (box[axis].as_double() + box[axis + 2].as_double());
  }

  Set all(const Noun& noun) const {
    Set found;
    const auto count = static_cast<int64_t>(image_.at("objects").as_array().size());
    for (int64_t i = 0; i < count; ++i) {
      if (!noun.shape.empty() && attribute(i, "shape") != noun.shape) continue;
      if (!noun.colour.empty() && attribute(i, "colour") != noun.colour) continue;
      if (!noun.size.empty() && attribute(i, "size") != noun.size) continue;
      found.insert(i);
    }
    return found;
  }
  int64_t only(const Set& found) const {
    if (found.size() != 1) throw std::runtime_error("a name fits no or several objects");
    return *found.begin();
  }
  int64_t only(std::size_t noun) const { return only(all(parsed_.nouns.at(noun))); }
  int size_rank(int64_t index) const {
    const auto& words = size_words();
    return static_cast<int>(std::find(words.begin(), words.end(), attribute(index, "size")) -
                            words.begin());
  }

  static Solution say(bool yes, Set about) { return {yes ? "yes" : "no", std::move(about)}; }
  static Set join(Set a, const Set& b) {
    a.insert(b.begin(), b.end());
    return a;
  }
  static double clear(double difference, double least) {
    if (std::abs(difference) < least) throw std::runtime_error("a close call");
    return difference;
  }

  Solution exist() {
    const Set found = all(parsed_.nouns.at(0));
    return say(!found.empty(), found);
  }
  Solution count() {
    const Set found = all(parsed_.nouns.at(0));
    return {std::to_string(found.size()), found};
  }
  Solution count_is() {
    const Set found = all(parsed_.nouns.at(0));
    return say(static_cast<int>(found.size()) == number_words().at(parsed_.value), found);
  }
  Solution colour() { return {attribute(only(0), "colour"), {only(0)}}; }
  Solution colour_is() { return say(attribute(only(0), "colour") == parsed_.value, {only(0)}); }
  Solution shape() { return {attribute(only(0), "shape"), {only(0)}}; }
  Solution shape_is() {
    return say(attribute(only(0), "shape") == parsed_.nouns.at(1).shape, {only(0)});
  }
  Solution size() { return {attribute(only(0), "size"), {only(0)}}; }
  Solution size_is() { return say(attribute(only(0), "size") == parsed_.value, {only(0)}); }
  Solution larger() {
    const int difference = size_rank(only(0)) - size_rank(only(1));
    return say(clear(difference, 1) > 0, {only(0), only(1)});
  }
  Solution smaller() {
    const int difference = size_rank(only(1)) - size_rank(only(0));
    return say(clear(difference, 1) > 0, {only(0), only(1)});
  }

  std::string side(int64_t index, std::size_t axis, double margin) const {
    const double extent = image_.at(axis == 0 ? "width" : "height").as_double();
    const double off = clear(centre(index, axis) / extent - 0.5, margin);
    return axis == 0 ? (off < 0 ? "left" : "right") : (off < 0 ? "top" : "bottom");
  }
  std::string whole_place(int64_t index) const {
    const double x = centre(index, 0) / image_.at("width").as_double() - 0.5;
    const double y = centre(index, 1) / image_.at("height").as_double() - 0.5;
    if (std::abs(x) < 0.101 && std::abs(y) < 0.101) return "center";
    return side(index, 1, 0.12) + " " + side(index, 0, 0.12);
  }
  Solution place() { return {whole_place(only(0)), {only(0)}}; }
  Solution place_is() {
    const std::string& asked = parsed_.value;
    if (!asked.ends_with(" half")) return say(whole_place(only(0)) == asked, {only(0)});
    const std::string half = asked.substr(0, asked.size() - 5);
    const std::size_t axis = half == "left" || half == "right" ? 0 : 1;
    return say(side(only(0), axis, 0.07) == half, {only(0)});
  }

  double along(int64_t a, int64_t b) const {
    const std::size_t axis = parsed_.value == "above" || parsed_.value == "below" ? 1 : 0;
    const double difference = centre(a, axis) - centre(b, axis);
    return parsed_.value == "left of" || parsed_.value == "above" ? -difference : difference;
  }
  Solution relation() {
    const int64_t a = only(0);
    const int64_t b = only(1);
    return say(clear(along(a, b), 12) > 0, {a, b});
  }
  /// {anchor, the one beside it}
  std::pair<int64_t, int64_t> beside() const {
    const int64_t anchor = only(parsed_.nouns.size() - 1);
    const Noun target = parsed_.nouns.size() == 2 ? parsed_.nouns[0] : Noun{};
    Set found;
    for (const int64_t index : all(target)) {
      if (index != anchor && clear(along(index, anchor), 6) > 0) found.insert(index);
    }
    clear(along(only(found), anchor), 12);
    return {anchor, only(found)};
  }
  Solution shape_beside() {
    const auto [anchor, target] = beside();
    return {attribute(target, "shape"), {anchor, target}};
  }
  Solution colour_beside() {
    const auto [anchor, target] = beside();
    return {attribute(target, "colour"), {anchor, target}};
  }

  Solution compare(bool (*holds)(std::size_t, std::size_t)) {
    const Set first = all(parsed_.nouns.at(0));
    const Set second = all(parsed_.nouns.at(1));
    return say(holds(first.size(), second.size()), join(first, second));
  }
  Solution more() {
    return compare([](std::size_t a, std::size_t b) { return a > b; });
  }
  Solution fewer() {
    return compare([](std::size_t a, std::size_t b) { return a < b; });
  }
  Solution same() {
    return compare([](std::size_t a, std::size_t b) { return a == b; });
  }
  Solution which_more() {
    const Noun& a = parsed_.nouns.at(0);
    const Noun& b = parsed_.nouns.at(1);
    const Set first = all(a);
    const Set second = all(b);
    if (first.size() == second.size()) throw std::runtime_error("as many of one as of the other");
    const Noun& winner = first.size() > second.size() ? a : b;
    std::string answer = winner.size;
    if (a.colour != b.colour) answer = winner.colour;
    if (a.shape != b.shape) answer = winner.shape + (winner.shape == "cross" ? "es" : "s");
    return {answer, join(first, second)};
  }

  const Json& image_;
  const Parsed& parsed_;
};

}  // namespace

Solution solve_question(const std::string& question, const Json& image) {
  const Parsed parsed = parse_question(question);
  return Solver(image, parsed).run();
}

}  // namespace vqalign::test
