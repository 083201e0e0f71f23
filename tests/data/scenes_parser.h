#pragma once

#include <map>
#include <string>
#include <vector>

namespace vqalign::test {

/// Attributes that a noun phrase names; empty where it leaves one open.
struct Noun {
  std::string shape;
  std::string colour;
  std::string size;
};

/// A question as its skeleton ("is the NP DIR the NP") and what stood in its slots.
struct Parsed {
  std::string skeleton;
  std::vector<Noun> nouns;
  std::string value;
};

/// In order of size.
const std::vector<std::string>& size_words();
/// "one" to "ten".
const std::map<std::string, int>& number_words();

Parsed parse_question(const std::string& question);

}  // namespace vqalign::test
