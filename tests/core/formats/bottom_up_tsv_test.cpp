#include "vqalign/core/formats/bottom_up_tsv.h"

#include <gtest/gtest.h>

#include <numeric>

#include "gzip_text.h"
#include "temporary_files.h"
#include "tsv_text.h"

namespace vqalign {
namespace {

using testing_files::base64_floats;
using testing_files::error_of;
using testing_files::gzip_text;
using testing_files::TemporaryFile;

std::vector<float> counted(int64_t count, float from) {
  std::vector<float> values(static_cast<std::size_t>(count));
  std::iota(values.begin(), values.end(), from);
  return values;
}

std::string row(int64_t id, int64_t regions, int64_t width, const std::string& end = "\n") {
  const auto from = static_cast<float>(id);
  return std::to_string(id) + "\t640\t480\t" + std::to_string(regions) + "\t" +
         base64_floats(counted(regions * 4, from)) + "\t" +
         base64_floats(counted(regions * width, from * 2)) + end;
}

void expect_row(const BottomUpTsv& tsv, int64_t id, int64_t regions) {
  const TsvRow* found = tsv.find(id);
  ASSERT_NE(found, nullptr) << id;
  EXPECT_EQ(found->regions, regions);
  EXPECT_EQ(found->image_width, 640);
  EXPECT_EQ(found->image_height, 480);
  std::vector<float> boxes(static_cast<std::size_t>(regions * 4));
  std::vector<float> features(static_cast<std::size_t>(regions * tsv.width()));
  tsv.read(*found, boxes.data(), features.data());
  EXPECT_EQ(boxes, counted(regions * 4, static_cast<float>(id)));
  EXPECT_EQ(features, counted(regions * tsv.width(), static_cast<float>(id) * 2));
}

std::string said(const std::string& text, int64_t width = 0) {
  const TemporaryFile file("f.tsv", text);
  return error_of([&] { BottomUpTsv(file.path, width); });
}

void expect_said(const std::string& text, const std::string& wanted, int64_t width = 0) {
  const std::string message = said(text, width);
  EXPECT_NE(message.find("f.tsv"), std::string::npos) << message;
  EXPECT_NE(message.find(wanted), std::string::npos) << message;
  EXPECT_EQ(message.find('\n'), std::string::npos) << message;
}

TEST(BottomUpTsv, PlainAndPacked) {
  // Widths whose base64 ends in none, one and two signs of padding.
  for (const int64_t width : {5, 3, 7}) {
    const std::string text =
        row(42, 3, width) + row(7, 1, width) + row(9, 0, width) + row(8, 2, width);
    for (const std::string& stored : {text, gzip_text(text)}) {
      const TemporaryFile file("f.tsv", stored);
      const BottomUpTsv tsv(file.path);
      EXPECT_EQ(tsv.width(), width);
      EXPECT_EQ(tsv.packed(), stored != text);
      ASSERT_EQ(tsv.rows().size(), 4u);
      EXPECT_EQ(tsv.rows()[0].image_id, 42);
      EXPECT_EQ(tsv.rows()[3].line, 4);
      expect_row(tsv, 8, 2);
      expect_row(tsv, 42, 3);
      expect_row(tsv, 9, 0);
      expect_row(tsv, 7, 1);
      EXPECT_EQ(tsv.find(1), nullptr);
    }
  }
}

TEST(BottomUpTsv, HeadingFurtherColumnsLineEndsAndNoLastLineEnd) {
  const std::string heading = "image_id\timage_w\timage_h\tnum_boxes\tboxes\tfeatures\r\n";
  const TemporaryFile file("f.tsv", heading + row(1, 2, 4, "\tcls\tmore\n") + "\n" +
                                        row(2, 1, 4, "\r\n") + "\r\n" + row(3, 1, 4, ""));
  const BottomUpTsv tsv(file.path, 4);
  EXPECT_EQ(tsv.rows().size(), 3u);
  expect_row(tsv, 1, 2);
  expect_row(tsv, 2, 1);
  expect_row(tsv, 3, 1);
  EXPECT_EQ(tsv.where(tsv.rows()[1]), file.path.string() + ": line 4");
}

TEST(BottomUpTsv, RowsOfAnotherWidthAreNamed) {
  expect_said(row(1, 2, 4) + row(2, 3, 5), "line 2: image 2 has features of width 5, expected 4");
  expect_said(row(1, 2, 4) + row(2, 3, 2) + row(3, 3, 4),
              "line 2: image 2 has features of width 2, expected 4");
  expect_said(row(1, 2, 4), "line 1: image 1 has features of width 4, expected 2048", 2048);
}

TEST(BottomUpTsv, BadRowsAreNamed) {
  const std::string good = row(1, 2, 4);
  const std::string boxes = base64_floats(counted(4, 1));
  expect_said(good + good, "line 2: image 1 is there already in line 1");
  expect_said(good + "2\t640\t480\n", "line 2: has 3 fields");
  expect_said(good + "2\t640\t480\t1\t" + boxes + "\n", "line 2: has 5 fields");
  expect_said(good + "x2\t640\t480\t1\t" + boxes + "\tAAAA\n", "line 2: image_id is \"x2\"");
  expect_said(good + "2\t0\t480\t1\t" + boxes + "\tAAAA\n", "line 2: image_w is \"0\"");
  expect_said(good + "2\t640\tnan\t1\t" + boxes + "\tAAAA\n", "line 2: image_h is \"nan\"");
  expect_said(good + "2\t640\t480\t-1\t" + boxes + "\tAAAA\n", "line 2: num_boxes is \"-1\"");
  expect_said(good + "2\t640\t480\t1e300\t" + boxes + "\tAAAA\n", "line 2: num_boxes is \"1e300\"");
  expect_said(good + "2\t640\t480\t2\t" + boxes + "\tAAAA\n",
              "line 2: image 2 has 24 characters of boxes, base64 of 2 boxes takes 44");
  expect_said(good + "2\t640\t480\t1\t" + boxes + "\tAAAA\n",
              "line 2: image 2 has 4 characters of features, which are no base64 of 1 regions");
  expect_said(good + "2\t640\t480\t0\t\tAAAA\n", "line 2: image 2 has 4 characters");
  expect_said(good + std::string(1000, 'a') + "\n", "line 2: image_id is no number");
  expect_said("\n\n", "holds no row");
  expect_said(row(1, 0, 4), "width unknown");
}

TEST(BottomUpTsv, WhatIsNoBase64IsFoundWhenRead) {
  std::string text = row(1, 2, 4) + row(2, 2, 4);
  text[text.size() - 6] = '*';
  text[20] = '\n';  // inside of the first boxes, which are jumped over
  const TemporaryFile file("f.tsv", text);
  const BottomUpTsv tsv(file.path);
  std::vector<float> boxes(8), features(8);
  const auto reading = [&](std::size_t at) {
    return error_of([&] { tsv.read(tsv.rows()[at], boxes.data(), features.data()); });
  };
  EXPECT_NE(reading(0).find("line 1: the boxes of image 1 are no base64"), std::string::npos);
  EXPECT_NE(reading(1).find("line 2: the features of image 2 are no base64"), std::string::npos);
}

TEST(BottomUpTsv, CutShort) {
  const std::string text = row(1, 2, 4) + row(2, 3, 4) + row(3, 2, 4);
  const std::size_t first = row(1, 2, 4).size(), second = first + row(2, 3, 4).size();
  for (std::size_t i = 1; i < 64; ++i) {
    const std::size_t length = text.size() * i / 64;
    // Between two lines nothing shows; a line without its end is whole.
    const auto whole = [&](std::size_t end) { return length == end || length + 1 == end; };
    if (whole(first) || whole(second)) continue;
    const int line = length < first ? 1 : length < second ? 2 : 3;
    expect_said(text.substr(0, length), "line " + std::to_string(line) + ":", 4);
  }
}

TEST(BottomUpTsv, WidthOfAPackedFileTakesNoMoreThanItsFirstRow) {
  const std::string first = row(1, 0, 5) + row(2, 3, 5), packed = gzip_text(first);
  EXPECT_EQ(BottomUpTsv::packed_width(TemporaryFile("a.gz", packed).path), 5);
  // Members follow each other; what comes behind the first is never looked at.
  const std::string long_row = gzip_text(row(3, 900, 400), 1);
  EXPECT_EQ(BottomUpTsv::packed_width(TemporaryFile("b.gz", packed + long_row + "junk").path), 5);
  for (const std::string& text : {std::string(), row(1, 0, 5), std::string("a\tb\n")}) {
    const TemporaryFile file("c.gz", gzip_text(text));
    EXPECT_EQ(error_of([&] { BottomUpTsv::packed_width(file.path); }),
              error_of([&] { BottomUpTsv{file.path}; }));
    EXPECT_NE(error_of([&] { BottomUpTsv::packed_width(file.path); }), "");
  }
}

TEST(BottomUpTsv, CancelledWhileItLooksForLines) {
  const TemporaryFile file("f.tsv", row(1, 2, 4));
  CancelToken cancel;
  cancel.request();
  EXPECT_THROW(BottomUpTsv(file.path, 0, &cancel), Cancelled);
}

}  // namespace
}  // namespace vqalign
