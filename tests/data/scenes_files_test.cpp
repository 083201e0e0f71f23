#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>

#include "scenes_folder.h"

namespace vqalign::test {
namespace {

TEST(Scenes, SameSeedSameBytesWhateverTheThreads) {
  const fs::path first = fresh_folder("one");
  const fs::path second = fresh_folder("many");
  draw(first, 331, 57, 20, {}, 7, 1);
  draw(second, 331, 57, 20, {}, 7, 5);
  EXPECT_EQ(all_files(first), all_files(second));
  draw(second, 331, 57, 20, {}, 8, 5);
  EXPECT_NE(all_files(first), all_files(second));
  fs::remove_all(first);
  fs::remove_all(second);
}

TEST(Scenes, ASplitDoesNotDependOnTheSizeOfOthers) {
  const fs::path first = fresh_folder("alone");
  const fs::path second = fresh_folder("beside");
  draw(first, 0, 60, 0);
  draw(second, 100, 60, 10);
  const std::string name = "v2_mscoco_val2014_annotations.json";
  EXPECT_EQ(read_file(first / name, 1 << 24), read_file(second / name, 1 << 24));
  fs::remove_all(first);
  fs::remove_all(second);
}

TEST(Scenes, ZeroQuestionsGiveAnEmptySplit) {
  const fs::path folder = fresh_folder("zero");
  draw(folder, 0, 1, 0);
  EXPECT_TRUE(load(folder, "train2014").questions.empty());
  EXPECT_EQ(load(folder, "val2014").questions.size(), 1U);
  EXPECT_TRUE(load(folder, "test2015", false).truth.at("images").as_array().empty());
  EXPECT_TRUE(fs::is_directory(folder / "train2014"));
  fs::remove_all(folder);
}

TEST(Scenes, AnOlderSetIsReplacedAndForeignFilesStay) {
  const fs::path folder = fresh_folder("replace");
  draw(folder, 200, 0, 0, {}, 1);
  const auto before = std::distance(fs::directory_iterator(folder / "train2014"), {});
  write_file_atomic(folder / "train2014" / "notes.txt", "mine");
  write_file_atomic(folder / "train2014" / "COCO_train2014_000000000009.jpg", "mine");
  draw(folder, 20, 0, 0, {}, 2);
  const auto after = std::distance(fs::directory_iterator(folder / "train2014"), {});
  EXPECT_LT(after, before);
  EXPECT_EQ(static_cast<std::size_t>(after), images_by_id(load(folder, "train2014")).size() + 2);
  fs::remove_all(folder);
}

/// Asks for a stop after the first pictures.
class StoppingProgress : public SilentProgress {
 public:
  explicit StoppingProgress(CancelToken& cancel) : cancel_(cancel) {}
  void update(int64_t, const std::string&) override { cancel_.request(); }

 private:
  CancelToken& cancel_;
};

TEST(Scenes, ACancelledSplitLeavesTheOlderOneAsItWas) {
  const fs::path folder = fresh_folder("cancel");
  draw(folder, 100, 0, 0);
  const auto before = all_files(folder);
  CancelToken cancel;
  StoppingProgress progress(cancel);
  EXPECT_THROW(write_scenes(folder, 5000, 0, 0, {}, 1, progress, cancel), Cancelled);
  EXPECT_EQ(all_files(folder), before);
  fs::remove_all(folder);
}

TEST(Scenes, ACancelledFirstSplitLeavesNothing) {
  const fs::path folder = fresh_folder("cancel_first");
  CancelToken cancel;
  StoppingProgress progress(cancel);
  EXPECT_THROW(write_scenes(folder, 5000, 0, 0, {}, 1, progress, cancel), Cancelled);
  EXPECT_TRUE(fs::is_empty(folder));
  fs::remove_all(folder);
}

TEST(Scenes, AFamilyNamedOftenerIsAskedOftener) {
  SceneOptions options;
  options.families = {"count", "exist", "count", "count"};
  const fs::path folder = fresh_folder("repeated");
  draw(folder, 1000, 0, 0, options);
  const Split split = load(folder, "train2014");
  double count = 0;
  for (const Json& entry : split.truth.at("questions").as_array()) {
    if (entry.at("family").as_string() == "count") count += 1.0 / 1000;
  }
  EXPECT_NEAR(count, 0.75, 0.06);
  fs::remove_all(folder);
}

TEST(Scenes, OptionsLimitWhatIsDrawnAndAsked) {
  SceneOptions options;
  options.min_objects = 2;
  options.max_objects = 4;
  options.shapes = 3;
  options.colours = 4;
  options.sizes = 2;
  options.families = {"count", "colour"};
  const fs::path folder = fresh_folder("limits");
  draw(folder, 600, 0, 0, options);
  const Split split = load(folder, "train2014");
  std::map<std::string, std::set<std::string>> seen;
  for (const auto& [id, image] : images_by_id(split)) {
    const auto& objects = image->at("objects").as_array();
    EXPECT_GE(objects.size(), 2U);
    EXPECT_LE(objects.size(), 4U);
    for (const Json& object : objects) {
      for (const char* name : {"shape", "colour", "size"}) {
        seen[name].insert(object.at(name).as_string());
      }
    }
  }
  for (const Json& entry : split.truth.at("questions").as_array()) {
    seen["family"].insert(entry.at("family").as_string());
  }
  EXPECT_EQ(seen["shape"].size(), 3U);
  EXPECT_EQ(seen["colour"].size(), 4U);
  EXPECT_EQ(seen["size"], (std::set<std::string>{"small", "large"}));
  EXPECT_EQ(seen["family"], (std::set<std::string>{"count", "colour"}));
  fs::remove_all(folder);
}

TEST(Scenes, ExtremeOptionsEnd) {
  for (const bool crowded : {true, false}) {
    SceneOptions options;
    options.min_objects = crowded ? 10 : 1;
    options.max_objects = crowded ? 10 : 1;
    options.shapes = 2;
    options.colours = 2;
    options.sizes = 1;
    options.overlaps = false;
    options.rotations = false;
    options.noise = false;
    const fs::path folder = fresh_folder("extreme");
    draw(folder, 120, 0, 0, options);
    const Split split = load(folder, "train2014");
    EXPECT_EQ(split.questions.size(), 120U);
    for (const auto& [id, image] : images_by_id(split)) {
      EXPECT_EQ(image->at("objects").as_array().size(), crowded ? 10U : 1U);
    }
    fs::remove_all(folder);
  }
}

TEST(Scenes, WrongUsageIsRefused) {
  const fs::path folder = fresh_folder("usage");
  const auto with = [](auto change) {
    SceneOptions options;
    change(options);
    return options;
  };
  EXPECT_THROW(draw(folder, -1, 0, 0), UsageError);
  EXPECT_THROW(draw(folder, 0, 0, 1, with([](auto& o) { o.min_objects = 5, o.max_objects = 4; })),
               UsageError);
  EXPECT_THROW(draw(folder, 0, 0, 1, with([](auto& o) { o.max_objects = 11; })), UsageError);
  EXPECT_THROW(draw(folder, 0, 0, 1, with([](auto& o) { o.shapes = 9; })), UsageError);
  EXPECT_THROW(draw(folder, 0, 0, 1, with([](auto& o) { o.disagreement = std::nan(""); })),
               UsageError);
  EXPECT_THROW(draw(folder, 0, 0, 1, with([](auto& o) { o.families = {"counting"}; })), UsageError);
  EXPECT_THROW(draw(folder, 0, 0, 1, with([](auto& o) {
                      o.families = {"size"};
                      o.sizes = 1;
                    })),
               UsageError);
  EXPECT_THROW(draw(folder, 0, 0, 1, with([](auto& o) {
                      o.families = {"relation"};
                      o.max_objects = 1;
                    })),
               UsageError);
  EXPECT_FALSE(fs::exists(folder));
}

TEST(Scenes, AFolderThatCannotBeMadeIsNamed) {
  const fs::path file = fresh_folder("file");
  write_file_atomic(file, "not a folder");
  try {
    draw(file, 1, 0, 0);
    FAIL() << "expected an Error";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find(file.string()), std::string::npos) << error.what();
  }
  fs::remove(file);
}

}  // namespace
}  // namespace vqalign::test
