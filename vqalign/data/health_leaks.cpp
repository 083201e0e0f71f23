#include "vqalign/data/health_leaks.h"

#include <algorithm>
#include <fstream>
#include <unordered_set>

#include "vqalign/core/error.h"
#include "vqalign/data/health_findings.h"

namespace vqalign::detail {
namespace {

namespace fs = std::filesystem;

std::string first_bytes_of(const fs::path& path) {
  std::string bytes(std::size_t{1} << 16, '\0');
  std::ifstream file(path, std::ios::binary);
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(file.gcount()));
  return bytes;
}

/// Whether an image id stands for one picture in both splits.
bool is_same_picture(const fs::path* a, const fs::path* b) {
  if (!a || !b || *a == *b) return true;
  std::error_code failed;
  const auto size_a = fs::file_size(*a, failed);
  const auto size_b = fs::file_size(*b, failed);
  return failed || (size_a == size_b && first_bytes_of(*a) == first_bytes_of(*b));
}

Finding shared_questions(const SeenSplit& a, const SeenSplit& b) {
  const std::unordered_set<int64_t> ids(a.question_ids.begin(), a.question_ids.end());
  Finding shared;
  for (const int64_t id : b.question_ids) {
    if (ids.contains(id)) shared.add(concat("question ", id));
  }
  return shared;
}

Finding shared_pictures(const SeenSplit& a, const SeenSplit& b) {
  const std::unordered_set<int64_t> ids(a.image_ids.begin(), a.image_ids.end());
  std::vector<int64_t> both;
  for (const int64_t id : b.image_ids) {
    if (ids.contains(id)) both.push_back(id);
  }
  std::sort(both.begin(), both.end());
  Finding shared;
  for (const int64_t id : both) {
    if (is_same_picture(a.images.find(id), b.images.find(id))) shared.add(concat("image ", id));
  }
  return shared;
}

}  // namespace

void check_leaks(const std::vector<SeenSplit>& splits, const std::string& training,
                 const HealthOptions& options, std::vector<HealthProblem>& problems) {
  const auto train = std::find_if(splits.begin(), splits.end(),
                                  [&](const SeenSplit& split) { return split.subset == training; });
  if (train == splits.end()) return;
  const bool joined = options.split.find('+') != std::string::npos;
  for (const SeenSplit& other : splits) {
    if (&other == &*train) continue;
    Findings findings(problems, other.subset);
    const Finding questions = shared_questions(*train, other);
    if (joined) {
      findings.error(concat("question ids that ", training, " has too"), questions);
      continue;
    }
    findings.warning(concat("question ids that ", training, " has too: what is scored on them was ",
                            "trained on"),
                     questions);
    findings.warning(concat("pictures that ", training, " has too, of ", other.image_ids.size()),
                     shared_pictures(*train, other));
  }
}

}  // namespace vqalign::detail
