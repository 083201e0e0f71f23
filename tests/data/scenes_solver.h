#pragma once

#include <set>
#include <string>
#include <vector>

#include "vqalign/core/json.h"

namespace vqalign::test {

struct Solution {
  std::string answer;
  std::set<int64_t> about;
};

/// Answers a question from its English text and an image entry of scenes_<split>.json alone; shares
/// no code with the generator. Throws std::runtime_error for a sentence it does not know, a name
/// that fits no or several objects, and a close call.
Solution solve_question(const std::string& question, const Json& image);

}  // namespace vqalign::test
