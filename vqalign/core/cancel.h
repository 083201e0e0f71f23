#pragma once

#include <atomic>

#include "vqalign/core/error.h"

namespace vqalign {

/// A flag that long work looks at between steps. Safe to set from a signal handler or another
/// thread; never reset by the work itself.
class CancelToken {
 public:
  void request() noexcept { requested_.store(true, std::memory_order_relaxed); }
  bool requested() const noexcept { return requested_.load(std::memory_order_relaxed); }

  /// Throws Cancelled when a stop was asked for.
  void check() const {
    if (requested()) throw Cancelled();
  }

 private:
  std::atomic<bool> requested_{false};
};

/// Lets Ctrl-C and SIGTERM request a stop of `token` for as long as the guard lives; a second
/// signal ends the process at once. `notice`, unless null, is written to stderr at the first one;
/// it must outlive the guard. At most one guard may live at a time.
class SignalGuard {
 public:
  explicit SignalGuard(CancelToken& token, const char* notice = nullptr);
  ~SignalGuard();
  SignalGuard(const SignalGuard&) = delete;
  SignalGuard& operator=(const SignalGuard&) = delete;
};

}  // namespace vqalign
