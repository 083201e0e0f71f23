#include "vqalign/gui/models/job_thread.h"

#include <gtest/gtest.h>

#include <QSignalSpy>
#include <QTest>
#include <atomic>
#include <semaphore>
#include <thread>

namespace vqalign::test {
namespace {

TEST(JobThread, RunsElsewhereAndDeliversHere) {
  JobThread jobs;
  QSignalSpy finished(&jobs, &JobThread::finished);
  std::thread::id ran_on, heard_on;
  jobs.submit("ask", [&](Job& job) {
    ran_on = std::this_thread::get_id();
    job.deliver([&] { heard_on = std::this_thread::get_id(); });
  });
  EXPECT_TRUE(jobs.busy("ask"));
  ASSERT_TRUE(finished.wait());
  EXPECT_NE(ran_on, std::this_thread::get_id());
  EXPECT_EQ(heard_on, std::this_thread::get_id());
  EXPECT_FALSE(jobs.busy());
  EXPECT_EQ(finished.front().front().toString(), "ask");
}

TEST(JobThread, NewerSupersedesOlder) {
  JobThread jobs;
  QSignalSpy finished(&jobs, &JobThread::finished);
  std::binary_semaphore begun(0), go_on(0);
  std::vector<int> heard;
  std::atomic<bool> first_was_cancelled = false;
  jobs.submit("ask", [&](Job& job) {
    job.deliver([&] { heard.push_back(1); });
    begun.release();
    go_on.acquire();
    first_was_cancelled = job.cancel().requested();
    job.deliver([&] { heard.push_back(10); });
  });
  begun.acquire();
  jobs.submit("ask", [&](Job& job) { job.deliver([&] { heard.push_back(2); }); });
  jobs.submit("ask", [&](Job& job) { job.deliver([&] { heard.push_back(3); }); });
  go_on.release();
  ASSERT_TRUE(finished.wait());
  EXPECT_TRUE(first_was_cancelled);
  EXPECT_EQ(heard, std::vector<int>{3});
  EXPECT_EQ(finished.size(), 1);
}

TEST(JobThread, KindsDoNotSupersedeEachOther) {
  JobThread jobs;
  std::vector<int> heard;
  jobs.submit("ask", [&](Job& job) { job.deliver([&] { heard.push_back(1); }); });
  jobs.submit("relevance", [&](Job& job) { job.deliver([&] { heard.push_back(2); }); });
  EXPECT_TRUE(QTest::qWaitFor([&] { return !jobs.busy(); }));
  EXPECT_EQ(heard, (std::vector<int>{1, 2}));
}

TEST(JobThread, TellsWhatFailed) {
  JobThread jobs;
  QSignalSpy failed(&jobs, &JobThread::failed);
  jobs.submit("ask", [](Job&) { throw Error("a.png: is no picture", "choose another"); });
  ASSERT_TRUE(failed.wait());
  EXPECT_EQ(failed[0][1].toString(), "a.png: is no picture");
  EXPECT_EQ(failed[0][2].toString(), "choose another");
  jobs.submit("ask", [](Job&) { throw std::runtime_error("odd\ntrace"); });
  ASSERT_TRUE(failed.wait());
  EXPECT_EQ(failed[1][1].toString(), "internal error: odd");
  EXPECT_FALSE(jobs.busy());
}

TEST(JobThread, CancelsWhatRunsAndWhatWaits) {
  JobThread jobs;
  QSignalSpy cancelled(&jobs, &JobThread::cancelled);
  std::binary_semaphore begun(0);
  bool heard = false;
  jobs.submit("long", [&](Job& job) {
    begun.release();
    while (!job.cancel().requested()) std::this_thread::yield();
    job.deliver([&] { heard = true; });
    job.cancel().check();
  });
  jobs.submit("waiting", [&](Job& job) { job.deliver([&] { heard = true; }); });
  begun.acquire();
  jobs.cancel("waiting");
  jobs.cancel("long");
  jobs.cancel("nothing");
  EXPECT_EQ(cancelled.size(), 2);
  EXPECT_FALSE(jobs.busy());
  QTest::qWait(20);
  EXPECT_FALSE(heard);
  EXPECT_EQ(cancelled.size(), 2);
}

TEST(JobThread, ProgressIsHeard) {
  JobThread jobs;
  QSignalSpy progressed(&jobs, &JobThread::progressed);
  QSignalSpy finished(&jobs, &JobThread::finished);
  jobs.submit("long", [](Job& job) {
    for (int i = 0; i <= 1000; ++i) job.progress(i, 1000);
  });
  ASSERT_TRUE(finished.wait());
  ASSERT_GE(progressed.size(), 2);
  EXPECT_LT(progressed.size(), 500);
  EXPECT_EQ(progressed.front()[1].toLongLong(), 0);
  EXPECT_EQ(progressed.back()[1].toLongLong(), 1000);
}

TEST(JobThread, WhatIsToBeKeptIsDone) {
  int done = 0;
  {
    JobThread jobs;
    std::binary_semaphore begun(0);
    jobs.submit("long", [&](Job& job) {
      begun.release();
      while (!job.cancel().requested()) std::this_thread::yield();
    });
    for (int i = 0; i < 3; ++i) jobs.submit_kept("save", [&](Job&) { ++done; });
    jobs.submit("never", [&](Job&) { done += 100; });
    begun.acquire();
  }
  EXPECT_EQ(done, 3);
}

TEST(JobThread, EndsCleanlyWhileBusy) {
  bool heard = false;
  {
    JobThread jobs;
    std::binary_semaphore begun(0);
    jobs.submit("long", [&](Job& job) {
      begun.release();
      while (!job.cancel().requested()) std::this_thread::yield();
      job.deliver([&] { heard = true; });
    });
    jobs.submit("never", [&](Job& job) { job.deliver([&] { heard = true; }); });
    begun.acquire();
  }
  QTest::qWait(10);
  EXPECT_FALSE(heard);
}

}  // namespace
}  // namespace vqalign::test
