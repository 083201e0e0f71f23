#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "vqalign/core/json.h"
#include "vqalign/data/scenes_pair.h"
#include "vqalign/data/vqa_files.h"

namespace vqalign::scenes {

/// Puts one split on disk: pictures as they come, in a folder SUBSET.new beside the split's own,
/// which finish() puts in place of what was there of the split before, the JSON files last.
/// Destroyed without finish(), it removes the pictures it wrote and leaves the older split as it
/// was. Other files in the split's folder stay. Error naming the file that cannot be written.
class SplitWriter {
 public:
  SplitWriter(std::filesystem::path directory, std::string subset, int split, bool annotated);
  ~SplitWriter();
  SplitWriter(const SplitWriter&) = delete;
  SplitWriter& operator=(const SplitWriter&) = delete;

  /// Takes up to `most` of the pair's questions, as evenly from both pictures as can be.
  void add(const ScenePair& pair, int64_t index, int64_t most);
  void finish();

  int64_t questions() const { return static_cast<int64_t>(questions_.size()); }

 private:
  void add_picture(const DrawnScene& drawn, int64_t image_id, std::size_t count);
  void replace_older();
  std::filesystem::path new_folder() const { return file(subset_ + ".new"); }
  std::filesystem::path file(const std::string& name) const { return directory_ / name; }

  std::filesystem::path directory_;
  std::string subset_;
  int split_;
  bool annotated_;
  bool finished_ = false;
  std::vector<Question> questions_;
  std::vector<Annotation> annotations_;
  std::vector<std::string> image_lines_;  ///< of scenes_<split>.json
  std::vector<std::string> question_lines_;
};

}  // namespace vqalign::scenes
