#pragma once

#include <QObject>
#include <QString>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>

#include "vqalign/core/cancel.h"

namespace vqalign {

class JobThread;

/// What a running job holds: a way to be stopped, and ways to say something to the thread that
/// submitted it. Nothing that a job says is heard once it has been superseded or cancelled.
class Job : public std::enable_shared_from_this<Job> {
 public:
  /// Set when the job is superseded or cancelled; long work looks at it and throws Cancelled.
  const CancelToken& cancel() const { return cancel_; }
  /// Runs `result` on the JobThread's own thread (the window's), later and in order.
  void deliver(std::function<void()> result);
  /// JobThread::progressed, at most twenty times a second besides the first and the last.
  void progress(int64_t done, int64_t total);

 private:
  friend class JobThread;
  JobThread* owner_ = nullptr;
  QString kind_;
  uint64_t generation_ = 0;
  CancelToken cancel_;
  int64_t told_ = 0;  // milliseconds of the steady clock
};

/// A thread that does work one job after another, so that the window's thread never waits: the
/// app's one boundary where exceptions end. Jobs have a kind; a newer job of a kind supersedes an
/// older one, which is dropped where it still waits, and cancelled and no longer heard where it
/// runs (each kind counts its generations). To be used from the thread that made it, whose event
/// loop runs what jobs deliver.
class JobThread : public QObject {
  Q_OBJECT

 public:
  using Work = std::function<void(Job&)>;

  JobThread();
  /// Cancels what runs and waits for its end and for what is to be kept; nothing is delivered any
  /// more.
  ~JobThread() override;

  void submit(const QString& kind, Work work);
  /// For work that must not be lost, such as writing a file: superseded by none, and done even when
  /// this is destroyed meanwhile. `kind` is a name for it.
  void submit_kept(const QString& kind, Work work);
  /// Drops or cancels the job of that kind; cancelled() is emitted when there was one.
  void cancel(const QString& kind);
  /// Whether a job of that kind waits or runs.
  bool busy(const QString& kind) const;
  bool busy() const { return !active_.empty(); }

 Q_SIGNALS:
  void started(const QString& kind);
  void progressed(const QString& kind, qint64 done, qint64 total);
  /// Not for superseded jobs, whose successor goes on.
  void finished(const QString& kind);
  void failed(const QString& kind, const QString& message, const QString& hint);
  void cancelled(const QString& kind);
  /// There is something in delivered_; of this class's own.
  void woken();

 private:
  friend class Job;
  struct Queued {
    std::shared_ptr<Job> job;
    Work work;
    bool kept = false;
  };

  void enqueue(const QString& kind, Work work, bool kept);
  void run();
  void run_job(const Queued& queued);
  bool is_current(const Job& job) const;
  /// Runs `action` on the owner's thread when the job is then still current.
  void post(const std::shared_ptr<Job>& job, std::function<void()> action);
  void conclude(const std::shared_ptr<Job>& job, std::function<void()> tell);
  void run_delivered();

  // Of the owner's thread.
  std::map<QString, std::shared_ptr<Job>> active_;
  uint64_t generations_ = 0;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Queued> queue_;
  /// What waits to be run on the owner's thread: behind the mutex rather than inside Qt's events,
  /// so that ThreadSanitizer, which does not see into Qt, sees the handing over.
  std::deque<std::function<void()>> delivered_;
  std::shared_ptr<Job> running_;
  bool running_is_kept_ = false;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace vqalign
