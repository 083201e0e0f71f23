#include "vqalign/core/cancel.h"

#include <unistd.h>

#include <cassert>
#include <csignal>
#include <cstring>

namespace vqalign {
namespace {

std::atomic<CancelToken*> active_token{nullptr};
std::atomic<const char*> active_notice{nullptr};

void handle(int signal) {
  CancelToken* token = active_token.load();
  if (token && !token->requested()) {
    token->request();
    const char* notice = active_notice.load();
    if (notice) {
      [[maybe_unused]] const ssize_t told = ::write(STDERR_FILENO, notice, std::strlen(notice));
    }
    return;
  }
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

}  // namespace

SignalGuard::SignalGuard(CancelToken& token, const char* notice) {
  active_notice.store(notice);
  [[maybe_unused]] CancelToken* previous = active_token.exchange(&token);
  assert(previous == nullptr);
  std::signal(SIGINT, handle);
  std::signal(SIGTERM, handle);
}

SignalGuard::~SignalGuard() {
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
  active_token.store(nullptr);
}

}  // namespace vqalign
