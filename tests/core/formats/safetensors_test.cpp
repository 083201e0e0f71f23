#include "vqalign/core/formats/safetensors.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <limits>

#include "tests/core/formats/temporary_files.h"

namespace vqalign {
namespace {

using testing_files::error_of;
using testing_files::fresh_path;
using testing_files::little_endian;
using testing_files::read_bytes;
using testing_files::TemporaryFile;

/// A file of that header and so many bytes of data (0, 1, 2, ...).
std::string raw_file(const std::string& header, std::size_t data_bytes) {
  std::string text = little_endian<uint64_t>(header.size()) + header;
  for (std::size_t i = 0; i < data_bytes; ++i) text.push_back(static_cast<char>(i));
  return text;
}

Safetensors read_text(const std::string& text) {
  const TemporaryFile file("file.safetensors", text);
  return read_safetensors(file.path);
}

Safetensors every_type() {
  Safetensors content;
  content.metadata = {{"b", "{\"x\": [1, 2]}"}, {"a", "caf\xc3\xa9\n\"quoted\""}};
  const torch::Tensor base = torch::arange(6).view({2, 3});
  for (const auto type :
       {torch::kBool, torch::kUInt8, torch::kInt8, torch::kInt16, torch::kInt32, torch::kInt64,
        torch::kFloat16, torch::kBFloat16, torch::kFloat32, torch::kFloat64}) {
    content.tensors.emplace_back(torch::toString(type), base.to(type));
  }
  content.tensors.emplace_back("scalar", torch::tensor(2.5));
  content.tensors.emplace_back("empty", torch::empty({0, 4}));
  return content;
}

TEST(Safetensors, RoundTripKeepsEveryTypeShapeOrderAndMetadata) {
  const auto path = fresh_path("round.safetensors");
  const Safetensors written = every_type();
  write_safetensors(path, written);
  const Safetensors read = read_safetensors(path);
  EXPECT_EQ(read.metadata, written.metadata);
  ASSERT_EQ(read.tensors.size(), written.tensors.size());
  for (std::size_t i = 0; i < read.tensors.size(); ++i) {
    EXPECT_EQ(read.tensors[i].first, written.tensors[i].first);
    EXPECT_EQ(read.tensors[i].second.scalar_type(), written.tensors[i].second.scalar_type());
    EXPECT_TRUE(torch::equal(read.tensors[i].second, written.tensors[i].second))
        << read.tensors[i].first;
  }
}

TEST(Safetensors, BytesAreThoseOfTheFormat) {
  const auto path = fresh_path("bytes.safetensors");
  Safetensors content;
  content.tensors = {{"b", torch::tensor({1, 2}, torch::kUInt8)}, {"f", torch::tensor(1.0f)}};
  content.metadata = {{"k", "v"}};
  write_safetensors(path, content);
  std::string header =
      R"({"__metadata__":{"k":"v"},"b":{"dtype":"U8","shape":[2],"data_offsets":[4,6]},)"
      R"("f":{"dtype":"F32","shape":[],"data_offsets":[0,4]}})";
  while ((8 + header.size()) % 64 != 0) header += ' ';
  EXPECT_EQ(read_bytes(path), little_endian<uint64_t>(header.size()) + header +
                                  std::string("\x00\x00\x80\x3f\x01\x02", 6));
}

TEST(Safetensors, StoresTransposedTensorsAsTheyRead) {
  const auto path = fresh_path("view.safetensors");
  const torch::Tensor base = torch::arange(12, torch::kFloat32).view({3, 4});
  Safetensors content;
  content.tensors = {{"t", base.t()}, {"part", base.slice(1, 1, 3)}};
  write_safetensors(path, content);
  const Safetensors read = read_safetensors(path);
  EXPECT_TRUE(torch::equal(read.find("t"), base.t()));
  EXPECT_TRUE(torch::equal(read.find("part"), base.slice(1, 1, 3)));
  EXPECT_FALSE(read.find("none").defined());
}

TEST(Safetensors, TensorsOutliveTheReaderAndNeverTouchTheFile) {
  const auto path = fresh_path("private.safetensors");
  Safetensors content;
  content.tensors = {{"x", torch::arange(1000, torch::kFloat32)}};
  write_safetensors(path, content);
  const std::string before = read_bytes(path);
  torch::Tensor kept = read_safetensors(path).find("x");
  kept.mul_(2);
  EXPECT_EQ(kept[999].item<float>(), 1998.0f);
  EXPECT_EQ(read_bytes(path), before);
  write_safetensors(path, {{{"x", torch::zeros({3})}}, {}});
  EXPECT_EQ(kept[500].item<float>(), 1000.0f);
}

TEST(Safetensors, ReadsMisalignedDataOfOthers) {
  const std::string header = R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
                             R"("b":{"dtype":"I32","shape":[1],"data_offsets":[1,5]}})";
  const Safetensors read = read_text(raw_file(header, 5));
  EXPECT_EQ(read.find("b").item<int32_t>(), 0x04030201);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(read.find("b").data_ptr()) % 4, 0u);
}

TEST(Safetensors, EmptyFileOfTensorsIsFine) {
  const auto path = fresh_path("none.safetensors");
  write_safetensors(path, {});
  EXPECT_TRUE(read_safetensors(path).tensors.empty());
  EXPECT_TRUE(read_text(raw_file("{}", 0)).metadata.empty());
}

struct Broken {
  const char* what;
  std::string header;
  std::size_t data_bytes;
  std::string message;  ///< part of the message
};

std::vector<Broken> broken_files() {
  const auto x = [](const std::string& type, const std::string& shape, const std::string& offsets) {
    return R"({"x":{"dtype":)" + type + R"(,"shape":)" + shape + R"(,"data_offsets":)" + offsets +
           "}}";
  };
  return {
      {"no JSON", "not json", 0, "header: line 1, column 2"},
      {"an array", "[]", 0, "expected an object, found an array"},
      {"tensor no object", R"({"x":3})", 0, "tensor \"x\": expected an object"},
      {"no dtype", R"({"x":{"shape":[1],"data_offsets":[0,4]}})", 4, "\"dtype\" is missing"},
      {"unknown type", x("\"F8\"", "[4]", "[0,4]"), 4, "dtype \"F8\""},
      {"type a number", x("3", "[4]", "[0,4]"), 4, "dtype: expected a string"},
      {"negative extent", x("\"F32\"", "[-1]", "[0,4]"), 4, "shape [-1] is no possible shape"},
      {"extents that overflow", x("\"F32\"", "[4294967296,4294967296]", "[0,4]"), 4, "no possible"},
      {"overflow behind a zero", x("\"F32\"", "[0,9223372036854775807,4]", "[0,0]"), 0,
       "no possible"},
      {"extent beyond int64", x("\"F32\"", "[18446744073709551616]", "[0,4]"), 4, "whole number"},
      {"extent a fraction", x("\"F32\"", "[1.5]", "[0,4]"), 4, "whole number"},
      {"shape no array", x("\"F32\"", "1", "[0,4]"), 4, "shape: expected an array"},
      {"shape against bytes", x("\"F32\"", "[2]", "[0,4]"), 4,
       "tensor \"x\": shape [2] takes 8 bytes, its data_offsets [0,4] span 4"},
      {"offsets reversed", x("\"F32\"", "[1]", "[4,0]"), 4, "[4,0] is no range"},
      {"offsets negative", x("\"F32\"", "[1]", "[-4,0]"), 4, "[-4,0] is no range"},
      {"one offset", x("\"F32\"", "[1]", "[0]"), 4, "has 1 numbers, needed are 2"},
      {"beyond the file", x("\"F32\"", "[2]", "[0,8]"), 7, "ends at 8, but the file holds 7"},
      {"far beyond", x("\"U8\"", "[140737488355328]", "[0,140737488355328]"), 7, "cut short"},
      {"bytes left over", x("\"F32\"", "[1]", "[0,4]"), 9, "holds 9 bytes of data"},
      {"a gap", x("\"F32\"", "[1]", "[4,8]"), 8, "starts at byte 4 of the data, expected 0"},
      {"BOOL of 2", x("\"BOOL\"", "[3]", "[0,3]"), 3, "byte 2 is 2, a BOOL is 0 or 1"},
      {"overlap",
       R"({"x":{"dtype":"U8","shape":[3],"data_offsets":[0,3]},)"
       R"("y":{"dtype":"U8","shape":[3],"data_offsets":[2,5]}})",
       5, "tensor \"y\": starts at byte 2 of the data, expected 3: tensors overlap"},
      {"metadata no object", R"({"__metadata__":[]})", 0, "__metadata__: expected an object"},
      {"metadata no string", R"({"__metadata__":{"k":1}})", 0, "__metadata__ \"k\": expected a"},
      {"a line break in a name", R"({"a\nb":3})", 0, "tensor \"a\\nb\""},
      {"deep nesting", std::string(100'000, '['), 0, "nested deeper"},
  };
}

TEST(Safetensors, BrokenFilesAreToldInOneLine) {
  for (const Broken& broken : broken_files()) {
    const TemporaryFile file("broken.safetensors", raw_file(broken.header, broken.data_bytes));
    const std::string message = error_of([&] { read_safetensors(file.path); });
    EXPECT_EQ(message.rfind(file.path.string() + ": ", 0), 0u) << broken.what << ": " << message;
    EXPECT_NE(message.find(broken.message), std::string::npos) << broken.what << ": " << message;
    EXPECT_EQ(message.find('\n'), std::string::npos) << broken.what;
  }
}

TEST(Safetensors, RankBeyondTorchIsRefused) {
  std::string shape = "1";
  for (int i = 0; i < 64; ++i) shape += ",1";
  const std::string header =
      R"({"x":{"dtype":"U8","shape":[)" + shape + R"(],"data_offsets":[0,1]}})";
  EXPECT_NE(error_of([&] { read_text(raw_file(header, 1)); }).find("65 dimensions"),
            std::string::npos);
}

TEST(Safetensors, EveryCutIsAnError) {
  const auto path = fresh_path("whole.safetensors");
  write_safetensors(path, every_type());
  const std::string whole = read_bytes(path);
  for (std::size_t length = 0; length < whole.size(); ++length) {
    EXPECT_NE(error_of([&] { read_text(whole.substr(0, length)); }), "no Error") << length;
  }
  EXPECT_NE(error_of([&] { read_text(whole + "x"); }), "no Error");
}

TEST(Safetensors, EveryFlippedHeaderByteIsReadOrRefused) {
  const auto path = fresh_path("whole.safetensors");
  write_safetensors(path, every_type());
  const std::string whole = read_bytes(path);
  const std::size_t header_end = whole.size() - every_type().tensors.size() * 6;
  for (std::size_t i = 0; i < std::min<std::size_t>(header_end, 400); ++i) {
    std::string damaged = whole;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x11);
    error_of([&] {
      for (const auto& [name, tensor] : read_text(damaged).tensors) tensor.clone();
    });
  }
}

TEST(Safetensors, HeaderLengthsAreChecked) {
  const auto told = [](uint64_t length, const std::string& part) {
    const std::string message = error_of([&] { read_text(little_endian(length) + "{}"); });
    EXPECT_NE(message.find(part), std::string::npos) << message;
  };
  told(3, "its header is 3 bytes long, but only 2 bytes follow");
  told(100'000'001, "its header would be 100000001 bytes long");
  told(std::numeric_limits<uint64_t>::max(), "is no safetensors file");
}

TEST(Safetensors, FilesThatAreNoneAreTold) {
  const auto missing = fresh_path("missing.safetensors");
  EXPECT_EQ(error_of([&] { read_safetensors(missing); }),
            missing.string() + ": cannot open: No such file or directory");
  EXPECT_EQ(error_of([&] { read_safetensors(testing::TempDir()); }),
            testing::TempDir() + ": is a folder, not a file");
  EXPECT_NE(error_of([&] { read_text(""); }).find("is empty"), std::string::npos);
  EXPECT_NE(error_of([&] { read_safetensors("/dev/zero"); }).find("no regular"), std::string::npos);
}

TEST(Safetensors, UnknownTypesAreNotWritten) {
  const auto path = fresh_path("complex.safetensors");
  Safetensors content;
  content.tensors = {{"c", torch::zeros({1}, torch::kComplexFloat)}};
  EXPECT_NE(error_of([&] { write_safetensors(path, content); }).find("tensor \"c\""),
            std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(path));
}

}  // namespace
}  // namespace vqalign
