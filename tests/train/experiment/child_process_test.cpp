// The program that a child runs is this test's own, so it is told which tests to run.
#include "vqalign/train/experiment/child_process.h"

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <thread>

#include "experiment_fixture.h"
#include "vqalign/train/experiment/runner.h"

namespace vqalign {
namespace {

class ChildProcessTest : public ExperimentTest {
 protected:
  static int wait(ChildProcess& child) {
    while (!child.poll()) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    return *child.poll();
  }
  std::string text(const std::string& name) {
    std::ifstream file(folder_ / name);
    return {std::istreambuf_iterator<char>(file), {}};
  }
};

constexpr const char* kSleep = "VQALIGN_TEST_SLEEPS";

/// Does nothing but in a child that is told to.
TEST(ChildProcessHelper, Sleeps) {
  if (!std::getenv(kSleep)) return;
  std::fprintf(stderr, "asleep\n");
  std::this_thread::sleep_for(std::chrono::minutes(2));
}

TEST_F(ChildProcessTest, ItsOutputIsKept) {
  write("before\n", "log");
  ChildProcess child({"--gtest_list_tests", "--gtest_filter=ChildProcessTest.ItsOutputIsKept"},
                     folder_ / "out", folder_ / "log");
  EXPECT_EQ(wait(child), 0);
  EXPECT_NE(text("out").find("ItsOutputIsKept"), std::string::npos);
  EXPECT_TRUE(text("log").starts_with("before\n"));
}

TEST_F(ChildProcessTest, StoppedItEndsByTheSignal) {
  ::setenv(kSleep, "1", 1);
  ChildProcess child({"--gtest_filter=ChildProcessHelper*"}, folder_ / "out", folder_ / "log");
  ::unsetenv(kSleep);
  while (text("log").find("asleep") == std::string::npos) {
    ASSERT_FALSE(child.poll());
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  child.stop();
  EXPECT_EQ(wait(child), 128 + SIGTERM);
}

TEST_F(ChildProcessTest, LogsTellHowFarItIs) {
  const auto log = write("$ vqalign train\ntraining  12 %  3/25 samples\nother\n\n", "log");
  EXPECT_EQ(logged_percent(log), 12);
  EXPECT_EQ(last_line(log), "other");
  write("training  99 %  3/25 samples\n$ vqalign eval\nloading\n", "log");
  EXPECT_EQ(logged_percent(log), -1) << "what stands above is of the command before";
  EXPECT_EQ(last_line(folder_ / "missing"), "");
}

}  // namespace
}  // namespace vqalign
