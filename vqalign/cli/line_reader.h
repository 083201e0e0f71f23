#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "vqalign/core/cancel.h"

namespace vqalign {

/// Lines of an open file as they come in, from a pipe or a person: a stop is noticed while waiting.
class LineReader {
 public:
  LineReader(int descriptor, const CancelToken& cancel)
      : descriptor_(descriptor), cancel_(cancel) {}

  /// The next line without its end ("\n" or "\r\n"); nothing at the end of the file. Cancelled when
  /// a stop is asked for; Error when reading fails or a line is longer than 1 MiB.
  std::optional<std::string> next();

  /// Of the line that next() gave last, counted from 1.
  std::size_t line_number() const { return line_number_; }

 private:
  bool fill();

  int descriptor_;
  const CancelToken& cancel_;
  std::string buffer_;
  bool ended_ = false;
  std::size_t line_number_ = 0;
};

}  // namespace vqalign
