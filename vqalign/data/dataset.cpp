#include "vqalign/data/dataset.h"

#include <cassert>
#include <future>
#include <iterator>
#include <unordered_set>

#include "vqalign/core/error.h"
#include "vqalign/data/held_out.h"
#include "vqalign/data/id_index.h"

namespace vqalign {
namespace {

namespace fs = std::filesystem;

/// The folders where a split's pictures may lie: its own, or the whole directory's.
std::vector<fs::path> picture_folders(const DataSource& source, const SplitPaths& split) {
  if (!split.images.empty()) return {split.images};
  if (source.directory.empty()) {
    throw UsageError(concat(split.questions.string(),
                            ": no pictures named: give --images DIR, or --features F"));
  }
  std::vector<fs::path> folders;
  for (const SplitPaths& other : list_splits(source.directory)) {
    if (!other.images.empty()) folders.push_back(other.images);
  }
  if (folders.empty()) {
    fail((source.directory / split.subset).string(), ": no such folder, the pictures of ",
         split.questions.filename().string(), " belong there");
  }
  return folders;
}

void require_images(const SplitPaths& split, const std::vector<Question>& questions,
                    const ImageIndex& images, const std::vector<fs::path>& folders) {
  const Question* first = nullptr;
  std::size_t missing = 0;
  for (const Question& question : questions) {
    if (images.find(question.image_id)) continue;
    if (missing++ == 0) first = &question;
  }
  if (!first) return;
  if (const std::string why = images.passed_over(first->image_id); !why.empty()) {
    fail(split.questions.string(), ": question ", first->question_id, " has image_id ",
         first->image_id, ", whose file ", why, " (", missing, " of ", questions.size(),
         " questions lack their image)");
  }
  std::string where;
  for (const fs::path& folder : folders)
    where += (where.empty() ? "" : ", ") + folder.string() + "/";
  fail(split.questions.string(), ": question ", first->question_id, " has image_id ",
       first->image_id, ", which has no image in ", where, " (", missing, " of ", questions.size(),
       " questions lack theirs)");
}

struct SplitRecords {
  std::vector<Question> questions;
  std::vector<Annotation> annotations;
};

SplitRecords read_split(const SplitPaths& split) {
  if (split.annotations.empty()) return {read_questions(split.questions), {}};
  auto annotations =
      std::async(std::launch::async, [&split] { return read_annotations(split.annotations); });
  SplitRecords records;
  records.questions = read_questions(split.questions);
  records.annotations =
      match_annotations(records.questions, annotations.get(), split.questions, split.annotations);
  return records;
}

template <typename Record>
void append(std::vector<Record>& to, std::vector<Record> from) {
  if (to.empty()) {
    to = std::move(from);
  } else {
    to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
  }
}

void refuse_shared_questions(const Dataset& dataset, const std::vector<SplitPaths>& splits) {
  if (splits.size() < 2) return;
  std::unordered_set<int64_t> seen;
  seen.reserve(dataset.questions.size());
  for (const Question& question : dataset.questions) {
    if (seen.insert(question.question_id).second) continue;
    fail(splits.back().questions.string(), ": question_id ", question.question_id,
         " is in more than one split of ", dataset.name);
  }
}

/// Leaves what the source asks for where pictures are held out.
void keep_part(Dataset& dataset, const DataSource& source, const std::vector<SplitPaths>& splits) {
  const int64_t bound = first_held_out(dataset.questions, source.held_out, questions_files(splits));
  std::vector<Question> questions;
  std::vector<Annotation> annotations;
  for (std::size_t i = 0; i < dataset.questions.size(); ++i) {
    if ((dataset.questions[i].image_id >= bound) != source.only_held_out) continue;
    questions.push_back(std::move(dataset.questions[i]));
    if (!dataset.annotations.empty()) annotations.push_back(std::move(dataset.annotations[i]));
  }
  dataset.questions = std::move(questions);
  dataset.annotations = std::move(annotations);
  dataset.name += source.only_held_out ? concat(" (last ", 100 * source.held_out, " %)")
                                       : concat(" (first ", 100 * (1 - source.held_out), " %)");
}

}  // namespace

std::vector<Annotation> match_annotations(const std::vector<Question>& questions,
                                          std::vector<Annotation> annotations,
                                          const fs::path& questions_path,
                                          const fs::path& annotations_path) {
  const std::string questions_name = questions_path.filename().string();
  detail::IdIndex index(questions.size());
  for (std::size_t i = 0; i < questions.size(); ++i) index.add(questions[i].question_id, i);
  std::vector<Annotation> matched(questions.size());
  std::vector<bool> seen(questions.size());
  for (Annotation& annotation : annotations) {
    const int64_t id = annotation.question_id;
    const std::size_t place = index.find(id);
    if (place == detail::IdIndex::kNone) {
      fail(annotations_path.string(), ": question_id ", id, " is not in ", questions_name, " (",
           annotations.size(), " annotations, ", questions.size(), " questions)");
    }
    const Question& question = questions[place];
    if (annotation.image_id != question.image_id) {
      fail(annotations_path.string(), ": question ", id, " has image_id ", annotation.image_id,
           ", but ", question.image_id, " in ", questions_name);
    }
    seen[place] = true;
    matched[place] = std::move(annotation);
  }
  for (std::size_t i = 0; i < seen.size(); ++i) {
    if (seen[i]) continue;
    fail(annotations_path.string(), ": no annotation of question ", questions[i].question_id,
         " of ", questions_name, " (", annotations.size(), " annotations, ", questions.size(),
         " questions)");
  }
  return matched;
}

Dataset load_dataset(const DataSource& source, bool need_annotations) {
  const std::vector<SplitPaths> splits = resolve_splits(source);
  bool all_annotated = true;
  for (const SplitPaths& split : splits) {
    all_annotated = all_annotated && !split.annotations.empty();
    if (!need_annotations || !split.annotations.empty()) continue;
    fail(split.questions.string(), ": has no annotations beside it (v2_mscoco_", split.subset,
         "_annotations.json)");
  }
  std::error_code ignored;
  if (!source.features.empty() && !fs::exists(source.features, ignored)) {
    fail(source.features.string(), ": no such file or folder of region features");
  }
  Dataset dataset;
  dataset.features = source.features;
  for (SplitPaths split : splits) {
    if (!all_annotated) split.annotations.clear();
    dataset.name += (dataset.name.empty() ? "" : "+") + split.subset;
    SplitRecords records = read_split(split);
    if (source.features.empty()) {
      const std::vector<fs::path> folders = picture_folders(source, split);
      for (const fs::path& folder : folders) dataset.images.add(folder);
      require_images(split, records.questions, dataset.images, folders);
    }
    append(dataset.questions, std::move(records.questions));
    append(dataset.annotations, std::move(records.annotations));
  }
  refuse_shared_questions(dataset, splits);
  if (source.held_out > 0) keep_part(dataset, source, splits);
  return dataset;
}

Dataset Dataset::same_pictures() const {
  Dataset same;
  same.name = name;
  same.images = images;
  same.features = features;
  same.encodings = encodings;
  same.corruption = corruption;
  same.corruption_seed = corruption_seed;
  same.augmentation = augmentation;
  return same;
}

void Dataset::augment(const Augmentation& wanted) {
  assert(augmentation.views() == 1);
  add_views(questions, annotations, wanted);
  augmentation = wanted;
}

const fs::path* Dataset::picture(int64_t image_id) const {
  return images.find(augmentation.views() > 1 ? original_image_id(image_id) : image_id);
}

PictureCut Dataset::view(int64_t image_id) const {
  if (augmentation.views() == 1) return {};
  return augmentation.view(original_image_id(image_id), view_index(image_id));
}

}  // namespace vqalign
