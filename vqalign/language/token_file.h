#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "vqalign/language/tokenizer.h"

namespace vqalign {

/// OpenVQA's third special entry, behind padding and unknown: no question spells it, as words are
/// lower case.
inline constexpr const char* kClassWord = "CLS";

/// Words of a dictionary as the public code has it.
struct TokenList {
  /// Those behind PAD and UNK, "CLS" first where the dictionary has it.
  std::vector<std::string> words;
  /// Whether the file began with PAD and UNK, and so says whether there is a CLS.
  bool has_special = false;
};

/// Reads {"PAD": 0, "UNK": 1, ("CLS": 2,) "word": 2, ..} in any order, or the words one a line (or
/// as a JSON list) in the order of their ids, with or without PAD and UNK before them. Error naming
/// the file and the entry: no dictionary, a word or an id twice, an id missing, PAD or UNK
/// elsewhere, a word that is no text or empty.
TokenList read_token_list(const std::filesystem::path& path);

/// The lines of a file as they are, without their ends (LF or CR LF). Error naming the file and the
/// line that is no UTF-8, or when there is none.
std::vector<std::string> read_word_lines(const std::filesystem::path& path);

/// Writes a vocabulary as such a dictionary, with PAD and UNK. Atomic.
void write_token_dictionary(const std::filesystem::path& path, const Vocabulary& vocabulary);

}  // namespace vqalign
