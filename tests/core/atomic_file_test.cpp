#include "vqalign/core/atomic_file.h"

#include <gtest/gtest.h>

#include <fstream>

#include "vqalign/core/error.h"

namespace vqalign {
namespace {

namespace fs = std::filesystem;

class AtomicFileTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) /
              (std::string("atomic_file_") +
               testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }
  std::ptrdiff_t files() const {
    return std::distance(fs::directory_iterator(folder_), fs::directory_iterator());
  }

  fs::path folder_;
};

TEST_F(AtomicFileTest, AppearsWholeOnCommit) {
  const fs::path target = folder_ / "a.txt";
  write_file_atomic(target, "old");
  {
    AtomicFile file(target);
    file.write("new ");
    file.write(std::string(3 << 20, 'x'));
    EXPECT_EQ(read_file(target, 100), "old");
    file.commit();
  }
  EXPECT_EQ(fs::file_size(target), 4u + (3 << 20));
  EXPECT_EQ(files(), 1);
}

TEST_F(AtomicFileTest, WithoutCommitNothingIsLeft) {
  { AtomicFile(folder_ / "a.txt").write("lost"); }
  EXPECT_EQ(files(), 0);
}

TEST_F(AtomicFileTest, FailuresNameTheTarget) {
  try {
    write_file_atomic(folder_ / "no" / "a.txt", "x");
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("a.txt: cannot create: No such file"),
              std::string::npos)
        << error.what();
  }
  fs::create_directories(folder_ / "taken" / "inside");
  EXPECT_THROW(write_file_atomic(folder_ / "taken", "x"), Error);
  EXPECT_EQ(files(), 1);
}

TEST_F(AtomicFileTest, ReadFileIsBounded) {
  const fs::path target = folder_ / "a.txt";
  write_file_atomic(target, "12345");
  EXPECT_EQ(read_file(target, 5), "12345");
  EXPECT_THROW(read_file(target, 4), Error);
  EXPECT_THROW(read_file(folder_ / "none", 4), Error);
  EXPECT_THROW(read_file(folder_, 4), Error);
}

}  // namespace
}  // namespace vqalign
