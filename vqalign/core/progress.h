#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace vqalign {

/// Where long work reports how far it is. Implementations are called from one thread.
class Progress {
 public:
  virtual ~Progress() = default;

  /// A new stage of `total` steps (0: not known), e.g. ("training", 1200, "samples"), of which
  /// `done` are done already.
  virtual void begin(const std::string& stage, int64_t total, const std::string& unit,
                     int64_t done = 0) = 0;

  /// `done` of the stage's steps are finished; `note` is short free text ("loss 2.31").
  virtual void update(int64_t done, const std::string& note = {}) = 0;

  /// The stage ended, by success or not.
  virtual void end() = 0;
};

/// Says nothing.
class SilentProgress : public Progress {
 public:
  void begin(const std::string&, int64_t, const std::string&, int64_t) override {}
  void update(int64_t, const std::string&) override {}
  void end() override {}
};

/// Writes to stderr: one redrawn line with bar, rate and ETA on a terminal; a plain line at most
/// every ten seconds when stderr is no terminal. The rate is of the last half minute, so the ETA
/// follows a machine that slows down.
class TerminalProgress : public Progress {
 public:
  TerminalProgress();
  ~TerminalProgress() override;
  void begin(const std::string& stage, int64_t total, const std::string& unit,
             int64_t done) override;
  void update(int64_t done, const std::string& note = {}) override;
  void end() override;

 private:
  struct State;
  State* state_;
};

}  // namespace vqalign
