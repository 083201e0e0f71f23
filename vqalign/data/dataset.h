#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "vqalign/data/vqa_files.h"

namespace vqalign {

/// Where one split of a dataset lies. Empty paths where there is none.
struct SplitPaths {
  std::string subset;                   ///< e.g. "train2014"
  std::filesystem::path questions;
  std::filesystem::path annotations;    ///< empty when the split has none (test)
  std::filesystem::path images;         ///< folder of COCO_<subset>_%012d.jpg or .png
};

/// What the command line says about the data: --data and --split, or files one by one.
struct DataSource {
  std::filesystem::path directory;
  std::string split;                    ///< short ("train"), whole ("train2014") or joined ("train+val")
  std::filesystem::path questions;      ///< each overrides what the directory would give
  std::filesystem::path annotations;
  std::filesystem::path images;
  std::filesystem::path features;       ///< stored region features in place of pictures
};

/// Every split that `directory` holds in VQA v2 layout. Error when it holds none.
std::vector<SplitPaths> list_splits(const std::filesystem::path& directory);

/// The files of a source; "train" finds train2014 whatever the year, "test" finds test2015 and not
/// test-dev2015, "train+val" gives two. Error naming what was looked for and what there is.
std::vector<SplitPaths> resolve_splits(const DataSource& source);

/// Finds picture files by image id: the last run of digits of a file's stem, whatever the prefix
/// and the zeros (COCO_val2014_000000000042.jpg, 42.png). One directory listing, then look-ups.
class ImageIndex {
 public:
  ImageIndex() = default;
  /// Adds a folder; Error when it is missing.
  void add(const std::filesystem::path& folder);
  /// nullptr when the id has no picture.
  const std::filesystem::path* find(int64_t image_id) const;
  std::size_t size() const { return paths_.size(); }

 private:
  std::unordered_map<int64_t, std::filesystem::path> paths_;
};

/// A split (or several joined) in memory: questions in file order, annotations matched to them by
/// question_id. `annotations` is empty when the split has none, else parallel to `questions`.
struct Dataset {
  std::string name;                     ///< e.g. "train2014", "train2014+val2014"
  std::vector<Question> questions;
  std::vector<Annotation> annotations;
  ImageIndex images;
  std::filesystem::path features;       ///< set when stored features replace pictures
};

/// Reads it all. With `need_annotations` a missing annotations file is an Error. Error naming the
/// file and the question where the two files disagree, or where a question's image_id has no
/// picture ("v2_..._questions.json: question 12 has image_id 7, which has no image in val2014/").
Dataset load_dataset(const DataSource& source, bool need_annotations);

}  // namespace vqalign
