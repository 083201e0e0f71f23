#include "vqalign/data/dataset.h"

#include "tests/data/data_test_support.h"

namespace vqalign {
namespace {

namespace fs = std::filesystem;

std::string questions_name(const std::string& subset) {
  return "v2_OpenEnded_mscoco_" + subset + "_questions.json";
}
std::string annotations_name(const std::string& subset) {
  return "v2_mscoco_" + subset + "_annotations.json";
}

Annotation annotation_of(int64_t question, int64_t image) {
  return {question, image, "what", "other", "tea", {{1, "tea", "yes"}}};
}

/// Questions (id, image), their annotations and one empty picture file an image.
void write_split(const TestFolder& folder, const std::string& subset,
                 const std::vector<std::pair<int64_t, int64_t>>& questions) {
  std::vector<Question> asked;
  std::vector<Annotation> annotated;
  for (const auto& [question, image] : questions) {
    asked.push_back({question, image, "What?"});
    annotated.insert(annotated.begin(), annotation_of(question, image));
    folder.write(
        subset + "/COCO_" + subset + "_" + std::string(9, '0') + std::to_string(image) + ".jpg",
        "");
  }
  write_questions(folder / questions_name(subset), asked, subset);
  write_annotations(folder / annotations_name(subset), annotated, subset);
}

DataSource source_of(const TestFolder& folder, const std::string& split) {
  DataSource source;
  source.directory = folder.path();
  source.split = split;
  return source;
}

TEST(Splits, ListsWhatAFolderHolds) {
  const TestFolder folder;
  for (const char* name :
       {"v2_OpenEnded_mscoco_train2014_questions.json", "v2_mscoco_train2014_annotations.json",
        "v2_mscoco_train2014_complementary_pairs.json",
        "v2_OpenEnded_mscoco_test-dev2015_questions.json",
        "v2_OpenEnded_mscoco_test2015_questions.json", "OpenEnded_mscoco_train2014_questions.json",
        "MultipleChoice_mscoco_val2014_questions.json", "VG_questions.json", "VG_annotations.json",
        "scenes_train2014.json", "notes.txt", "train2014/x.jpg", "test2015/y.jpg"}) {
    folder.write(name, "");
  }
  const std::vector<SplitPaths> splits = list_splits(folder.path());
  ASSERT_EQ(splits.size(), 4u);
  EXPECT_EQ(splits[0].subset, "VG");
  EXPECT_EQ(splits[0].annotations, folder / "VG_annotations.json");
  EXPECT_EQ(splits[0].images, "");
  EXPECT_EQ(splits[1].subset, "test-dev2015");
  EXPECT_EQ(splits[1].annotations, "");
  EXPECT_EQ(splits[1].images, folder / "test2015");
  EXPECT_EQ(splits[2].subset, "test2015");
  EXPECT_EQ(splits[3].subset, "train2014");
  EXPECT_EQ(splits[3].questions, folder / questions_name("train2014"));
  EXPECT_EQ(splits[3].annotations, folder / annotations_name("train2014"));
  EXPECT_EQ(splits[3].images, folder / "train2014");
}

TEST(Splits, FindsShortNamesWhateverTheYear) {
  const TestFolder folder;
  for (const char* subset : {"train2014", "val2014", "test2015", "test-dev2015"}) {
    folder.write(questions_name(subset), "");
  }
  folder.write("VG_questions.json", "");
  const auto subset = [&](const std::string& split) {
    return resolve_splits(source_of(folder, split)).at(0).subset;
  };
  EXPECT_EQ(subset("train"), "train2014");
  EXPECT_EQ(subset("val2014"), "val2014");
  EXPECT_EQ(subset("test"), "test2015");
  EXPECT_EQ(subset("test-dev"), "test-dev2015");
  EXPECT_EQ(subset("vg"), "VG");
  const std::vector<SplitPaths> joined = resolve_splits(source_of(folder, "train+val+vg"));
  ASSERT_EQ(joined.size(), 3u);
  EXPECT_EQ(joined[1].subset, "val2014");
  EXPECT_EQ(joined[2].subset, "VG");
}

TEST(Splits, RefusesWhatItCannotFind) {
  const TestFolder folder;
  const auto resolve = [&](const std::string& split) {
    return error_of([&] { resolve_splits(source_of(folder, split)); });
  };
  const std::string path = folder.path().string();
  EXPECT_EQ(resolve("train"), path +
                                  ": holds no questions in VQA v2 layout, "
                                  "v2_OpenEnded_mscoco_<split>_questions.json");
  folder.write(questions_name("train2014"), "");
  EXPECT_EQ(resolve("val"), path + ": has no split \"val\"; it has train2014");
  EXPECT_EQ(resolve("train+"), path + ": has no split \"\"; it has train2014");
  EXPECT_EQ(resolve("trai"), path + ": has no split \"trai\"; it has train2014");
  EXPECT_EQ(resolve("train+train2014"), "--split train+train2014 names train2014 twice");
  EXPECT_EQ(resolve_splits(source_of(folder, "")).at(0).subset, "train2014");
  folder.write(questions_name("train2017"), "");
  EXPECT_EQ(resolve("train"),
            path + ": \"train\" may be any of train2014, train2017; name one of them");
  EXPECT_EQ(resolve(""), path + ": name a split with --split: train2014, train2017");
  DataSource missing;
  missing.directory = folder / "none";
  EXPECT_EQ(error_of([&] { resolve_splits(missing); }, missing.directory),
            ": cannot read the folder: No such file or directory");
  EXPECT_THROW(resolve_splits({}), UsageError);
}

TEST(Splits, TakesFilesOneByOne) {
  const TestFolder folder;
  DataSource source;
  source.questions = folder / "my_questions.json";
  source.images = folder / "pictures";
  std::vector<SplitPaths> splits = resolve_splits(source);
  ASSERT_EQ(splits.size(), 1u);
  EXPECT_EQ(splits[0].subset, "my");
  EXPECT_EQ(splits[0].questions, source.questions);
  EXPECT_EQ(splits[0].annotations, "");
  EXPECT_EQ(splits[0].images, source.images);

  // In a folder of the same subset the other files come from there.
  folder.write(questions_name("val2014"), "");
  folder.write(annotations_name("val2014"), "");
  source = source_of(folder, "val");
  source.questions = folder / "fewer.json";
  splits = resolve_splits(source);
  EXPECT_EQ(splits.at(0).subset, "val2014");
  EXPECT_EQ(splits.at(0).questions, folder / "fewer.json");
  EXPECT_EQ(splits.at(0).annotations, folder / annotations_name("val2014"));
  source.split = "val+train";
  EXPECT_THROW(resolve_splits(source), UsageError);
}

TEST(ImageIndex, ReadsIdsFromNames) {
  const TestFolder folder;
  for (const char* name :
       {"COCO_val2014_000000000042.jpg", "7.PNG", "anything_411188.jpeg", "photo12_0013 copy.webp",
        "no_number.jpg", "99.txt", "._8.jpg", "99999999999999999999.jpg", "5.jpg/inside.jpg"}) {
    folder.write(name, "");
  }
  ImageIndex index;
  std::filesystem::remove_all(folder / "5.jpg");
  index.add(folder.path());
  index.add(folder.path() / ".");
  EXPECT_EQ(index.size(), 4u);
  ASSERT_TRUE(index.find(42));
  EXPECT_EQ(index.find(42)->filename(), "COCO_val2014_000000000042.jpg");
  EXPECT_TRUE(index.find(7));
  EXPECT_TRUE(index.find(411188));
  EXPECT_TRUE(index.find(13));
  EXPECT_FALSE(index.find(8));
  EXPECT_FALSE(index.find(2014));
}

TEST(ImageIndex, RefusesTwoPicturesOfOneId) {
  const TestFolder folder;
  folder.write("a/1.jpg", "");
  folder.write("b/COCO_001.png", "");
  ImageIndex index;
  index.add(folder / "a");
  EXPECT_EQ(error_of([&] { index.add(folder / "b"); }, folder / "b/COCO_001.png"),
            ": has image_id 1, and so has " + (folder / "a/1.jpg").string());
  EXPECT_EQ(error_of([&] { index.add(folder / "c"); }, folder / "c"),
            ": cannot read the folder of pictures: No such file or directory");
}

TEST(Dataset, MatchesAnnotationsToQuestions) {
  const TestFolder folder;
  write_split(folder, "train2014", {{11, 1}, {12, 1}, {21, 2}});
  write_split(folder, "val2014", {{31, 3}});
  const Dataset dataset = load_dataset(source_of(folder, "train"), true);
  EXPECT_EQ(dataset.name, "train2014");
  ASSERT_EQ(dataset.questions.size(), 3u);
  ASSERT_EQ(dataset.annotations.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(dataset.annotations[i].question_id, dataset.questions[i].question_id);
  }
  EXPECT_EQ(dataset.images.size(), 2u);

  const Dataset joined = load_dataset(source_of(folder, "train+val"), true);
  EXPECT_EQ(joined.name, "train2014+val2014");
  ASSERT_EQ(joined.annotations.size(), 4u);
  EXPECT_EQ(joined.annotations[3].question_id, 31);
  EXPECT_TRUE(joined.images.find(3));
}

TEST(Dataset, DoesWithoutAnnotationsWhereNoneAreNeeded) {
  const TestFolder folder;
  write_split(folder, "train2014", {{11, 1}});
  write_split(folder, "test2015", {{21, 2}});
  fs::remove(folder / annotations_name("test2015"));
  EXPECT_TRUE(load_dataset(source_of(folder, "test"), false).annotations.empty());
  EXPECT_TRUE(load_dataset(source_of(folder, "train+test"), false).annotations.empty());
  EXPECT_EQ(error_of([&] { load_dataset(source_of(folder, "test"), true); },
                     folder / questions_name("test2015")),
            ": has no annotations beside it (v2_mscoco_test2015_annotations.json)");
}

TEST(Dataset, LooksForPicturesOfVisualGenomeInTheOthers) {
  const TestFolder folder;
  write_split(folder, "train2014", {{11, 1}});
  write_split(folder, "val2014", {{21, 2}});
  write_questions(folder / "VG_questions.json", {{900, 1, "Who?"}, {901, 2, "Who?"}}, "VG");
  const Dataset dataset = load_dataset(source_of(folder, "train+vg"), false);
  EXPECT_EQ(dataset.questions.size(), 3u);
  EXPECT_EQ(dataset.images.size(), 2u);
}

TEST(Dataset, NeedsNoPicturesWithFeatures) {
  const TestFolder folder;
  write_split(folder, "val2014", {{11, 1}});
  fs::remove_all(folder / "val2014");
  DataSource source = source_of(folder, "val");
  EXPECT_EQ(error_of([&] { load_dataset(source, true); }, folder / "val2014"),
            ": no such folder, the pictures of v2_OpenEnded_mscoco_val2014_questions.json "
            "belong there");
  source.features = folder / "features";
  EXPECT_EQ(error_of([&] { load_dataset(source, true); }, source.features),
            ": no such file or folder of region features");
  fs::create_directory(source.features);
  EXPECT_EQ(load_dataset(source, true).features, source.features);
  DataSource files;
  files.questions = folder / questions_name("val2014");
  EXPECT_THROW(load_dataset(files, false), UsageError);
}

TEST(Dataset, RefusesIdsThatDoNotMatch) {
  const TestFolder folder;
  const auto load = [&](const fs::path& path) {
    return error_of([&] { load_dataset(source_of(folder, "val"), true); }, path);
  };
  const fs::path questions = folder / questions_name("val2014");
  const fs::path annotations = folder / annotations_name("val2014");
  write_split(folder, "val2014", {{11, 1}, {21, 2}});
  write_annotations(annotations, {annotation_of(11, 1)}, "val2014");
  EXPECT_EQ(load(annotations), ": no annotation of question 21 of " + questions_name("val2014") +
                                   " (1 annotations, 2 questions)");
  write_annotations(annotations, {annotation_of(11, 1), annotation_of(99, 1)}, "val2014");
  EXPECT_EQ(load(annotations), ": question_id 99 is not in " + questions_name("val2014") +
                                   " (2 annotations, 2 questions)");
  write_annotations(annotations, {annotation_of(11, 1), annotation_of(21, 1)}, "val2014");
  EXPECT_EQ(load(annotations),
            ": question 21 has image_id 1, but 2 in " + questions_name("val2014"));
  write_annotations(annotations, {annotation_of(11, 1), annotation_of(21, 2)}, "val2014");
  fs::remove(folder / "val2014/COCO_val2014_0000000002.jpg");
  EXPECT_EQ(load(questions), ": question 21 has image_id 2, which has no image in " +
                                 (folder / "val2014").string() +
                                 "/ (1 of 2 questions lack theirs)");
}

TEST(Dataset, TellsOfAPictureOfAKindThatIsNotRead) {
  const TestFolder folder;
  write_split(folder, "train2014", {{1, 1}, {2, 2}});
  const std::string stem = "train2014/COCO_train2014_0000000002";
  fs::rename(folder / (stem + ".jpg"), folder / (stem + ".heic"));
  const std::string said = error_of([&] { load_dataset(source_of(folder, "train"), true); },
                                    folder / questions_name("train2014"));
  EXPECT_EQ(said, ": question 2 has image_id 2, whose file " +
                      (folder / (stem + ".heic")).string() +
                      " is of a kind that is not read: convert it to JPEG or PNG (1 of 2 questions "
                      "lack their image)");
}

TEST(Dataset, RefusesAQuestionInTwoJoinedSplits) {
  const TestFolder folder;
  write_split(folder, "train2014", {{11, 1}});
  write_split(folder, "val2014", {{11, 2}});
  EXPECT_EQ(error_of([&] { load_dataset(source_of(folder, "train+val"), true); },
                     folder / questions_name("val2014")),
            ": question_id 11 is in more than one split of train2014+val2014");
}

}  // namespace
}  // namespace vqalign
