#include "vqalign/core/digest.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <utility>

#include "vqalign/core/error.h"

namespace vqalign {
namespace {

// The examples of FIPS 180-4.
TEST(Digest, GivesTheStandardsAnswers) {
  EXPECT_EQ(Digest().hex(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(Digest().add("abc").hex(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(Digest().add(std::string(1'000'000, 'a')).hex(),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Digest, PiecesAreTheWhole) {
  EXPECT_EQ(Digest().add("a").add("").add("bc").hex(), Digest().add("abc").hex());
  EXPECT_EQ(Digest().add("abc").bytes()[0], 0xba);
  Digest first;
  first.add("ab");
  Digest moved = std::move(first);
  EXPECT_EQ(moved.add("c").bytes()[1], 0x78);
}

TEST(Digest, OfAFileIsThatOfItsBytes) {
  namespace fs = std::filesystem;
  const fs::path folder = fs::path(testing::TempDir()) / "vqalign_digest";
  fs::create_directories(folder);
  const auto write = [&](const std::string& name, const std::string& bytes) {
    std::ofstream(folder / name, std::ios::binary) << bytes;
    return folder / name;
  };
  // FIPS 180-4's examples, and coreutils' sha256sum of 3 MiB of "a".
  EXPECT_EQ(file_sha256(write("empty", "")),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(file_sha256(write("abc", "abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(file_sha256(write("large", std::string(std::size_t{3} << 20, 'a'))),
            "6f850bc94ae6f7de14297c01616c36d712d22864497b28a63b81d776b035e656");
  EXPECT_THROW(file_sha256(folder / "missing"), Error);
  EXPECT_THROW(file_sha256(folder), Error);
}

}  // namespace
}  // namespace vqalign
