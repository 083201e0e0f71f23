#include "vqalign/core/progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <deque>

namespace vqalign {
namespace {

using Clock = std::chrono::steady_clock;
constexpr double kRateWindowSeconds = 30;
constexpr int kBarWidth = 24;

std::string duration_text(double seconds) {
  const auto total = static_cast<int64_t>(std::llround(std::max(0.0, seconds)));
  char text[32];
  if (total >= 3600) {
    std::snprintf(text, sizeof text, "%ld:%02ld:%02ld", long(total / 3600), long(total / 60 % 60),
                  long(total % 60));
  } else {
    std::snprintf(text, sizeof text, "%ld:%02ld", long(total / 60), long(total % 60));
  }
  return text;
}

std::string rate_text(double rate, const std::string& unit) {
  char text[48];
  std::snprintf(text, sizeof text, rate >= 10 ? "%.0f %s/s" : "%.2f %s/s", rate, unit.c_str());
  return text;
}

std::size_t terminal_width() {
  winsize size{};
  const bool known = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1;
  return known ? size.ws_col : 80;
}

}  // namespace

struct TerminalProgress::State {
  struct Sample {
    Clock::time_point time;
    int64_t done;
  };

  bool terminal = false;
  bool open = false;
  std::string stage;
  std::string unit;
  int64_t total = 0;
  int64_t done = 0;
  std::string note;
  Clock::time_point begun;
  Clock::time_point shown;
  std::deque<Sample> window;

  double rate() const {
    if (window.size() < 2) return 0;
    const std::chrono::duration<double> span = window.back().time - window.front().time;
    return span.count() > 0 ? double(window.back().done - window.front().done) / span.count() : 0;
  }

  std::string line() const {
    std::string text = stage;
    if (total > 0) {
      const double share = std::clamp(double(done) / double(total), 0.0, 1.0);
      if (terminal) {
        const int filled = static_cast<int>(share * kBarWidth);
        text += " [" + std::string(filled, '#') + std::string(kBarWidth - filled, '.') + "]";
      }
      char percent[16];
      std::snprintf(percent, sizeof percent, " %3.0f %%", 100 * share);
      text += percent;
    }
    text += "  " + std::to_string(done);
    if (total > 0) text += "/" + std::to_string(total);
    text += " " + unit;
    if (const double now = rate(); now > 0) {
      text += "  " + rate_text(now, unit);
      if (total > 0) text += "  ETA " + duration_text(double(total - done) / now);
    }
    if (!note.empty()) text += "  " + note;
    return text;
  }

  void show(bool last) {
    shown = Clock::now();
    if (terminal) {
      // Of a line that wraps, a carriage return would only overwrite the end.
      std::fprintf(stderr, "\r\033[K%s%s", line().substr(0, terminal_width() - 1).c_str(),
                   last ? "\n" : "");
    } else {
      std::fprintf(stderr, "%s\n", line().c_str());
    }
    std::fflush(stderr);
  }
};

TerminalProgress::TerminalProgress() : state_(new State) {
  state_->terminal = ::isatty(STDERR_FILENO) == 1;
}

TerminalProgress::~TerminalProgress() {
  end();
  delete state_;
}

void TerminalProgress::begin(const std::string& stage, int64_t total, const std::string& unit,
                             int64_t done) {
  end();
  const bool terminal = state_->terminal;
  *state_ = State{};
  state_->terminal = terminal;
  state_->open = true;
  state_->stage = stage;
  state_->unit = unit;
  state_->total = total;
  state_->begun = state_->shown = Clock::now();
  state_->done = done;
  state_->window.push_back({state_->begun, done});
}

void TerminalProgress::update(int64_t done, const std::string& note) {
  State& state = *state_;
  const auto now = Clock::now();
  state.done = done;
  state.note = note;
  state.window.push_back({now, done});
  const auto age = [&](const State::Sample& sample) {
    return std::chrono::duration<double>(now - sample.time).count();
  };
  while (state.window.size() > 2 && age(state.window[1]) > kRateWindowSeconds) {
    state.window.pop_front();
  }
  const double since = std::chrono::duration<double>(now - state.shown).count();
  if (since >= (state.terminal ? 0.2 : 10.0)) state.show(false);
}

void TerminalProgress::end() {
  if (!state_->open) return;
  state_->open = false;
  state_->show(true);
}

}  // namespace vqalign
