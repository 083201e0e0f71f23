#include "vqalign/core/cancel.h"

#include <gtest/gtest.h>

#include <csignal>

namespace vqalign {
namespace {

TEST(CancelToken, CheckThrowsOnceAsked) {
  CancelToken token;
  EXPECT_NO_THROW(token.check());
  token.request();
  EXPECT_TRUE(token.requested());
  EXPECT_THROW(token.check(), Cancelled);
}

TEST(SignalGuard, FirstSignalAsksForAStop) {
  for (const int signal : {SIGINT, SIGTERM}) {
    CancelToken token;
    const SignalGuard guard(token);
    std::raise(signal);
    EXPECT_TRUE(token.requested());
  }
}

TEST(SignalGuardDeathTest, SecondSignalEndsTheProcess) {
  EXPECT_EXIT(
      {
        CancelToken token;
        const SignalGuard guard(token);
        std::raise(SIGINT);
        std::raise(SIGINT);
      },
      testing::KilledBySignal(SIGINT), "");
}

}  // namespace
}  // namespace vqalign
