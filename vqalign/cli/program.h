#pragma once

namespace vqalign {

/// The whole program: reads the command line, runs its verb and returns the exit status: 0 done,
/// 1 failed, 2 wrong usage, 130 cancelled. The one place where exceptions end; each becomes one
/// line on stderr.
int run_program(int argc, const char* const* argv);

}  // namespace vqalign
