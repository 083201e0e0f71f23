#include "vqalign/core/cancel.h"

#include <cassert>
#include <csignal>

namespace vqalign {
namespace {

std::atomic<CancelToken*> active_token{nullptr};

void handle(int signal) {
  CancelToken* token = active_token.load();
  if (token && !token->requested()) {
    token->request();
    return;
  }
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

}  // namespace

SignalGuard::SignalGuard(CancelToken& token) {
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
