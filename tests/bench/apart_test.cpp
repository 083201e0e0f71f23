#include "vqalign/bench/apart.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <thread>
#include <vector>

#include "vqalign/core/error.h"

namespace vqalign {
namespace {

TEST(Apart, WorkRunsInAnotherProcessAndIsHeard) {
  const ApartResult result = run_apart([] { return std::to_string(::getpid()); });
  EXPECT_NE(result.said, std::to_string(::getpid()));
  EXPECT_GT(result.peak_bytes, 0);
}

TEST(Apart, LongTextsArriveWhole) {
  const std::string text(1'000'000, 'x');
  EXPECT_EQ(run_apart([&] { return text; }).said, text);
}

TEST(Apart, SecondsAreTheWorks) {
  const auto slow = [] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    return std::string();
  };
  EXPECT_GE(run_apart(slow).seconds, 0.05);
}

TEST(Apart, PeakMemoryIsThatOfTheWorkAlone) {
  constexpr std::size_t kBytes = 200'000'000;
  const auto touch = [] {
    const std::vector<char> block(kBytes, 1);
    return std::string(1, block[kBytes / 2]);
  };
  const double idle = run_apart([] { return std::string(); }).peak_bytes;
  const double busy = run_apart(touch).peak_bytes;
  EXPECT_GT(busy - idle, 0.9 * kBytes);
  EXPECT_LT(busy - idle, 10.0 * kBytes);  // sanitizers keep books of their own beside the block
  // What an earlier piece of work took does not count again.
  EXPECT_LT(run_apart([] { return std::string(); }).peak_bytes, idle + kBytes / 2);
}

TEST(Apart, ErrorsOfTheWorkAreThrownHere) {
  const auto failing = []() -> std::string { fail("results.json: is empty"); };
  try {
    run_apart(failing);
    FAIL() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "results.json: is empty");
  }
}

TEST(Apart, ADeadProcessIsAnError) {
  const auto dying = [] {
    ::raise(SIGKILL);
    return std::string();
  };
  EXPECT_THROW(run_apart(dying), Error);
}

}  // namespace
}  // namespace vqalign
