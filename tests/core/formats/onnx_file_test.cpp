#include "vqalign/core/formats/onnx_file.h"

#include <gtest/gtest.h>

#include "vqalign/core/error.h"

namespace vqalign {
namespace {

// Protobuf by hand.
std::string varint(uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7) bytes += char(value | 0x80);
  return bytes + char(value);
}

std::string number(uint64_t id, uint64_t value) {
  return varint(id << 3) + varint(value);
}

std::string field(uint64_t id, const std::string& bytes) {
  return varint(id << 3 | 2) + varint(bytes.size()) + bytes;
}

std::string tensor(const std::vector<uint64_t>& dims, uint64_t type, const std::string& data) {
  std::string bytes;
  for (const uint64_t dim : dims) bytes += number(1, dim);
  return bytes + number(2, type) + field(8, "w") + data;
}

std::string raw(std::size_t bytes) {
  return field(9, std::string(bytes, '\1'));
}

std::string model(const std::string& graph) {
  return number(1, 6) + field(7, graph);
}

std::string refusal(const std::string& bytes) {
  try {
    check_onnx(bytes, "net.onnx");
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(OnnxFile, TellsTheInputsThatWeightsDoNotFill) {
  const std::string dims = field(1, number(1, 1)) + field(1, number(1, 3)) +
                           field(1, field(2, "height")) + field(1, number(1, 416));
  const auto input = [&](const std::string& name) {
    return field(11, field(1, name) + field(2, field(1, number(1, 1) + field(2, dims))));
  };
  const OnnxSummary summary =
      check_onnx(model(input("image") + input("w") + field(5, tensor({2}, 1, raw(8)))), "net.onnx");
  ASSERT_EQ(summary.inputs.size(), 1u);
  EXPECT_EQ(summary.inputs[0].name, "image");
  EXPECT_EQ(summary.inputs[0].shape, (std::vector<int64_t>{1, 3, 0, 416}));
}

TEST(OnnxFile, TensorsHaveTheDataOfTheirShape) {
  for (const std::string& good :
       {tensor({2, 3}, 1, raw(24)), tensor({2, 3}, 1, field(4, std::string(24, 0))),
        tensor({}, 7, raw(8)), tensor({2}, 7, field(7, varint(300) + varint(5))),
        tensor({0, 5}, 1, ""), tensor({3}, 10, raw(6)),
        field(1, varint(2) + varint(2)) + number(2, 1) + raw(16)}) {
    EXPECT_EQ(refusal(model(field(5, good))), "");
  }
  for (const auto& [bad, said] :
       {std::pair{tensor({2, 3}, 1, raw(20)), "shape [2, 3] has 20 bytes of type 1"},
        {tensor({2, 3}, 1, ""), "shape [2, 3] has 0 numbers"},
        {tensor({2}, 1, field(5, varint(1) + varint(2))), "has 0 numbers"},
        {tensor({2}, 1, field(4, std::string(8, 0)) + raw(8)), "2 numbers besides"},
        {tensor({uint64_t{1} << 40, uint64_t{1} << 40}, 1, raw(8)), "more than it has bytes"},
        {tensor({~uint64_t{0}}, 1, raw(8)), "shape [-1] has more than it has bytes"},
        {tensor({1}, 99, raw(4)), "type 99"},
        {tensor({1}, 1, field(13, "file")), "other files"}}) {
    for (const std::string& place : {field(5, bad), field(1, field(5, field(5, bad))),
                                     field(1, field(5, field(6, field(5, bad))))}) {
      const std::string message = refusal(model(place));
      EXPECT_NE(message.find(said), std::string::npos) << message;
      EXPECT_TRUE(message.starts_with("net.onnx: ")) << message;
    }
  }
}

TEST(OnnxFile, WhatIsNoneIsRefused) {
  EXPECT_NE(refusal(""), "");
  EXPECT_NE(refusal("PK\x03\x04 a zip"), "");
  EXPECT_NE(refusal(number(1, 6)).find("no graph"), std::string::npos);
  EXPECT_NE(refusal(std::string(20, '\xff')).find("10 bytes"), std::string::npos);
  const std::string whole = model(field(5, tensor({2, 3}, 1, raw(24))));
  for (std::size_t length = 0; length < whole.size(); ++length) {
    EXPECT_NE(refusal(whole.substr(0, length)), "") << length;
  }
}

TEST(OnnxFile, GraphsInsideOfGraphsAreFollowedSoFar) {
  std::string graph = field(5, tensor({1}, 1, raw(4)));
  for (int depth = 0; depth < 100; ++depth) graph = field(1, field(5, field(6, graph)));
  EXPECT_NE(refusal(model(graph)).find("too many to follow"), std::string::npos);
}

}  // namespace
}  // namespace vqalign
