#include "vqalign/gui/models/job_thread.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <new>
#include <string>

namespace vqalign {
namespace {

constexpr int64_t kBetweenProgress = 50;  // milliseconds

int64_t steady_milliseconds() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

struct Problem {
  QString message, hint;
};

QString first_line(const std::string& text) {
  return QString::fromStdString(text.substr(0, text.find('\n')));
}

/// What the exception being handled means to a person.
Problem describe_problem() {
  try {
    throw;
  } catch (const Error& error) {
    return {first_line(error.what()), QString::fromStdString(error.hint())};
  } catch (const std::bad_alloc&) {
    return {QString::fromUtf8("not enough memory for this"),
            QString::fromUtf8("close other programs, or use a smaller picture")};
  } catch (const std::filesystem::filesystem_error& error) {
    return {QString::fromStdString(error.path1().string() + ": " + error.code().message()), {}};
  } catch (const std::exception& error) {
    return {QString::fromUtf8("internal error: ") + first_line(error.what()),
            QString::fromUtf8("please report it")};
  } catch (...) {
    return {QString::fromUtf8("internal error"), QString::fromUtf8("please report it")};
  }
}

}  // namespace

void Job::deliver(std::function<void()> result) {
  owner_->post(shared_from_this(), std::move(result));
}

void Job::progress(int64_t done, int64_t total) {
  const int64_t now = steady_milliseconds();
  if (done != 0 && done != total && now - told_ < kBetweenProgress) return;
  told_ = now;
  JobThread* owner = owner_;
  const QString kind = kind_;
  deliver([=] { Q_EMIT owner->progressed(kind, done, total); });
}

JobThread::JobThread() {
  connect(this, &JobThread::woken, this, &JobThread::run_delivered, Qt::QueuedConnection);
  thread_ = std::thread([this] { run(); });
}

JobThread::~JobThread() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    std::erase_if(queue_, [](const Queued& queued) { return !queued.kept; });
    if (running_ && !running_is_kept_) running_->cancel_.request();
  }
  wake_.notify_one();
  thread_.join();
}

void JobThread::submit(const QString& kind, Work work) {
  {
    const std::lock_guard lock(mutex_);
    std::erase_if(queue_, [&](const Queued& queued) { return queued.job->kind_ == kind; });
    if (running_ && running_->kind_ == kind) running_->cancel_.request();
  }
  enqueue(kind, std::move(work), false);
}

void JobThread::submit_kept(const QString& kind, Work work) {
  // A kind of its own, so that none supersedes it.
  enqueue(QString::fromUtf8("%1 %2").arg(kind).arg(generations_ + 1), std::move(work), true);
}

void JobThread::enqueue(const QString& kind, Work work, bool kept) {
  const auto job = std::make_shared<Job>();
  job->owner_ = this;
  job->kind_ = kind;
  job->generation_ = ++generations_;
  {
    const std::lock_guard lock(mutex_);
    queue_.push_back({job, std::move(work), kept});
  }
  active_[kind] = job;
  wake_.notify_one();
  Q_EMIT started(kind);
}

void JobThread::cancel(const QString& kind) {
  const auto found = active_.find(kind);
  if (found == active_.end()) return;
  found->second->cancel_.request();
  active_.erase(found);
  {
    const std::lock_guard lock(mutex_);
    std::erase_if(queue_, [&](const Queued& queued) { return queued.job->kind_ == kind; });
  }
  Q_EMIT cancelled(kind);
}

bool JobThread::busy(const QString& kind) const {
  return active_.contains(kind);
}

bool JobThread::is_current(const Job& job) const {
  const auto found = active_.find(job.kind_);
  return found != active_.end() && found->second->generation_ == job.generation_;
}

void JobThread::post(const std::shared_ptr<Job>& job, std::function<void()> action) {
  {
    const std::lock_guard lock(mutex_);
    delivered_.push_back([this, job, action = std::move(action)] {
      if (is_current(*job)) action();
    });
  }
  Q_EMIT woken();
}

/// One for each time it was woken, so that other events of the window come in between.
void JobThread::run_delivered() {
  std::function<void()> next;
  {
    const std::lock_guard lock(mutex_);
    if (delivered_.empty()) return;
    next = std::move(delivered_.front());
    delivered_.pop_front();
  }
  next();
}

void JobThread::conclude(const std::shared_ptr<Job>& job, std::function<void()> tell) {
  post(job, [this, job, tell = std::move(tell)] {
    active_.erase(job->kind_);
    tell();
  });
}

void JobThread::run_job(const Queued& queued) {
  const QString& kind = queued.job->kind_;
  try {
    queued.work(*queued.job);
    conclude(queued.job, [this, kind] { Q_EMIT finished(kind); });
  } catch (const Cancelled&) {
    conclude(queued.job, [this, kind] { Q_EMIT cancelled(kind); });
  } catch (...) {
    const Problem problem = describe_problem();
    conclude(queued.job,
             [this, kind, problem] { Q_EMIT failed(kind, problem.message, problem.hint); });
  }
}

void JobThread::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return ending_ || !queue_.empty(); });
    if (queue_.empty()) return;
    const Queued next = std::move(queue_.front());
    queue_.pop_front();
    running_ = next.job;
    running_is_kept_ = next.kept;
    lock.unlock();
    run_job(next);
    lock.lock();
    running_.reset();
  }
}

}  // namespace vqalign
