#pragma once
// Printed by tests/oracle/event_file.py; do not edit.
// clang-format off
#include <string>

namespace vqalign::golden {
/// The record of scalar("loss/train", 0.625, 300, 1.5e9 + 0.25).
inline const std::string scalar_record({
    '\x21', '\x00', '\x00', '\x00', '\x00', '\x00', '\x00', '\x00', '\x01', '\x7b', '\xec', '\xf6',
    '\x09', '\x00', '\x00', '\x10', '\xc0', '\x0b', '\x5a', '\xd6', '\x41', '\x10', '\xac', '\x02',
    '\x2a', '\x13', '\x0a', '\x11', '\x0a', '\x0a', '\x6c', '\x6f', '\x73', '\x73', '\x2f', '\x74',
    '\x72', '\x61', '\x69', '\x6e', '\x15', '\x00', '\x00', '\x20', '\x3f', '\x2b', '\x9b', '\xec',
    '\xf4',
});
}  // namespace vqalign::golden
