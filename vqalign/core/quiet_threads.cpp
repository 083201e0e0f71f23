// Compiled into every program. By default OpenMP's threads spin while they wait for each other:
// nothing won on an idle machine, and beside any other busy process everything is ten times slower.
#include <unistd.h>

#include <cstring>

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

namespace {

constexpr int kMostVariables = 100'000;

bool names(const char* variable, const char* name) {
  return std::strncmp(variable, name, std::strlen(name)) == 0;
}

/// OpenMP's runtime reads the environment when it is loaded, and nothing changes its mind later. So
/// the program starts itself once more, with one more variable, before any library has begun: that
/// costs some 20 ms. What the user set stays; where it cannot be done all goes on as it was.
void wait_quietly(int, char** arguments, char** environment) {
  static char policy[] = "OMP_WAIT_POLICY=passive";
  static char* extended[kMostVariables + 2];
  int count = 0;
  for (char** variable = environment; *variable; ++variable) {
    const bool told = names(*variable, "OMP_WAIT_POLICY=") || names(*variable, "GOMP_SPINCOUNT=");
    if (told || count == kMostVariables) return;
    extended[count++] = *variable;
  }
  extended[count] = policy;
  ::execve("/proc/self/exe", arguments, extended);
}

/// Only what stands here runs before the libraries do.
[[gnu::section(".preinit_array"), gnu::used]] void (*const before_libraries)(int, char**,
                                                                             char**) = wait_quietly;

}  // namespace

#endif
