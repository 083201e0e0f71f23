#pragma once

namespace vqalign {

/// The whole program: reads the command line, shows the window, returns the exit status: 0 done,
/// 1 failed, 2 wrong usage.
int run_gui(int argc, char** argv);

}  // namespace vqalign
