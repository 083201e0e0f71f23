#include "vqalign/core/digest.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

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

}  // namespace
}  // namespace vqalign
