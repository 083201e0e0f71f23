#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "vqalign/language/language_options.h"
#include "vqalign/language/tokenizer.h"

namespace vqalign {

/// The entries of BERT's vocabulary that no question spells: before and behind a sentence, and for
/// a word of which it has not every piece.
inline constexpr const char* kSentenceBegin = "[CLS]";
inline constexpr const char* kSentenceEnd = "[SEP]";

/// BERT's words (Devlin et al., NAACL 2019; the package `tokenizers`): controls deleted, accents
/// taken off, lower case, split on white space; every mark of punctuation and every ideograph is a
/// word. "What's that? Café!" gives what ' s that ? cafe !. Bytes that are no UTF-8 are deleted.
/// Names of entries like [SEP] are read as they are written: [ sep ].
std::vector<std::string> bert_words(std::string_view question);

/// A vocabulary of word pieces, which cuts each of bert_words() into the longest pieces that it has
/// from the left (Wu et al., arXiv 1609.08144, as BERT does); pieces that go on inside a word are
/// entries that begin with "##", and tokens that read "-s". A word with a part that has no piece,
/// or of more than 100 characters, is one unknown token. Padding is [PAD], the first entry; a
/// question's tokens are without [CLS] and [SEP].
///
/// `entries`: the lines of a vocab.txt, in order. Error naming `where` (the file): an entry twice
/// or empty, [UNK], [CLS] or [SEP] missing, [PAD] not the first.
Vocabulary word_piece_vocabulary(std::vector<std::string> entries, const std::string& where);

/// The vocabulary that the encoder of `options` reads, of its Vocabulary::own_words(). Error naming
/// `where` when it cannot be.
Vocabulary make_vocabulary(const LanguageOptions& options, std::vector<std::string> own_words,
                           const std::string& where);

}  // namespace vqalign
