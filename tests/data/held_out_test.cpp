#include "vqalign/data/held_out.h"

#include "tests/data/data_test_support.h"
#include "vqalign/data/dataset.h"

namespace vqalign {
namespace {

/// A train split of questions (id, image), whose features lie in its folder.
DataSource written_split(const TestFolder& folder,
                         const std::vector<std::pair<int64_t, int64_t>>& questions) {
  std::vector<Question> asked;
  std::vector<Annotation> annotated;
  for (const auto& [question, image] : questions) {
    asked.push_back({question, image, "What?"});
    annotated.push_back({question, image, "what", "other", "tea", {{1, "tea", "yes"}}});
  }
  write_questions(folder / "train_questions.json", asked, "train");
  write_annotations(folder / "train_annotations.json", annotated, "train");
  DataSource source;
  source.directory = source.features = folder.path();
  source.split = "train";
  source.held_out = 0.4;
  return source;
}

std::vector<int64_t> ids_of(const Dataset& dataset) {
  std::vector<int64_t> ids;
  for (std::size_t i = 0; i < dataset.questions.size(); ++i) {
    ids.push_back(dataset.questions[i].question_id);
    EXPECT_EQ(dataset.annotations[i].question_id, ids.back());
  }
  return ids;
}

TEST(HeldOut, PicturesAreTheLastByIdAndInOnePartOnly) {
  const TestFolder folder;
  // Two of the five pictures are asked about twice.
  DataSource source =
      written_split(folder, {{1, 50}, {2, 10}, {3, 40}, {4, 50}, {5, 20}, {6, 30}, {7, 10}});
  const Dataset rest = load_dataset(source, true);
  EXPECT_EQ(ids_of(rest), (std::vector<int64_t>{2, 5, 6, 7}));
  EXPECT_EQ(rest.name, "train (first 60 %)");
  source.only_held_out = true;
  const Dataset held = load_dataset(source, true);
  EXPECT_EQ(ids_of(held), (std::vector<int64_t>{1, 3, 4}));
  EXPECT_EQ(held.name, "train (last 40 %)");
}

TEST(HeldOut, NeitherPartMayBeEmpty) {
  const TestFolder folder;
  const DataSource source = written_split(folder, {{1, 50}, {2, 50}});
  EXPECT_EQ(error_of([&] { load_dataset(source, true); }),
            (folder / "train_questions.json").string() +
                ": 1 pictures are too few to hold out 0.4 of them");
  EXPECT_THROW(first_held_out({}, 0.4, "nothing"), Error);
}

}  // namespace
}  // namespace vqalign
