#pragma once

#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>

namespace vqalign {

/// Bad input or data: something a user can mend. The message is one line that names the file, the
/// place in it and both values ("questions.json: question 12 has image_id 7, which has no image in
/// images/"). Thrown anywhere, caught only at the command line's main and the app's job boundary,
/// where it means exit status 1. A broken invariant of ours is an assert, never an Error.
class Error : public std::runtime_error {
 public:
  explicit Error(std::string message, std::string hint = {})
      : std::runtime_error(std::move(message)), hint_(std::move(hint)) {}

  /// What the reader could do about it; empty when there is nothing useful to say.
  const std::string& hint() const { return hint_; }

 private:
  std::string hint_;
};

/// Wrong usage: unknown option, impossible combination of options. Exit status 2.
class UsageError : public Error {
 public:
  using Error::Error;
};

/// Ctrl-C, SIGTERM or the app's stop button; what was done is saved. Exit status 130.
class Cancelled : public Error {
 public:
  Cancelled() : Error("cancelled") {}
};

/// Joins its arguments as text: concat("row ", 3, " of ", path).
template <typename... Parts>
std::string concat(const Parts&... parts) {
  std::ostringstream out;
  (out << ... << parts);
  return out.str();
}

/// Throws Error with the joined parts as its message.
template <typename... Parts>
[[noreturn]] void fail(const Parts&... parts) {
  throw Error(concat(parts...));
}

}  // namespace vqalign
