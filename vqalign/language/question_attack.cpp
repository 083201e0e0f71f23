#include "vqalign/language/question_attack.h"

#include <algorithm>
#include <cassert>
#include <numeric>
#include <optional>

#include "vqalign/core/philox.h"
#include "vqalign/core/unicode.h"
#include "vqalign/language/synonyms.h"

namespace vqalign {
namespace {

/// Of a to z.
constexpr std::string_view kNeighbours[26] = {
    "qwsz",   "vghn",  "xdfv", "serfcx", "wsdr", "drtgvc", "ftyhbv", "gyujnb", "ujko",
    "huikmn", "jiolm", "kop",  "njk",    "bhjm", "iklp",   "ol",     "wa",     "edft",
    "awedxz", "rfgy",  "yhji", "cfgb",   "qase", "zsdc",   "tghu",   "asx"};

bool is_ascii_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_letter(std::string_view letter) {
  return is_ascii_letter(letter[0]) || static_cast<unsigned char>(letter[0]) >= 0x80;
}

bool is_capital(char c) {
  return c >= 'A' && c <= 'Z';
}

char lower(char c) {
  return is_capital(c) ? static_cast<char>(c - 'A' + 'a') : c;
}

char like(char c, char model) {
  return is_capital(model) && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

/// The characters of a word.
std::vector<std::string_view> letters_of(std::string_view word) {
  std::vector<std::string_view> letters;
  for (std::size_t position = 0; position < word.size();) {
    const std::size_t begin = position;
    next_code_point(word, position);
    letters.push_back(word.substr(begin, position - begin));
  }
  return letters;
}

/// Without what stands around its letters and digits.
std::string_view core_of(std::string_view word) {
  const auto outside = [](char c) {
    return !is_letter(std::string_view(&c, 1)) && !(c >= '0' && c <= '9');
  };
  while (!word.empty() && outside(word.front())) word.remove_prefix(1);
  while (!word.empty() && outside(word.back())) word.remove_suffix(1);
  return word;
}

std::string joined(const std::vector<std::string_view>& letters) {
  std::string word;
  for (const std::string_view letter : letters) word += letter;
  return word;
}

/// One of the places 0 .. count-1 that `fits`, each as likely; nothing where none does.
template <typename Fits>
std::optional<std::size_t> drawn_place(std::size_t count, Random& random, Fits fits) {
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < count; ++i) {
    if (fits(i)) places.push_back(i);
  }
  if (places.empty()) return std::nullopt;
  return places[random.below(static_cast<uint32_t>(places.size()))];
}

using Edited = std::optional<std::string>;

Edited mistyped(std::string_view word, Random random) {
  const auto place =
      drawn_place(word.size(), random, [&](std::size_t i) { return is_ascii_letter(word[i]); });
  if (!place) return std::nullopt;
  std::string edited(word);
  const std::string_view near = kNeighbours[lower(word[*place]) - 'a'];
  edited[*place] = like(near[random.below(static_cast<uint32_t>(near.size()))], word[*place]);
  return edited;
}

Edited swapped(std::string_view word, Random random) {
  std::vector<std::string_view> letters = letters_of(word);
  const auto place = drawn_place(letters.size() - 1, random, [&](std::size_t i) {
    return is_letter(letters[i]) && is_letter(letters[i + 1]) && letters[i] != letters[i + 1];
  });
  if (!place) return std::nullopt;
  std::swap(letters[*place], letters[*place + 1]);
  return joined(letters);
}

Edited without_letter(std::string_view word, Random random) {
  std::vector<std::string_view> letters = letters_of(word);
  const auto place =
      drawn_place(letters.size(), random, [&](std::size_t i) { return is_letter(letters[i]); });
  letters.erase(letters.begin() + static_cast<std::ptrdiff_t>(*place));
  return joined(letters);
}

Edited left_out(std::string_view, Random) {
  return std::string();
}

Edited reworded(std::string_view word, Random random) {
  std::string lower_word(word);
  std::transform(word.begin(), word.end(), lower_word.begin(), lower);
  const std::span<const std::string_view> group = synonyms_of(lower_word);
  const auto place =
      drawn_place(group.size(), random, [&](std::size_t i) { return group[i] != lower_word; });
  if (!place) return std::nullopt;
  std::string edited(group[*place]);
  edited[0] = like(edited[0], word[0]);
  return edited;
}

struct Attack {
  const char* name;
  Edited (*edit)(std::string_view word, Random random);
};

constexpr Attack kAttacks[] = {{"keyboard", mistyped},
                               {"swap", swapped},
                               {"drop_letter", without_letter},
                               {"drop_word", left_out},
                               {"synonym", reworded}};

struct Edit {
  std::size_t word;
  std::string text;
};

/// The question with other words in place of some of its own; an empty one takes its white space
/// along.
std::string with_edits(std::string_view question, const std::vector<std::string_view>& words,
                       std::vector<Edit> edits) {
  std::sort(edits.begin(), edits.end(),
            [](const Edit& a, const Edit& b) { return a.word < b.word; });
  const auto is_space = [&](std::size_t begin, std::size_t end) {
    return begin < end && end <= question.size() &&
           strip(question.substr(begin, end - begin)).empty();
  };
  std::string result;
  std::size_t copied = 0;
  for (const Edit& edit : edits) {
    const std::string_view word = words[edit.word];
    auto begin = static_cast<std::size_t>(word.data() - question.data());
    std::size_t end = begin + word.size();
    if (edit.text.empty() && begin > copied && is_space(begin - 1, begin)) {
      --begin;
    } else if (edit.text.empty() && begin == copied && is_space(end, end + 1)) {
      ++end;
    }
    result += question.substr(copied, begin - copied);
    result += edit.text;
    copied = end;
  }
  return result += question.substr(copied);
}

}  // namespace

const std::vector<std::string>& question_attack_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const Attack& attack : kAttacks) all.emplace_back(attack.name);
    return all;
  }();
  return names;
}

std::vector<std::string_view> attackable_words(std::string_view question) {
  std::vector<std::string_view> words;
  for_each_word(question, [&](std::string_view word) {
    const std::string_view core = core_of(word);
    const std::vector<std::string_view> letters = letters_of(core);
    if (std::count_if(letters.begin(), letters.end(), is_letter) >= 2) words.push_back(core);
  });
  return words;
}

std::string without_word(std::string_view question, std::size_t word) {
  return with_edits(question, attackable_words(question), {{word, {}}});
}

std::string attacked_question(const std::string& question, const Harm& harm, uint64_t seed,
                              int64_t question_id, std::span<const std::size_t> order) {
  if (!harm.any()) return question;
  const auto* attack = std::find_if(std::begin(kAttacks), std::end(kAttacks),
                                    [&](const Attack& one) { return harm.kind == one.name; });
  assert(attack != std::end(kAttacks));
  const std::vector<std::string_view> words = attackable_words(question);
  Random random(seed, static_cast<uint64_t>(question_id));
  const uint64_t own_seed = uint64_t{random()} << 32 | random();
  std::vector<std::size_t> drawn(words.size());
  if (order.empty()) {
    std::iota(drawn.begin(), drawn.end(), std::size_t{0});
    random.shuffle(drawn);
    order = drawn;
  }
  auto most = static_cast<std::size_t>(harm.severity);
  if (attack->edit == left_out) most = std::min(most, std::max<std::size_t>(words.size(), 1) - 1);
  std::vector<Edit> edits;
  for (const std::size_t word : order) {
    if (edits.size() == most) break;
    const auto number = static_cast<uint64_t>(attack - kAttacks);
    Edited edited = attack->edit(words[word], Random(own_seed, number << 32 | word));
    if (edited) edits.push_back({word, *std::move(edited)});
  }
  return with_edits(question, words, std::move(edits));
}

}  // namespace vqalign
