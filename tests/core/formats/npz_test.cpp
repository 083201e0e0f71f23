#include "vqalign/core/formats/npz.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <map>

#include "tests/core/formats/temporary_files.h"
#include "vqalign/core/formats/zip_archive.h"
#include "vqalign/core/formats/zip_writer.h"

namespace vqalign {
namespace {

using testing_files::error_of;
using testing_files::fresh_path;
using testing_files::read_bytes;

using Arrays = std::map<std::string, NpzArray>;

std::filesystem::path fixture(const std::string& name) {
  return std::filesystem::path(VQALIGN_SOURCE_DIR) / "tests/core/formats/fixtures" / name;
}

Arrays by_name(const std::filesystem::path& path) {
  Arrays arrays;
  for (NpzArray& array : read_npz(path)) arrays[array.name] = std::move(array);
  return arrays;
}

/// What tests/oracle/make_npz_fixtures.py puts into every array of numbers.
torch::Tensor numbers(torch::IntArrayRef shape, torch::ScalarType type) {
  const torch::Tensor k = torch::arange(c10::multiply_integers(shape), torch::kInt64);
  const torch::Tensor values = torch::remainder(7 * k, 19) - 3;
  const bool truth = type == torch::kBool;
  const bool unsigned_type = type == torch::kUInt8;
  const torch::Tensor kept = truth           ? torch::remainder(values, 2)
                             : unsigned_type ? values.abs()
                                             : values;
  return kept.to(type).view(shape);
}

void expect_numbers(const Arrays& arrays, const std::string& name, torch::IntArrayRef shape,
                    torch::ScalarType type) {
  ASSERT_TRUE(arrays.contains(name)) << name;
  const torch::Tensor& found = arrays.at(name).tensor;
  ASSERT_TRUE(found.defined()) << name;
  EXPECT_EQ(found.scalar_type(), type) << name;
  ASSERT_EQ(found.sizes(), shape) << name;
  EXPECT_TRUE(found.is_contiguous()) << name;
  EXPECT_TRUE(torch::equal(found, numbers(shape, type))) << name << found;
}

TEST(Npz, ReadsTheReferencesFeatureFiles) {
  const Arrays arrays = by_name(fixture("reference.npz"));
  expect_numbers(arrays, "x", {24, 5}, torch::kFloat32);  // deflated, in Fortran order
  expect_numbers(arrays, "bbox", {5, 4}, torch::kFloat32);
  EXPECT_EQ(arrays.at("num_bbox").tensor.item<int64_t>(), 5);
  EXPECT_EQ(arrays.at("image_w").tensor.dim(), 0);
  EXPECT_EQ(arrays.at("image_w").tensor.item<int64_t>(), 640);
  EXPECT_EQ(arrays.at("image_h").tensor.item<int64_t>(), 480);
  EXPECT_FALSE(arrays.contains("info")) << "a pickle must be skipped";
}

TEST(Npz, ReadsEveryTypeByteOrderAndRank) {
  const Arrays arrays = by_name(fixture("types.npz"));
  const std::vector<std::pair<std::string, torch::ScalarType>> types = {
      {"f2", torch::kFloat16}, {"f4", torch::kFloat32}, {"f8", torch::kFloat64},
      {"i2", torch::kInt16},   {"i4", torch::kInt32},   {"i8", torch::kInt64}};
  for (const auto& [name, type] : types) {
    expect_numbers(arrays, "little_" + name, {2, 3}, type);
    expect_numbers(arrays, "big_" + name, {2, 3}, type);
  }
  expect_numbers(arrays, "byte_i1", {2, 3}, torch::kInt8);
  expect_numbers(arrays, "byte_u1", {2, 3}, torch::kUInt8);
  expect_numbers(arrays, "byte_b1", {2, 3}, torch::kBool);
  expect_numbers(arrays, "scalar", {}, torch::kFloat64);
  expect_numbers(arrays, "empty", {0, 4}, torch::kFloat32);
  expect_numbers(arrays, "rank_4", {2, 1, 3, 2}, torch::kInt32);
  expect_numbers(arrays, "fortran_3", {2, 3, 4}, torch::kFloat32);
  expect_numbers(arrays, "fortran_big", {3, 2}, torch::kInt16);
}

TEST(Npz, ReadsTextAsUtf8) {
  const Arrays arrays = by_name(fixture("types.npz"));
  using Strings = std::vector<std::string>;
  const std::string with_zero("\U0001f408 a\0b", 8);
  EXPECT_EQ(arrays.at("text").strings, (Strings{"yes", "", "caf\u00e9 \u732b", with_zero}));
  EXPECT_FALSE(arrays.at("text").tensor.defined());
  EXPECT_EQ(arrays.at("big_text").strings, (Strings{"yes", "no way"}));
  EXPECT_EQ(arrays.at("one_text").strings, (Strings{"alone"}));
  EXPECT_TRUE(arrays.at("no_text").strings.empty());
}

TEST(Npz, ReadsNewerHeadersAndIgnoresOtherMembers) {
  const Arrays arrays = by_name(fixture("versions.npz"));
  EXPECT_EQ(arrays.size(), 4u);
  for (const char* name : {"v2_0", "v2_8", "v3_0", "v3_8"}) {
    expect_numbers(arrays, name, {3, 5}, torch::kInt32);
  }
}

TEST(Npz, WritesWhatNumpyAndPythonsZipfileWrite) {
  const auto path = fresh_path("written.npz");
  write_npz(path, {{"question_id", numbers({4}, torch::kInt64), {}},
                   {"probabilities", numbers({3, 4}, torch::kFloat32).t(), {}},
                   {"answers", {}, {"yes", "no", "caf\u00e9"}},
                   {"scalar", numbers({}, torch::kBool), {}},
                   {"na\u00efve", numbers({1, 2, 3}, torch::kUInt8), {}}});
  Arrays arrays = by_name(path);
  EXPECT_TRUE(
      torch::equal(arrays.at("probabilities").tensor, numbers({3, 4}, torch::kFloat32).t()));
  write_npz(path, {{"question_id", numbers({4}, torch::kInt64), {}},
                   {"probabilities", numbers({4, 3}, torch::kFloat32), {}},
                   {"answers", {}, {"yes", "no", "caf\u00e9"}},
                   {"scalar", numbers({}, torch::kBool), {}},
                   {"na\u00efve", numbers({1, 2, 3}, torch::kUInt8), {}}});
  EXPECT_EQ(read_bytes(path), read_bytes(fixture("written.npz")));
}

TEST(Npz, RoundTripOfEveryType) {
  const auto path = fresh_path("round.npz");
  std::vector<NpzArray> arrays;
  for (const auto type :
       {torch::kFloat16, torch::kFloat32, torch::kFloat64, torch::kInt8, torch::kInt16,
        torch::kInt32, torch::kInt64, torch::kUInt8, torch::kBool}) {
    arrays.push_back({torch::toString(type), numbers({2, 5}, type), {}});
  }
  arrays.push_back({"none", torch::empty({0}), {}});
  arrays.push_back({"text", {}, {"", "\U0001f408", "a"}});
  arrays.push_back({"no text", {}, {}});
  write_npz(path, arrays);
  const std::vector<NpzArray> read = read_npz(path);
  ASSERT_EQ(read.size(), arrays.size());
  for (std::size_t i = 0; i < read.size(); ++i) {
    EXPECT_EQ(read[i].name, arrays[i].name);
    EXPECT_EQ(read[i].strings, arrays[i].strings);
    ASSERT_EQ(read[i].tensor.defined(), arrays[i].tensor.defined());
    if (!read[i].tensor.defined()) continue;
    EXPECT_EQ(read[i].tensor.scalar_type(), arrays[i].tensor.scalar_type());
    EXPECT_TRUE(torch::equal(read[i].tensor, arrays[i].tensor)) << read[i].name;
  }
}

TEST(Npz, BytesThatAreNoUtf8BecomeTheReplacementCharacter) {
  const auto path = fresh_path("bytes.npz");
  write_npz(
      path,
      {{"t", {}, {"a\xff", "\xc3", "\xe2\x82", "\xed\xa0\x80", "\xf5\x80\x80\x80", "\xc0\xafz"}}});
  const std::string r = "\ufffd";
  EXPECT_EQ(read_npz(path)[0].strings,
            (std::vector<std::string>{"a" + r, r, r + r, r + r + r, r + r + r + r, r + r + "z"}));
}

TEST(Npz, UnknownTypesAreNotWritten) {
  const auto path = fresh_path("complex.npz");
  EXPECT_NE(error_of([&] {
              write_npz(path, {{"c", torch::zeros({1}, torch::kComplexFloat), {}}});
            }).find("array c"),
            std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(Zip, WideFieldsReadBack) {
  const auto path = fresh_path("wide.zip");
  AtomicFile file(path);
  ZipWriter zip(file, 0);  // as if every size and place were beyond 4 GiB
  zip.add("first", {"one ", "two"});
  zip.add("second", {});
  zip.finish();
  file.commit();
  const ZipArchive archive(path);
  ASSERT_EQ(archive.entries().size(), 2u);
  std::string text(7, '\0');
  ZipMember(archive, archive.entries()[0]).read(text.data(), 7);
  EXPECT_EQ(text, "one two");
  EXPECT_EQ(archive.entries()[1].name, "second");
  EXPECT_EQ(ZipMember(archive, archive.entries()[1]).remaining(), 0u);
}

TEST(Zip, ArchiveOfNothing) {
  const auto path = fresh_path("empty.npz");
  write_npz(path, {});
  EXPECT_TRUE(read_npz(path).empty());
}

TEST(Zip, ManyMembers) {
  const auto path = fresh_path("many.zip");
  AtomicFile file(path);
  ZipWriter zip(file);
  for (int i = 0; i < 70'000; ++i) zip.add(std::to_string(i), {"x"});
  zip.finish();
  file.commit();
  const ZipArchive archive(path);
  ASSERT_EQ(archive.entries().size(), 70'000u);
  EXPECT_EQ(archive.entries().back().name, "69999");
}

}  // namespace
}  // namespace vqalign
