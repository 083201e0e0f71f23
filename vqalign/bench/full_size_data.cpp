#include "vqalign/bench/full_size_data.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <iomanip>
#include <sstream>

#include "vqalign/bench/feature_files.h"
#include "vqalign/core/philox.h"
#include "vqalign/data/vqa_files.h"

namespace vqalign {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kTrainQuestions = 443'757, kValQuestions = 214'354;
constexpr int64_t kTrainPictures = 82'783, kValPictures = 40'504;
constexpr int64_t kBlocks = 500, kFewest = 10, kMost = 100, kWidth = 2048;
constexpr double kZipfWords = 20'000, kZipfAnswers = 6'000;
constexpr std::array<const char*, 8> kBeginnings = {
    "what color is the ", "how many ",     "is this a ",   "what is the ", "is the ",
    "are there ",         "what kind of ", "where is the "};

/// Few words are frequent, many are rare, as in people's questions.
int64_t zipf(Random& random, double count) {
  return static_cast<int64_t>(std::exp(random.uniform() * std::log(count))) - 1;
}

std::string answer_of(Random& random) {
  const int64_t number = zipf(random, kZipfAnswers);
  return number == 0 ? "yes" : number == 1 ? "no" : "answer " + std::to_string(number);
}

struct Records {
  std::vector<Question> questions;
  std::vector<Annotation> annotations;
};

Records make_records(int64_t questions, int64_t pictures, int64_t first_image, Random& random) {
  Records records;
  for (int64_t i = 0; i < questions; ++i) {
    const int64_t image = first_image + i % pictures;
    const int64_t id = image * 1000 + i / pictures;
    std::string text = kBeginnings[random.below(kBeginnings.size())];
    for (uint32_t words = 1 + random.below(5); words > 0; --words) {
      text += "word" + std::to_string(zipf(random, kZipfWords)) + (words > 1 ? " " : "?");
    }
    records.questions.push_back({id, image, text});
    Annotation truth{id, image, "what", "other", answer_of(random), {}};
    if (truth.multiple_choice_answer == "yes" || truth.multiple_choice_answer == "no") {
      truth.answer_type = "yes/no";
    }
    for (int64_t person = 1; person <= 10; ++person) {
      const bool agrees = random.chance(0.7);
      truth.answers.push_back(
          {person, agrees ? truth.multiple_choice_answer : answer_of(random), "yes"});
    }
    records.annotations.push_back(std::move(truth));
  }
  return records;
}

fs::path feature_file(const FullSizeData& data, const std::string& subset, int64_t image) {
  std::ostringstream name;
  name << "COCO_" << subset << "_" << std::setw(12) << std::setfill('0') << image << ".jpg.npz";
  return data.features / subset / name.str();
}

void write_split(const FullSizeData& data, const char* split, int64_t questions, int64_t pictures,
                 int64_t first_image, Random& random, const CancelToken& cancel) {
  const std::string subset = split + std::string("2014");
  const Records records = make_records(questions, pictures, first_image, random);
  write_questions(data.questions(split), records.questions, subset);
  write_annotations(data.annotations(split), records.annotations, subset);
  if (subset == "val2014") {
    std::vector<Result> results;
    for (const Annotation& truth : records.annotations) {
      results.push_back({truth.question_id,
                         random.chance(0.6) ? truth.multiple_choice_answer : answer_of(random)});
    }
    write_results(data.results, results);
  }
  fs::create_directories(data.features / subset);
  for (int64_t i = 0; i < pictures; ++i) {
    if (i % 1000 == 0) cancel.check();
    const fs::path block = data.folder / "blocks" / (std::to_string(i % kBlocks) + ".npz");
    fs::create_hard_link(block, feature_file(data, subset, first_image + i));
  }
}

}  // namespace

FullSizeData FullSizeData::in(const fs::path& folder, int64_t part) {
  return {folder, folder / "features", folder / "results.json", kTrainQuestions / part,
          kValQuestions / part};
}

fs::path FullSizeData::questions(const char* split) const {
  return folder / ("v2_OpenEnded_mscoco_" + std::string(split) + "2014_questions.json");
}

fs::path FullSizeData::annotations(const char* split) const {
  return folder / ("v2_mscoco_" + std::string(split) + "2014_annotations.json");
}

FullSizeData write_full_size(const fs::path& folder, int64_t part, const CancelToken& cancel) {
  const FullSizeData data = FullSizeData::in(folder, part);
  fs::create_directories(folder / "blocks");
  for (int64_t block = 0; block < kBlocks; ++block) {
    cancel.check();
    const int64_t regions = kFewest + block * 37 % (kMost - kFewest + 1);
    write_region_npz(folder / "blocks" / (std::to_string(block) + ".npz"),
                     made_up_regions(block, regions, kWidth), /*deflated=*/false);
  }
  Random random(1, 0);
  const int64_t train_pictures = std::max<int64_t>(1, kTrainPictures / part);
  write_split(data, "train", data.train_questions, train_pictures, 1, random, cancel);
  write_split(data, "val", data.val_questions, std::max<int64_t>(1, kValPictures / part),
              1 + train_pictures, random, cancel);
  return data;
}

}  // namespace vqalign
