#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "vqalign/core/atomic_file.h"
#include "vqalign/core/error.h"
#include "vqalign/data/scenes.h"
#include "vqalign/data/vqa_files.h"

namespace vqalign::test {

namespace fs = std::filesystem;

inline fs::path fresh_folder(const std::string& name) {
  static std::atomic<int> counter{0};
  const fs::path path =
      fs::path(testing::TempDir()) / concat("scenes_", name, "_", ::getpid(), "_", counter++);
  fs::remove_all(path);
  return path;
}

inline void draw(const fs::path& folder, int64_t train, int64_t val, int64_t test,
                 const SceneOptions& options = {}, uint64_t seed = 1, int threads = 0) {
  SilentProgress progress;
  CancelToken cancel;
  write_scenes(folder, train, val, test, options, seed, progress, cancel, threads);
}

struct Split {
  std::vector<Question> questions;
  std::vector<Annotation> annotations;
  Json truth;
};

inline Split load(const fs::path& folder, const std::string& subset, bool annotated = true) {
  Split split;
  split.questions = read_questions(folder / ("v2_OpenEnded_mscoco_" + subset + "_questions.json"));
  if (annotated) {
    split.annotations = read_annotations(folder / ("v2_mscoco_" + subset + "_annotations.json"));
  }
  split.truth = read_json(folder / ("scenes_" + subset + ".json"));
  return split;
}

inline std::map<int64_t, const Json*> images_by_id(const Split& split) {
  std::map<int64_t, const Json*> images;
  for (const Json& image : split.truth.at("images").as_array()) {
    images[image.at("image_id").as_int()] = &image;
  }
  return images;
}

inline std::map<std::string, std::string> all_files(const fs::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) {
      files[fs::relative(entry.path(), folder).string()] = read_file(entry.path(), 1 << 28);
    }
  }
  return files;
}

}  // namespace vqalign::test
