#pragma once

namespace vqalign {

/// The whole program vqalign-bench: reads the command line, runs one benchmark, prints its table or
/// (--json) its document on stdout and returns the exit status: 0 done, 1 failed, 2 wrong usage,
/// 130 cancelled. An error is one line on stderr.
int run_bench(int argc, const char* const* argv);

}  // namespace vqalign
