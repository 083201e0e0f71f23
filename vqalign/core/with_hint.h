#pragma once

#include <string>

#include "vqalign/core/error.h"

namespace vqalign {

/// What `work` returns; its errors that have no hint of their own get this one.
template <typename Work>
auto with_hint(const std::string& hint, const Work& work) {
  try {
    return work();
  } catch (const Error& error) {
    throw Error(error.what(), error.hint().empty() ? hint : error.hint());
  }
}

/// "message; hint", or the message alone where there is no hint.
inline std::string message_and_hint(const Error& error) {
  return error.hint().empty() ? error.what() : concat(error.what(), "; ", error.hint());
}

}  // namespace vqalign
