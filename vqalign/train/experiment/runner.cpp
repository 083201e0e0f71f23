#include "vqalign/train/experiment/runner.h"

#include <algorithm>
#include <chrono>
#include <deque>
#include <fstream>
#include <list>
#include <memory>
#include <thread>

#include "vqalign/core/error.h"
#include "vqalign/core/log.h"
#include "vqalign/core/with_hint.h"
#include "vqalign/train/experiment/child_process.h"
#include "vqalign/train/experiment/run_times.h"

namespace vqalign {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kLook(50);
/// What our own messages begin with; where they are told again it would stand there twice.
constexpr const char* kSaid = "vqalign: ";
constexpr std::chrono::seconds kShow(1);

double seconds_since(Clock::time_point begun) {
  return std::chrono::duration<double>(Clock::now() - begun).count();
}

/// "12 min", "3 h 05 min"
std::string time_text(double seconds) {
  const auto minutes = static_cast<int64_t>(seconds / 60 + 0.5);
  if (minutes < 60) return concat(minutes, " min");
  const std::string rest = std::to_string(minutes % 60);
  return concat(minutes / 60, " h ", rest.size() < 2 ? "0" : "", rest, " min");
}

std::string log_end(const fs::path& log) {
  constexpr std::streamoff kBytes = 1 << 14;
  std::ifstream file(log, std::ios::binary | std::ios::ate);
  if (!file) return {};
  const std::streamoff size = file.tellg();
  file.seekg(std::max<std::streamoff>(0, size - kBytes));
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

std::string last_line(const fs::path& log) {
  std::string text = log_end(log);
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  const std::size_t feed = text.rfind('\n');
  return feed == std::string::npos ? text : text.substr(feed + 1);
}

int logged_percent(const fs::path& log) {
  const std::string text = log_end(log);
  std::size_t end = text.size();
  while (end > 0) {
    const std::size_t feed = text.rfind('\n', end - 1);
    const std::size_t start = feed == std::string::npos ? 0 : feed + 1;
    const std::string line = text.substr(start, end - start);
    if (line.starts_with("$ ")) return -1;  // where the command's own lines begin
    for (const char* stage : {"training ", "repeated passes ", "answering "}) {
      const std::size_t sign = line.find(" %");
      if (!line.starts_with(stage) || sign == std::string::npos) continue;
      return std::atoi(line.c_str() + std::string_view(stage).size());
    }
    if (feed == std::string::npos) break;
    end = feed;
  }
  return -1;
}

/// A run under way.
class ExperimentRunner::Active {
 public:
  Active(const ExperimentRunner& runner, const RunPlan& plan, std::size_t number)
      : runner_(runner), plan_(plan), number_(number) {}

  /// Goes on to the next command whenever one ended; true once the run has ended, well or not.
  bool advance() {
    try {
      if (child_ && !child_->poll()) return false;
      if (child_ && !take_result()) return true;
      const auto left = remaining_commands(runner_.spec_, plan_, runner_.data_, runner_.means_);
      if (left.empty()) {
        finish_record(plan_, runner_.program_);
        return true;
      }
      start(left.front());
    } catch (const Cancelled&) {
      throw;
    } catch (const Error& error) {
      const bool started = !command_.arguments.empty();
      fail_record(plan_, started ? shell_line(command_.arguments) : std::string(), 1,
                  message_and_hint(error));
      return true;
    }
    return false;
  }

  void stop() {
    if (child_) child_->stop();
  }

  const RunPlan& plan() const { return plan_; }
  std::size_t number() const { return number_; }
  double seconds() const { return seconds_since(begun_); }

  /// "training 43 %"
  std::string doing() const {
    const int percent = logged_percent(plan_.folder / run_files::kLog);
    return concat(trains(command_) ? "training" : "evaluation",
                  percent >= 0 ? concat(" ", percent, " %") : std::string());
  }

 private:
  static bool trains(const RunCommand& command) {
    return command.result.filename() == run_files::kTraining;
  }

  fs::path part() const { return command_.result.string() + ".part"; }

  void start(const RunCommand& command) {
    command_ = command;
    if (!trains(command)) check_trained_model(plan_);
    const fs::path log = plan_.folder / run_files::kLog;
    std::ofstream(log, std::ios::app) << "$ " << shell_line(command.arguments) << "\n";
    child_.reset();
    child_ = std::make_unique<ChildProcess>(command.arguments, part(), log);
  }

  /// Keeps what a command printed; false when it failed, which is recorded.
  bool take_result() {
    const int status = child_->poll().value_or(0);
    if (status == 0) {
      if (trains(command_)) {
        keep_training(plan_, part(), runner_.means_.jobs);
      } else {
        fs::rename(part(), command_.result);
      }
      return true;
    }
    std::string line = last_line(plan_.folder / run_files::kLog);
    if (line.starts_with(kSaid)) line.erase(0, std::string_view(kSaid).size());
    if (status > 128 && status != 130) {
      line = concat("ended by signal ", status - 128, "; the log's last line: ", line);
    }
    fail_record(plan_, shell_line(command_.arguments), status, line);
    std::error_code ignored;
    fs::remove(part(), ignored);
    return false;
  }

  const ExperimentRunner& runner_;
  const RunPlan& plan_;
  std::size_t number_;
  RunCommand command_;
  std::unique_ptr<ChildProcess> child_;
  Clock::time_point begun_ = Clock::now();
};

/// The line that tells how far it all is.
class ExperimentRunner::Shown {
 public:
  Shown(Progress& progress, std::size_t all, std::size_t done, int64_t jobs)
      : progress_(progress), all_(all), done_(done), jobs_(jobs) {
    progress_.begin("experiment", static_cast<int64_t>(all), "runs", static_cast<int64_t>(done));
  }
  ~Shown() { progress_.end(); }

  void ended(double seconds, bool well) {
    ++done_;
    if (well) times_.succeeded(seconds);
    // A rate over some seconds says nothing of runs that take minutes: each begins a stage anew.
    progress_.begin("experiment", static_cast<int64_t>(all_), "runs", static_cast<int64_t>(done_));
  }

  void show(const std::list<Active>& active) {
    if (active.empty() || Clock::now() - shown_ < kShow) return;
    shown_ = Clock::now();
    std::string note;
    std::vector<double> spent;
    for (const Active& run : active) {
      note += concat(note.empty() ? "" : ", ", "run ", run.number() + 1, " of ", all_, ": ",
                     run.plan().name(), " ", run.doing());
      spent.push_back(run.seconds());
    }
    progress_.update(static_cast<int64_t>(done_), note + left(spent));
  }

 private:
  std::string left(const std::vector<double>& spent) const {
    const auto seconds = times_.left(spent, all_ - done_ - spent.size(), jobs_);
    return seconds ? concat(", about ", time_text(*seconds), " left") : std::string();
  }

  Progress& progress_;
  std::size_t all_, done_;
  int64_t jobs_;
  RunTimes times_;
  Clock::time_point shown_{};
};

void ExperimentRunner::run(const std::vector<RunPlan>& plans, Progress& progress,
                           const CancelToken& cancel, const std::function<void()>& finished) const {
  std::deque<std::size_t> waiting;
  for (std::size_t i = 0; i < plans.size(); ++i) {
    if (!read_record(plans[i]).finished) waiting.push_back(i);
  }
  std::list<Active> active;
  Shown shown(progress, plans.size(), plans.size() - waiting.size(), means_.jobs);
  while (!waiting.empty() || !active.empty()) {
    if (cancel.requested()) {
      for (Active& run : active) run.stop();
      active.clear();  // waits for each
      throw Cancelled();
    }
    while (!waiting.empty() && active.size() < static_cast<std::size_t>(means_.jobs)) {
      active.emplace_back(*this, plans[waiting.front()], waiting.front());
      waiting.pop_front();
    }
    for (auto run = active.begin(); run != active.end();) {
      if (!run->advance()) {
        ++run;
        continue;
      }
      const RunRecord record = read_record(run->plan());
      if (!record.finished) log_warning(concat(run->plan().name(), " failed: ", record.failure));
      shown.ended(run->seconds(), record.finished);
      run = active.erase(run);
      finished();
    }
    shown.show(active);
    std::this_thread::sleep_for(kLook);
  }
}

}  // namespace vqalign
