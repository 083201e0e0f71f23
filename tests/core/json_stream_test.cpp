#include "vqalign/core/json_stream.h"

#include <limits>
#include <stdexcept>

#include "tests/data/data_test_support.h"

namespace vqalign {
namespace {

/// Writes the events down as text.
class Recorder : public JsonEvents {
 public:
  void null_value() override { log += "null "; }
  void bool_value(bool value) override { log += value ? "true " : "false "; }
  void int_value(int64_t value) override { log += "i" + std::to_string(value) + " "; }
  void double_value(double value) override {
    log += "d ";
    last_double = value;
  }
  void string_value(std::string_view value) override { log += "'" + std::string(value) + "' "; }
  void key(std::string_view name) override { log += std::string(name) + ": "; }
  void begin_object() override { log += "{ "; }
  void end_object() override { log += "} "; }
  void begin_array() override { log += "[ "; }
  void end_array() override { log += "] "; }

  std::string log;
  double last_double = 0;
};

std::string events_of(std::string_view text) {
  const TestFolder folder;
  Recorder recorder;
  stream_json(folder.write("x.json", text), recorder);
  return recorder.log;
}

TEST(JsonStream, HandsOutEveryKindOfValueInOrder) {
  EXPECT_EQ(events_of(R"({"a": [1, -2, true, false, null], "b": {"c": "x\n\u00e9"}, "d": {}})"),
            "{ a: [ i1 i-2 true false null ] b: { c: 'x\n\u00e9' } d: { } } ");
}

TEST(JsonStream, TellsWholeNumbersFromOthers) {
  EXPECT_EQ(events_of("[9223372036854775807, -9223372036854775808, 4294967296]"),
            "[ i9223372036854775807 i-9223372036854775808 i4294967296 ] ");
  EXPECT_EQ(events_of("[9223372036854775808, 1.0, 1e2]"), "[ d d d ] ");
}

TEST(JsonStream, ReadsDoublesExactly) {
  const TestFolder folder;
  Recorder recorder;
  stream_json(folder.write("x.json", "0.30000000000000004"), recorder);
  EXPECT_EQ(recorder.last_double, 0.1 + 0.2);
}

TEST(JsonStream, ReadsAcrossChunks) {
  // Longer than several of the reader's chunks, with every string crossing at another offset.
  std::string text = "[";
  std::string expected = "[ ";
  for (int i = 0; i < 40000; ++i) {
    const std::string word = "w" + std::to_string(i * 7919);
    text += (i == 0 ? "\"" : ",\"") + word + "\"";
    expected += "'" + word + "' ";
  }
  EXPECT_EQ(events_of(text + "]"), expected + "] ");
}

TEST(JsonStream, SkipsAByteOrderMark) {
  EXPECT_EQ(events_of("\xEF\xBB\xBF[1]"), "[ i1 ] ");
}

TEST(JsonStream, ReadsAStretchBetweenTexts) {
  const TestFolder folder;
  const auto path = folder.write("x.json", R"({"a": [1, 2, 3], "b": 4})");
  const auto events_of_stretch = [&](const JsonStretch& stretch) {
    Recorder recorder;
    stream_json(path, stretch, recorder);
    return recorder.log;
  };
  EXPECT_EQ(events_of_stretch({7, 11, "[", "]"}), "[ i1 i2 ] ");
  EXPECT_EQ(events_of_stretch({0, 8, "", "]}"}), "{ a: [ i1 ] } ");
  EXPECT_EQ(events_of_stretch({.begin = 10, .before = "{\"a\":["}), "{ a: [ i2 i3 ] b: i4 } ");
  EXPECT_NE(error_of([&] { events_of_stretch({.begin = 0, .end = 8}); }, path).find("truncated"),
            std::string::npos);
}

TEST(JsonStream, KeepsWhatTheListenerThrows) {
  struct Angry : Recorder {
    void int_value(int64_t) override { throw std::runtime_error("no numbers"); }
  };
  const TestFolder folder;
  const auto path = folder.write("x.json", "[1]");
  Angry angry;
  EXPECT_THROW(stream_json(path, angry), std::runtime_error);
}

struct Malformed {
  std::string text;
  std::string message;
};

class JsonStreamRefuses : public testing::TestWithParam<Malformed> {};

TEST_P(JsonStreamRefuses, NamingFileAndByte) {
  const TestFolder folder;
  const auto path = folder.write("bad.json", GetParam().text);
  Recorder recorder;
  const std::string message = error_of([&] { stream_json(path, recorder); }, path);
  EXPECT_NE(message.find(GetParam().message), std::string::npos) << message;
}

INSTANTIATE_TEST_SUITE_P(
    BadInput, JsonStreamRefuses,
    testing::Values(Malformed{"", "is empty (0 bytes)"}, Malformed{" \n ", "is empty (3 bytes)"},
                    Malformed{"[1, 2", "byte 5: the file ends"},
                    Malformed{R"({"a": "unfinished)", "byte 17: the file ends"},
                    Malformed{"[tru", "byte 4: the file ends"},
                    Malformed{"[1, ]", "byte 4: Invalid value"},
                    Malformed{"]", "byte 0: Invalid value"},
                    Malformed{"[1] [2]", "byte 4: The document root must not be followed"},
                    Malformed{"{1: 2}", "byte 1: Missing a name"},
                    Malformed{"[1e999]", "byte 1: Number too big"},
                    Malformed{"['a']", "byte 1: Invalid value"},
                    Malformed{"\xFF\xFE[", "byte 0: Invalid value"},
                    Malformed{"[\"\xC3(\"]", "byte 5: the string before is not UTF-8"},
                    Malformed{"[\"\xED\xA0\x80\"]", "is not UTF-8"},
                    Malformed{"[\"\xE0\x80\x80\"]", "is not UTF-8"},
                    Malformed{"[\"\xF4\x90\x80\x80\"]", "is not UTF-8"},
                    Malformed{R"(["\udc00"])", "is not UTF-8"},
                    Malformed{std::string("[1]\0", 4), "byte 3: a NUL byte"},
                    Malformed{std::string("[\"a\0b\"]", 7), "byte 3: a NUL byte"},
                    Malformed{std::string(101, '['), "byte 100: nested deeper than 100"},
                    Malformed{std::string(5000000, '['), "byte 100: nested deeper than 100"}));

TEST(JsonStream, AllowsAHundredLevels) {
  EXPECT_NO_THROW(events_of(std::string(100, '[') + std::string(100, ']')));
}

TEST(JsonStream, RefusesMissingFilesAndFolders) {
  const TestFolder folder;
  Recorder recorder;
  EXPECT_EQ(error_of([&] { stream_json(folder / "none.json", recorder); }, folder / "none.json"),
            ": cannot open: No such file or directory");
  EXPECT_EQ(error_of([&] { stream_json(folder.path(), recorder); }, folder.path()),
            ": cannot read: Is a directory");
}

TEST(JsonStream, BoundsTheSizeOfASingleValue) {
  const TestFolder folder;
  const auto path = folder.write("huge.json", "[\"" + std::string(70 << 20, 'x') + "\"]");
  Recorder recorder;
  const std::string message = error_of([&] { stream_json(path, recorder); }, path);
  EXPECT_EQ(message, ": after byte 0: a single value of more than 67108864 bytes");
}

}  // namespace
}  // namespace vqalign
