#include "vqalign/train/robustness/kinds.h"

#include <algorithm>
#include <array>
#include <cassert>

#include "vqalign/language/question_attack.h"
#include "vqalign/vision/corruption.h"

namespace vqalign {
namespace {

constexpr const char* kFeatures = "features";
constexpr std::string_view kGreedy = "greedy_";
constexpr std::array<double, kMostSeverity> kDeviations = {0.25, 0.5, 1, 1.5, 2};

bool holds(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

void append(std::vector<std::string>& names, const std::vector<std::string>& more) {
  names.insert(names.end(), more.begin(), more.end());
}

}  // namespace

const std::vector<std::string>& question_attack_kinds() {
  static const std::vector<std::string> kinds = [] {
    std::vector<std::string> all = question_attack_names();
    for (const std::string& name : question_attack_names()) {
      all.push_back(std::string(kGreedy) + name);
    }
    return all;
  }();
  return kinds;
}

const std::vector<std::string>& harm_kinds() {
  static const std::vector<std::string> kinds = [] {
    std::vector<std::string> all = corruption_names();
    all.emplace_back(kFeatures);
    append(all, question_attack_kinds());
    return all;
  }();
  return kinds;
}

std::vector<std::string> usual_harm_kinds(bool pictures) {
  std::vector<std::string> kinds;
  if (pictures) kinds = corruption_names();
  kinds.emplace_back(kFeatures);
  append(kinds, question_attack_names());
  kinds.push_back(std::string(kGreedy) + question_attack_names().front());
  return kinds;
}

HarmedPart harmed_part(const std::string& kind) {
  assert(holds(harm_kinds(), kind));
  if (kind == kFeatures) return HarmedPart::kFeatures;
  return holds(corruption_names(), kind) ? HarmedPart::kPictures : HarmedPart::kQuestions;
}

const char* part_name(HarmedPart part) {
  switch (part) {
    case HarmedPart::kPictures:
      return "pictures";
    case HarmedPart::kFeatures:
      return "features";
    case HarmedPart::kQuestions:
      return "questions";
  }
  return "";
}

double harm_amount(const Harm& harm) {
  switch (harmed_part(harm.kind)) {
    case HarmedPart::kPictures:
      return corruption_amount(harm);
    case HarmedPart::kFeatures:
      return kDeviations[static_cast<std::size_t>(harm.severity - 1)];
    case HarmedPart::kQuestions:
      break;
  }
  return static_cast<double>(harm.severity);
}

bool is_greedy(std::string_view kind) {
  return kind.starts_with(kGreedy);
}

Harm plain_attack(const Harm& harm) {
  return {is_greedy(harm.kind) ? harm.kind.substr(kGreedy.size()) : harm.kind, harm.severity};
}

}  // namespace vqalign
