#include "vqalign/vision/detector_file.h"

#include <gtest/gtest.h>

#include <fstream>
#include <random>

#include "tests/vision/detector_fixtures.h"
#include "vqalign/core/atomic_file.h"
#include "vqalign/core/error.h"
#include "vqalign/vision/class_names.h"

namespace vqalign {
namespace {

namespace fs = std::filesystem;
using test::detector_fixture;

class DetectorFiles : public testing::Test {
 protected:
  void SetUp() override { fs::create_directories(folder_); }
  void TearDown() override { fs::remove_all(folder_); }

  fs::path write(const char* name, const std::string& bytes) const {
    std::ofstream(folder_ / name, std::ios::binary) << bytes;
    return folder_ / name;
  }

  const fs::path folder_ =
      fs::path(testing::TempDir()) /
      (std::string("detector_") + testing::UnitTest::GetInstance()->current_test_info()->name());
};

std::string bytes_of(const char* fixture) {
  return read_file(detector_fixture(fixture), 1 << 20);
}

/// What reading it and building it says; empty when it is a detector.
std::string detector_refusal(const fs::path& path, int64_t classes = 3) {
  try {
    Detector(read_detector_file(path), classes);
    return {};
  } catch (const UsageError&) {
    return "a usage error";
  } catch (const Error& error) {
    return error.what();
  }
}

void expect_one_line(const std::string& message, const fs::path& path) {
  EXPECT_EQ(message.find('\n'), std::string::npos) << message;
  EXPECT_TRUE(message.starts_with(path.string())) << message;
}

TEST_F(DetectorFiles, MissingAndStrangeFilesAreNamed) {
  EXPECT_NE(detector_refusal(folder_ / "no.onnx").find("no.onnx: cannot open"), std::string::npos);
  EXPECT_NE(detector_refusal(folder_ / "no.cfg").find("no.cfg: cannot open"), std::string::npos);
  EXPECT_EQ(detector_refusal(write("empty.onnx", "")),
            (folder_ / "empty.onnx").string() + ": is empty");
  const fs::path text = write("text.onnx", "This is a text and no network.\n");
  EXPECT_NE(detector_refusal(text).find("is no ONNX file"), std::string::npos)
      << detector_refusal(text);
  const fs::path other = write("net.txt", bytes_of("tiny_picodet.onnx"));
  EXPECT_NE(detector_refusal(other).find("ends in .onnx or .cfg"), std::string::npos);
  const fs::path lonely = write("lonely.cfg", bytes_of("tiny_yolo.cfg"));
  EXPECT_NE(detector_refusal(lonely).find("lonely.weights"), std::string::npos)
      << detector_refusal(lonely);
}

TEST_F(DetectorFiles, OtherOutputsAreNamed) {
  EXPECT_NE(detector_refusal(detector_fixture("other.onnx")).find("found heat [1, 2, 64, 64]"),
            std::string::npos);
  const std::string wrong = detector_refusal(detector_fixture("tiny_picodet.onnx"), 80);
  EXPECT_NE(wrong.find("for 80 classes: found"), std::string::npos) << wrong;
  EXPECT_NE(wrong.find("cls8 [1, 64, 3]"), std::string::npos) << wrong;
  EXPECT_NE(detector_refusal(detector_fixture("tiny_yolo.cfg"), 80).find("[16, 8]"),
            std::string::npos);
}

TEST_F(DetectorFiles, TellHowManyClassesThereAre) {
  for (const char* name : {"tiny_picodet.onnx", "tiny_nanodet.onnx", "tiny_yolo.cfg"}) {
    EXPECT_EQ(Detector(read_detector_file(detector_fixture(name)), 0).classes(), 3) << name;
    EXPECT_EQ(Detector(read_detector_file(detector_fixture(name)), 3).classes(), 3) << name;
  }
  const std::string other = detector_refusal(detector_fixture("other.onnx"), 0);
  EXPECT_NE(other.find("yolo-fastest's: found heat [1, 2, 64, 64]"), std::string::npos) << other;
}

TEST_F(DetectorFiles, CutShortAnywhereTheyAreRefused) {
  const std::string whole = bytes_of("tiny_picodet.onnx");
  for (std::size_t length = 0; length < whole.size(); length += 7) {
    const fs::path path = write("cut.onnx", whole.substr(0, length));
    const std::string message = detector_refusal(path);
    ASSERT_FALSE(message.empty()) << length;
    expect_one_line(message, path);
  }
}

TEST_F(DetectorFiles, CutShortWeightsOfDarknetAreRefused) {
  write("tiny.cfg", bytes_of("tiny_yolo.cfg"));
  const std::string whole = bytes_of("tiny_yolo.weights");
  for (const std::size_t length : {1u, 10u, 19u, 20u, 40u, 147u}) {
    write("tiny.weights", whole.substr(0, length));
    const std::string message = detector_refusal(folder_ / "tiny.cfg");
    ASSERT_FALSE(message.empty()) << length;
    expect_one_line(message, folder_ / "tiny.cfg");
  }
  write("tiny.weights", whole + "more");
  EXPECT_FALSE(detector_refusal(folder_ / "tiny.cfg").empty());
  write("tiny.weights", whole);
  EXPECT_EQ(detector_refusal(folder_ / "tiny.cfg"), "");
}

TEST_F(DetectorFiles, DamagedAnywhereTheyAreReadOrRefusedInOneLine) {
  const std::string whole = bytes_of("tiny_picodet.onnx");
  std::mt19937 random(7);
  int refused = 0;
  for (int round = 0; round < 400; ++round) {
    std::string damaged = whole;
    for (int flips = 1 + int(random() % 3); flips > 0; --flips) {
      damaged[random() % damaged.size()] = char(random());
    }
    const fs::path path = write("damaged.onnx", damaged);
    const std::string message = detector_refusal(path);
    if (message.empty()) continue;
    ++refused;
    expect_one_line(message, path);
  }
  EXPECT_GT(refused, 100);
}

TEST_F(DetectorFiles, SizesOfPicturesAreBounded) {
  const std::string cfg = bytes_of("tiny_yolo.cfg");
  write("big.weights", bytes_of("tiny_yolo.weights"));
  for (const auto& [from, to, said] : {std::tuple{"width=64", "width=640000", "640000x64"},
                                       {"width=64", "width=many", "width=many"},
                                       {"width=64", "height=64", "no width"},
                                       {"channels=3", "channels=1", "1 channels"},
                                       {"[net]", "[nothing]", "no [net] section"}}) {
    std::string changed = cfg;
    changed.replace(changed.find(from), std::string(from).size(), to);
    const fs::path path = write("big.cfg", changed);
    const std::string message = detector_refusal(path);
    EXPECT_NE(message.find(said), std::string::npos) << message;
    expect_one_line(message, path);
  }
}

TEST_F(DetectorFiles, ClassNamesAreOneALine) {
  EXPECT_EQ(coco_class_names().size(), 80u);
  EXPECT_EQ(coco_class_names().front(), "person");
  EXPECT_EQ(coco_class_names()[57], "sofa");
  EXPECT_EQ(coco_class_names().back(), "toothbrush");
  EXPECT_EQ(read_class_names(detector_fixture("tiny.names")),
            (std::vector<std::string>{"red", "green", "blue"}));
  EXPECT_EQ(read_class_names(write("a.names", " a cat \r\n\n\tdog")),
            (std::vector<std::string>{"a cat", "dog"}));
  const auto message = [](const fs::path& path) -> std::string {
    try {
      read_class_names(path);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_NE(message(write("b.names", "cat\ndog\ncat\n")).find("\"cat\" twice"), std::string::npos);
  EXPECT_NE(message(write("c.names", "\n \n")).find("no class names"), std::string::npos);
  EXPECT_NE(message(write("d.names", "cat\n\xff\xfe\n")).find("class 2 is no UTF-8"),
            std::string::npos);
  EXPECT_NE(message(folder_ / "none.names").find("none.names"), std::string::npos);
}

}  // namespace
}  // namespace vqalign
