#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "vqalign/core/harm.h"
#include "vqalign/data/augmentation.h"
#include "vqalign/data/vqa_files.h"

namespace vqalign {

class FeatureSource;

/// Where one split of a dataset lies. Empty paths where there is none.
struct SplitPaths {
  std::string subset;  ///< e.g. "train2014"
  std::filesystem::path questions;
  std::filesystem::path annotations;  ///< empty when the split has none (test)
  std::filesystem::path images;       ///< folder of COCO_<subset>_%012d.jpg or .png
};

/// What the command line says about the data: --data and --split, or files one by one.
struct DataSource {
  std::filesystem::path directory;
  std::string split;  ///< short ("train"), whole ("train2014") or joined ("train+val")
  std::filesystem::path questions;  ///< each overrides what the directory would give
  std::filesystem::path annotations;
  std::filesystem::path images;
  std::filesystem::path features;  ///< stored region features in place of pictures
  /// Above 0: without this share of the pictures, the last by id (held_out.h) ...
  double held_out = 0;
  bool only_held_out = false;  ///< ... or of these alone
};

/// Every split that `directory` holds in VQA v2 layout, sorted by name. Error when it holds none. A
/// questions file's subset is the last part of its name ("train2014" in
/// v2_OpenEnded_mscoco_train2014_questions.json, "VG" in VG_questions.json); annotations are
/// v2_mscoco_<subset>_annotations.json and the like. test-dev2015 shares the pictures of test2015.
std::vector<SplitPaths> list_splits(const std::filesystem::path& directory);

/// The files of a source; "train" finds train2014 whatever the year, "test" finds test2015 and not
/// test-dev2015, "train+val" gives two. Without a split a directory's only one is taken. Error
/// naming what was looked for and what there is; UsageError when the source names too little, or
/// files one by one for joined splits.
std::vector<SplitPaths> resolve_splits(const DataSource& source);
/// The questions files of splits, for messages: "D/a_questions.json, D/b_questions.json".
std::string questions_files(const std::vector<SplitPaths>& splits);

/// Finds picture files by image id: the last run of digits of a file's stem, whatever the prefix
/// and the zeros (COCO_val2014_000000000042.jpg, 42.png). One directory listing, then look-ups.
class ImageIndex {
 public:
  ImageIndex() = default;
  /// Adds a folder; Error when it is missing or when two pictures share an id. Files that are no
  /// pictures (by their ending) are passed over, and so is a folder added before.
  void add(const std::filesystem::path& folder);
  /// nullptr when the id has no picture.
  const std::filesystem::path* find(int64_t image_id) const;
  std::size_t size() const { return paths_.size(); }
  /// Why an id has no picture though a file has it: "X.heic is of a kind that is not read: convert
  /// it to JPEG or PNG", of one whose ending is none of a picture that is read; empty when there is
  /// no such file. Lists the folders anew.
  std::string passed_over(int64_t image_id) const;

 private:
  std::unordered_map<int64_t, std::filesystem::path> paths_;
  std::vector<std::filesystem::path> folders_;
};

/// A split (or several joined) in memory: questions in file order, annotations matched to them by
/// question_id. `annotations` is empty when the split has none, else parallel to `questions`.
struct Dataset {
  std::string name;  ///< e.g. "train2014", "train2014+val2014"
  std::vector<Question> questions;
  std::vector<Annotation> annotations;
  ImageIndex images;
  std::filesystem::path features;  ///< set when stored features replace pictures
  /// Set when regions of the pictures were made before, by the encoder of the model they go to.
  std::shared_ptr<const FeatureSource> encodings;
  Harm corruption;               ///< of the pictures, as they are read (vision/corruption.h) ...
  uint64_t corruption_seed = 1;  ///< ... and what it draws from
  Augmentation augmentation;     ///< whose further views `questions` hold behind the dataset's own

  /// A dataset of no questions about the same pictures, or stored features.
  Dataset same_pictures() const;
  /// Adds the views of an augmentation, once.
  void augment(const Augmentation& wanted);
  /// Questions of the dataset's own.
  std::size_t own_questions() const {
    return questions.size() / static_cast<std::size_t>(augmentation.views());
  }
  /// The file of a question's picture, whichever view of it; nullptr when there is none.
  const std::filesystem::path* picture(int64_t image_id) const;
  /// Which part of that file the picture is.
  PictureCut view(int64_t image_id) const;
};

/// Annotations in the order of `questions`. Error naming the files and the question when one has no
/// annotation, an annotation no question, or the two differ in image_id.
std::vector<Annotation> match_annotations(const std::vector<Question>& questions,
                                          std::vector<Annotation> annotations,
                                          const std::filesystem::path& questions_path,
                                          const std::filesystem::path& annotations_path);

/// Reads it all. With `need_annotations` a missing annotations file is an Error. Error naming the
/// file and the question where the two files disagree, or where a question's image_id has no
/// picture ("v2_..._questions.json: question 12 has image_id 7, which has no image in val2014/").
/// Splits without a picture folder of their own (VG) are looked up in the directory's others. Of a
/// part the name tells which: "train2014 (last 20 %)". Error as first_held_out() says.
Dataset load_dataset(const DataSource& source, bool need_annotations);

}  // namespace vqalign
