// Compiled into every program. By default OpenMP's threads spin while they wait for each other:
// nothing won on an idle machine, and beside any other busy process everything is ten times slower.
#include <cstdlib>

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

namespace {

/// What the user set stays. No child inherits this: glibc restores the environment before main.
void wait_quietly() {
  if (std::getenv("OMP_WAIT_POLICY") || std::getenv("GOMP_SPINCOUNT")) return;
  setenv("OMP_WAIT_POLICY", "passive", 0);
}

/// OpenMP's runtime reads its environment when it is loaded; only what stands here runs before.
[[gnu::section(".preinit_array"), gnu::used]] void (*const before_libraries)() = wait_quietly;

}  // namespace

#endif
