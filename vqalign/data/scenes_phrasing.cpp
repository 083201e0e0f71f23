#include "vqalign/data/scenes_phrasing.h"

#include <array>
#include <cctype>
#include <span>
#include <string_view>

namespace vqalign::scenes {
namespace {

// {a} one such object with its article, {s} several, {A} the one object, likewise B; {v} the value,
// {av} with its article; {n} the number.
using Template = std::string_view;

constexpr Template kExist[] = {"is there {a}?",        "is there {a} in the picture?",
                               "are there any {s}?",   "do you see {a}?",
                               "can you see any {s}?", "does the picture show {a}?"};
constexpr Template kCount[] = {"how many {s} are there?", "how many {s} do you see?",
                               "how many {s} are in the picture?", "what is the number of {s}?",
                               "what number of {s} can you see?"};
constexpr Template kCountIs[] = {
    "is the number of {s} {n}?", "is the number of {s} in the picture {n}?",
    "is it true that the number of {s} is {n}?", "does the number of {s} equal {n}?"};
constexpr Template kColour[] = {"what color is {A}?", "what is the color of {A}?",
                                "what colour is {A}?", "which color does {A} have?",
                                "what color does {A} have?"};
constexpr Template kColourIs[] = {"is {A} {v}?", "is the color of {A} {v}?", "does {A} look {v}?",
                                  "is {v} the color of {A}?"};
constexpr Template kShape[] = {"what shape is {A}?", "what is the shape of {A}?",
                               "which shape does {A} have?", "what kind of shape is {A}?",
                               "what is {A}?"};
constexpr Template kShapeIs[] = {"is {A} {av}?", "is the shape of {A} {av}?",
                                 "does {A} look like {av}?", "does {A} have the shape of {av}?"};
constexpr Template kSize[] = {"what size is {A}?", "what is the size of {A}?", "how big is {A}?",
                              "how large is {A}?", "which size does {A} have?"};
constexpr Template kSizeIs[] = {"is {A} {v}?", "is the size of {A} {v}?", "does {A} look {v}?",
                                "would you call {A} {v}?"};
constexpr Template kLarger[] = {"is {A} larger than {B}?", "is {A} bigger than {B}?",
                                "does {A} look bigger than {B}?",
                                "is the size of {A} larger than that of {B}?"};
constexpr Template kSmaller[] = {"is {A} smaller than {B}?", "does {A} look smaller than {B}?",
                                 "is the size of {A} smaller than that of {B}?",
                                 "would you call {A} smaller than {B}?"};
constexpr Template kPlace[] = {"where is {A}?", "where in the picture is {A}?",
                               "in which part of the picture is {A}?", "where do you see {A}?"};
constexpr Template kPlaceIs[] = {"is {A} in the {v}?", "is {A} in the {v} of the picture?",
                                 "do you see {A} in the {v}?", "can you find {A} in the {v}?"};
constexpr Template kRelationIs[] = {"is {A} {v} {B}?", "does {A} lie {v} {B}?",
                                    "do you see {A} {v} {B}?", "can you find {A} {v} {B}?"};
constexpr Template kRelationShape[] = {"what shape is the {b} {v} {A}?", "what is the {b} {v} {A}?",
                                       "which shape does the {b} {v} {A} have?",
                                       "what kind of shape is the {b} {v} {A}?"};
/// For the only object of all there.
constexpr Template kRelationAnything[] = {"what is {v} {A}?", "what shape is {v} {A}?",
                                          "which shape lies {v} {A}?",
                                          "what kind of shape do you see {v} {A}?"};
constexpr Template kRelationColour[] = {
    "what color is the {b} {v} {A}?", "what is the color of the {b} {v} {A}?",
    "what colour is the {b} {v} {A}?", "which color does the {b} {v} {A} have?"};
constexpr Template kMore[] = {"are there more {s} than {t}?", "do you see more {s} than {t}?",
                              "is the number of {s} greater than the number of {t}?",
                              "does the picture show more {s} than {t}?"};
constexpr Template kFewer[] = {"are there fewer {s} than {t}?", "do you see fewer {s} than {t}?",
                               "is the number of {s} smaller than the number of {t}?",
                               "does the picture show fewer {s} than {t}?"};
constexpr Template kSame[] = {"are there as many {s} as {t}?", "do you see as many {s} as {t}?",
                              "is the number of {s} the same as the number of {t}?",
                              "are there equally many {s} and {t}?"};
constexpr Template kWhichMore[] = {"which are there more of, {s} or {t}?",
                                   "are there more {s} or {t}?", "do you see more {s} or {t}?",
                                   "what does the picture show more of, {s} or {t}?"};

std::span<const Template> templates_of(const Query& query) {
  switch (query.kind) {
    case Kind::kExist:
      return kExist;
    case Kind::kCount:
      return kCount;
    case Kind::kCountIs:
      return kCountIs;
    case Kind::kColour:
      return kColour;
    case Kind::kColourIs:
      return kColourIs;
    case Kind::kShape:
      return kShape;
    case Kind::kShapeIs:
      return kShapeIs;
    case Kind::kSize:
      return kSize;
    case Kind::kSizeIs:
      return kSizeIs;
    case Kind::kLarger:
      return kLarger;
    case Kind::kSmaller:
      return kSmaller;
    case Kind::kPlace:
      return kPlace;
    case Kind::kPlaceIs:
      return kPlaceIs;
    case Kind::kRelationIs:
      return kRelationIs;
    case Kind::kRelationShape:
      if (query.b == Filter{}) return kRelationAnything;
      return kRelationShape;
    case Kind::kRelationColour:
      return kRelationColour;
    case Kind::kMore:
      return kMore;
    case Kind::kFewer:
      return kFewer;
    case Kind::kSame:
      return kSame;
    case Kind::kWhichMore:
      return kWhichMore;
  }
  return {};
}

const std::string& name(const std::vector<std::string>& names, int index) {
  return names[static_cast<std::size_t>(index)];
}

std::string noun(const Filter& filter, bool several, const std::string& thing) {
  std::string text;
  if (filter.size >= 0) text += name(size_names(), filter.size) + " ";
  if (filter.colour >= 0) text += name(colour_names(), filter.colour) + " ";
  if (filter.shape < 0) return text + thing + (several ? "s" : "");
  return text + (several ? plural_shape(filter.shape) : name(shape_names(), filter.shape));
}

std::string with_article(const std::string& words) {
  const bool vowel = std::string_view("aeiou").find(words[0]) != std::string_view::npos;
  return (vowel ? "an " : "a ") + words;
}

std::string direction_words(int direction, int variant) {
  static constexpr std::array<std::array<std::string_view, 3>, kDirections> kWords = {
      {{"left of", "to the left of", "left of"},
       {"right of", "to the right of", "right of"},
       {"above", "above", "higher than"},
       {"below", "below", "lower than"}}};
  return std::string(
      kWords[static_cast<std::size_t>(direction)][static_cast<std::size_t>(variant)]);
}

std::string value_words(const Query& query, int variant) {
  switch (query.kind) {
    case Kind::kColourIs:
      return name(colour_names(), query.value);
    case Kind::kShapeIs:
      return name(shape_names(), query.value);
    case Kind::kSizeIs:
      return name(size_names(), query.value);
    case Kind::kPlaceIs:
      return place_name(query.value) + (query.value >= kLeft ? " half" : "");
    default:
      return direction_words(query.value, variant);
  }
}

void replace(std::string& text, std::string_view mark, const std::string& words) {
  const std::size_t at = text.find(mark);
  if (at != std::string::npos) text.replace(at, mark.size(), words);
}

constexpr std::string_view kQuestionTypes[] = {"all the",
                                               "are there",
                                               "are there any",
                                               "are there as many",
                                               "are there fewer",
                                               "are there more",
                                               "at least",
                                               "at most",
                                               "can you",
                                               "can you find",
                                               "can you see any",
                                               "do you see",
                                               "do you see more",
                                               "does the",
                                               "does the picture show",
                                               "each",
                                               "every",
                                               "exactly",
                                               "fewer than",
                                               "how big is the",
                                               "how large is the",
                                               "how many",
                                               "in which part",
                                               "is",
                                               "is it",
                                               "is it true that there",
                                               "is the",
                                               "is the color of the",
                                               "is the number of",
                                               "is the shape of the",
                                               "is the size of the",
                                               "is there",
                                               "is there a",
                                               "is there at least",
                                               "less than",
                                               "more than",
                                               "none of the",
                                               "only",
                                               "there are",
                                               "there are exactly",
                                               "there is",
                                               "there is a",
                                               "there is at least",
                                               "there is exactly",
                                               "what",
                                               "what color",
                                               "what color is the",
                                               "what colour is the",
                                               "what is",
                                               "what is the",
                                               "what is the color of the",
                                               "what is the number of",
                                               "what is the shape of the",
                                               "what is the size of the",
                                               "what kind of",
                                               "what number",
                                               "what shape",
                                               "what shape is the",
                                               "what size is the",
                                               "where",
                                               "where is the",
                                               "which",
                                               "would you call the"};

}  // namespace

std::string plural_shape(int shape) {
  const std::string& singular = name(shape_names(), shape);
  return singular + (singular.back() == 's' ? "es" : "s");
}

std::string phrase(const Query& query) {
  static const std::array<std::string, 11> numbers = {
      "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"};
  const auto choices = templates_of(query);
  const auto count = static_cast<int>(choices.size());
  std::string text(choices[static_cast<std::size_t>(query.phrasing % count)]);
  const int variant = query.phrasing / count;
  const std::string thing = variant % 2 == 0 ? "thing" : "object";
  replace(text, "{a}", with_article(noun(query.a, false, thing)));
  replace(text, "{s}", noun(query.a, true, thing));
  replace(text, "{t}", noun(query.b, true, thing));
  replace(text, "{A}", "the " + noun(query.a, false, thing));
  replace(text, "{B}", "the " + noun(query.b, false, thing));
  replace(text, "{b}", noun(query.b, false, thing));
  if (text.find('{') != std::string::npos) {
    const std::string value = query.kind == Kind::kCountIs
                                  ? numbers.at(static_cast<std::size_t>(query.number))
                                  : value_words(query, variant / 2 % 3);
    replace(text, "{av}", with_article(value));
    replace(text, "{v}", value);
    replace(text, "{n}", value);
  }
  text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
  return text;
}

std::string question_type(const std::string& question) {
  std::string lower;
  for (const char c : question) {
    lower += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  std::string_view best;
  for (const std::string_view type : kQuestionTypes) {
    const bool begins = lower.starts_with(type) &&
                        (lower.size() == type.size() || std::isalpha(lower[type.size()]) == 0);
    if (begins && type.size() > best.size()) best = type;
  }
  return best.empty() ? "none of the above" : std::string(best);
}

}  // namespace vqalign::scenes
