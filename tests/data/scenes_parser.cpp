#include "scenes_parser.h"

#include <algorithm>
#include <cctype>
#include <set>
#include <sstream>
#include <stdexcept>

namespace vqalign::test {
namespace {

const std::set<std::string> kShapes = {"circle", "square", "triangle", "star",
                                       "cross",  "ring",   "heart",    "crescent"};
const std::set<std::string> kColours = {"red",    "green", "blue",   "yellow", "black",
                                        "purple", "white", "orange", "pink",   "brown"};

bool is_size(const std::string& word) {
  return std::find(size_words().begin(), size_words().end(), word) != size_words().end();
}

/// "circle" for "circle" and "circles", "thing" for things and objects, empty for other words.
std::string singular(const std::string& word) {
  for (const std::string ending : {"", "s", "es"}) {
    if (!word.ends_with(ending)) continue;
    const std::string stem = word.substr(0, word.size() - ending.size());
    if (kShapes.count(stem) != 0) return stem;
    if (stem == "thing" || stem == "object") return "thing";
  }
  return {};
}

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at)) {
    text.replace(at, from.size(), to);
    at += to.size();
  }
}

std::vector<std::string> question_words(const std::string& question) {
  std::string text;
  for (const char c : question) {
    if (c == '?' || c == ',') continue;
    text += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  if (question.empty() || question.back() != '?') throw std::runtime_error("no question mark");
  std::istringstream stream(text);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word == "colour" ? "color" : word);
  return words;
}

}  // namespace

const std::vector<std::string>& size_words() {
  static const std::vector<std::string> words = {"small", "medium", "large"};
  return words;
}

const std::map<std::string, int>& number_words() {
  static const std::map<std::string, int> words = {
      {"one", 1}, {"two", 2},   {"three", 3}, {"four", 4}, {"five", 5},
      {"six", 6}, {"seven", 7}, {"eight", 8}, {"nine", 9}, {"ten", 10}};
  return words;
}

Parsed parse_question(const std::string& question) {
  const std::vector<std::string> words = question_words(question);
  Parsed parsed;
  std::vector<std::string> kept;
  for (std::size_t i = 0; i < words.size();) {
    Noun noun;
    std::size_t next = i;
    if (is_size(words[next])) noun.size = words[next++];
    if (next < words.size() && kColours.count(words[next]) != 0) noun.colour = words[next++];
    if (next < words.size() && !singular(words[next]).empty()) {
      noun.shape = singular(words[next]);
      if (noun.shape == "thing") noun.shape.clear();
      parsed.nouns.push_back(noun);
      kept.push_back("NP");
      i = next + 1;
      continue;
    }
    std::string word = words[i++];
    if (is_size(word) || kColours.count(word) != 0 || number_words().count(word) != 0) {
      parsed.value = word;
      word = is_size(word) ? "SIZE" : kColours.count(word) != 0 ? "COL" : "NUM";
    }
    if (word == "an") word = "a";
    kept.push_back(word);
  }
  for (const std::string& word : kept) {
    parsed.skeleton += (parsed.skeleton.empty() ? "" : " ") + word;
  }
  std::string& text = parsed.skeleton;
  replace_all(text, "to the left of", "left of");
  replace_all(text, "to the right of", "right of");
  replace_all(text, "higher than", "above");
  replace_all(text, "lower than", "below");
  for (const std::string direction : {"left of", "right of", "above", "below"}) {
    if (text.find(" " + direction + " the NP") == std::string::npos) continue;
    parsed.value = direction;
    replace_all(text, " " + direction + " ", " DIR ");
  }
  for (const std::string place : {"top left", "top right", "bottom left", "bottom right", "center",
                                  "left half", "right half", "top half", "bottom half"}) {
    if (!text.ends_with("in the " + place) &&
        text.find("in the " + place + " of the picture") == std::string::npos) {
      continue;
    }
    parsed.value = place;
    replace_all(text, "in the " + place, "in the PLACE");
  }
  return parsed;
}

}  // namespace vqalign::test
