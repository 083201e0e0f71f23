// Which files make up a split.
#include <algorithm>
#include <map>
#include <system_error>

#include "vqalign/core/error.h"
#include "vqalign/data/dataset.h"

namespace vqalign {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kQuestionsEnding = "_questions.json";
constexpr std::string_view kAnnotationsEnding = "_annotations.json";

/// "train2014" of v2_OpenEnded_mscoco_train2014_questions.json; empty when the ending differs.
std::string subset_of(const fs::path& path, std::string_view ending) {
  std::string name = path.filename().string();
  if (name.size() <= ending.size() || !name.ends_with(ending)) return {};
  name.resize(name.size() - ending.size());
  const std::size_t bar = name.rfind('_');
  return bar == std::string::npos ? name : name.substr(bar + 1);
}

/// Where a folder holds several files of one subset (VQA v1 and v2), version 2 comes first.
bool preferred(const fs::path& a, const fs::path& b) {
  const std::string name_a = a.filename().string();
  const std::string name_b = b.filename().string();
  const bool second_a = name_a.starts_with("v2_");
  const bool second_b = name_b.starts_with("v2_");
  return second_a != second_b ? second_a : name_a < name_b;
}

void offer(std::map<std::string, fs::path>& files, const std::string& subset,
           const fs::path& path) {
  // Multiple choice was a task of VQA v1, with the subsets of the open-ended one.
  if (subset.empty() || path.filename().string().find("MultipleChoice") != std::string::npos)
    return;
  const auto [place, fresh] = files.emplace(subset, path);
  if (!fresh && preferred(path, place->second)) place->second = path;
}

/// test-dev2015 is a part of test2015, whose pictures it uses.
std::string picture_subset(const std::string& subset) {
  const std::size_t dash = subset.find('-');
  if (dash == std::string::npos) return subset;
  const std::size_t year = subset.find_first_of("0123456789", dash);
  return subset.substr(0, dash) + (year == std::string::npos ? "" : subset.substr(year));
}

fs::path picture_folder(const fs::path& directory, const std::string& subset) {
  for (const std::string& name : {subset, picture_subset(subset)}) {
    std::error_code ignored;
    if (fs::is_directory(directory / name, ignored)) return directory / name;
  }
  return {};
}

/// Like list_splits, but a folder without any is fine.
std::vector<SplitPaths> scan(const fs::path& directory) {
  std::error_code error;
  fs::directory_iterator entries(directory, error);
  if (error) fail(directory.string(), ": cannot read the folder: ", error.message());
  std::map<std::string, fs::path> questions;
  std::map<std::string, fs::path> annotations;
  for (const fs::directory_entry& entry : entries) {
    offer(questions, subset_of(entry.path(), kQuestionsEnding), entry.path());
    offer(annotations, subset_of(entry.path(), kAnnotationsEnding), entry.path());
  }
  std::vector<SplitPaths> splits;
  for (const auto& [subset, path] : questions) {
    const auto answers = annotations.find(subset);
    splits.push_back({subset, path, answers == annotations.end() ? fs::path() : answers->second,
                      picture_folder(directory, subset)});
  }
  return splits;
}

/// Does the short name `split` mean `subset`: the same, or the same and a year?
bool means(const std::string& split, const std::string& subset) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  if (split.empty() || subset.size() < split.size()) return false;
  for (std::size_t i = 0; i < split.size(); ++i) {
    if (lower(split[i]) != lower(subset[i])) return false;
  }
  return subset.find_first_not_of("0123456789", split.size()) == std::string::npos;
}

std::string names_of(const std::vector<SplitPaths>& splits) {
  std::string names;
  for (const SplitPaths& split : splits) names += (names.empty() ? "" : ", ") + split.subset;
  return names;
}

SplitPaths select(const std::vector<SplitPaths>& splits, const std::string& wanted,
                  const fs::path& directory) {
  std::vector<SplitPaths> found;
  for (const SplitPaths& split : splits) {
    if (split.subset == wanted) return split;
    if (means(wanted, split.subset)) found.push_back(split);
  }
  if (found.empty()) {
    fail(directory.string(), ": has no split \"", wanted, "\"; it has ", names_of(splits));
  }
  if (found.size() > 1) {
    fail(directory.string(), ": \"", wanted, "\" may be any of ", names_of(found),
         "; name one of them");
  }
  return found.front();
}

std::vector<std::string> split_names(const std::string& joined) {
  std::vector<std::string> names;
  for (std::size_t start = 0; start <= joined.size() && !joined.empty();) {
    const std::size_t plus = std::min(joined.find('+', start), joined.size());
    names.push_back(joined.substr(start, plus - start));
    start = plus + 1;
  }
  return names;
}

/// The split that --questions names, with what a directory of the same subset adds.
SplitPaths named_split(const DataSource& source, const std::vector<std::string>& names) {
  SplitPaths split;
  split.subset = subset_of(source.questions, kQuestionsEnding);
  if (split.subset.empty()) split.subset = source.questions.stem().string();
  if (!names.empty()) split.subset = names.front();
  if (source.directory.empty()) return split;
  for (const SplitPaths& candidate : scan(source.directory)) {
    if (means(split.subset, candidate.subset)) return candidate;
  }
  split.images = picture_folder(source.directory, split.subset);
  return split;
}

}  // namespace

std::vector<SplitPaths> list_splits(const fs::path& directory) {
  std::vector<SplitPaths> splits = scan(directory);
  if (splits.empty()) {
    fail(directory.string(), ": holds no questions in VQA v2 layout, ",
         "v2_OpenEnded_mscoco_<split>_questions.json");
  }
  return splits;
}

std::string questions_files(const std::vector<SplitPaths>& splits) {
  std::string files;
  for (const SplitPaths& split : splits) {
    files += (files.empty() ? "" : ", ") + split.questions.string();
  }
  return files;
}

std::vector<SplitPaths> resolve_splits(const DataSource& source) {
  const std::vector<std::string> names = split_names(source.split);
  const bool by_file =
      !source.questions.empty() || !source.annotations.empty() || !source.images.empty();
  if (names.size() > 1 && by_file) {
    throw UsageError(concat("--split ", source.split,
                            " joins splits: --questions, --annotations and --images name one"));
  }
  std::vector<SplitPaths> chosen;
  if (!source.questions.empty()) {
    chosen.push_back(named_split(source, names));
  } else if (source.directory.empty()) {
    throw UsageError("no data: name a folder with --data, or files with --questions");
  } else {
    const std::vector<SplitPaths> splits = list_splits(source.directory);
    if (names.empty() && splits.size() > 1) {
      throw UsageError(
          concat(source.directory.string(), ": name a split with --split: ", names_of(splits)));
    }
    if (names.empty()) chosen = splits;
    for (const std::string& name : names) {
      chosen.push_back(select(splits, name, source.directory));
      for (std::size_t i = 0; i + 1 < chosen.size(); ++i) {
        if (chosen[i].subset != chosen.back().subset) continue;
        throw UsageError(concat("--split ", source.split, " names ", chosen[i].subset, " twice"));
      }
    }
  }
  if (!source.questions.empty()) chosen.front().questions = source.questions;
  if (!source.annotations.empty()) chosen.front().annotations = source.annotations;
  if (!source.images.empty()) chosen.front().images = source.images;
  return chosen;
}

}  // namespace vqalign
