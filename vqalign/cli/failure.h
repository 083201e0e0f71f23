#pragma once

#include <string>

namespace vqalign {

/// The status of a cancelled program: 128 plus SIGINT's number, as shells have it.
inline constexpr int kCancelledStatus = 130;

/// What the user is told about an exception, and the status the program ends with.
struct Failure {
  int status = 1;    ///< 1 failed, 2 wrong usage, 130 cancelled
  std::string line;  ///< one line, without "vqalign: " and the line feed
};

/// Describes the exception being handled; call it inside a catch block only. Exceptions that are
/// none of ours lose everything but their first line: no trace-back reaches the user.
Failure describe_current_exception();

}  // namespace vqalign
