#pragma once

#include <cstdint>
#include <string>

#include "vqalign/core/json.h"
#include "vqalign/data/accuracy.h"
#include "vqalign/train/text_table.h"

namespace vqalign {

/// A score for people: overall, then by answer type, then by question type in as many columns as
/// fit a terminal.
std::string score_text(const Score& score);

/// An object for people: one line a member, names aligned, objects within indented. Long lists are
/// told by their length.
std::string object_text(const Json& object);

/// `value` rounded to so many decimals, for JSON and text alike.
double rounded(double value, int decimals);

/// "61.42": so many decimals, always written.
std::string fixed_text(double value, int decimals);

/// `text` and spaces up to `width` columns; one character of UTF-8 counts as one.
std::string padded(std::string text, std::size_t width);

/// Spaces up to `width` columns and `text`, counted likewise.
std::string right_aligned(const std::string& text, std::size_t width);

/// A table for a terminal, a line a row: the first column is text, the others are numbers.
std::string table_text(const TextTable& table);

/// `text` with spaces for control characters: what files and people write may hold anything, and
/// neither breaks a line nor moves the terminal's cursor all the same.
std::string one_line(std::string text);

/// How an answer or question type is shown: "(none)" where its name is empty, else one line.
std::string type_text(const std::string& name);

/// "1 question", "5000 questions".
std::string count_text(int64_t count, const std::string& noun);

}  // namespace vqalign
