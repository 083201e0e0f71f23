#include "vqalign/language/token_file.h"

#include <algorithm>
#include <unordered_map>

#include "vqalign/core/atomic_file.h"
#include "vqalign/core/error.h"
#include "vqalign/core/json.h"
#include "vqalign/core/unicode.h"

namespace vqalign {
namespace {

/// The reference's 20,572 words take 300 kB.
constexpr std::size_t kMaxTokenBytes = std::size_t{1} << 28;

std::string in_quotes(const std::string& word) {
  return Json(word).dump();
}

/// Words by their ids.
std::vector<std::string> words_of_dictionary(const Json::Object& dictionary,
                                             const std::string& path) {
  std::vector<std::string> words(dictionary.size());
  std::vector<bool> taken(dictionary.size());
  for (const auto& [word, value] : dictionary) {
    const int64_t id = value.as_int(path + ": the id of " + in_quotes(word));
    if (id < 0 || id >= static_cast<int64_t>(words.size())) {
      fail(path, ": ", in_quotes(word), " has id ", id, ", but the ", words.size(),
           " entries must have 0 to ", words.size() - 1);
    }
    const auto place = static_cast<std::size_t>(id);
    if (taken[place]) {
      fail(path, ": ", in_quotes(words[place]), " and ", in_quotes(word), " share id ", id);
    }
    taken[place] = true;
    words[place] = word;
  }
  return words;
}

std::vector<std::string> words_of_list(const Json::Array& list, const std::string& path) {
  std::vector<std::string> words;
  for (const Json& word : list) {
    words.push_back(word.as_string(concat(path, ": word ", words.size() + 1)));
  }
  return words;
}

std::vector<std::string> words_of_lines(std::string_view text, const std::string& path) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string word(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (word.ends_with('\r')) word.pop_back();
    // Model files hold words as JSON, which other bytes would make unreadable.
    if (!is_utf8(word)) fail(path, ": line ", words.size() + 1, " is no UTF-8 text");
    words.push_back(std::move(word));
  }
  return words;
}

std::vector<std::string> all_words(const std::filesystem::path& path) {
  const std::string name = path.string();
  const std::string text = read_file(path, kMaxTokenBytes);
  std::string_view content = text;
  if (content.starts_with("\xEF\xBB\xBF")) content.remove_prefix(3);
  const std::size_t start = content.find_first_not_of(" \t\r\n");
  if (start == std::string_view::npos) fail(name, ": holds no words");
  const char first = content[start];
  if (first != '{' && first != '[') return words_of_lines(content, name);
  const Json json = Json::parse(content, name);
  return json.is_object() ? words_of_dictionary(json.as_object(), name)
                          : words_of_list(json.as_array(), name);
}

}  // namespace

TokenList read_token_list(const std::filesystem::path& path) {
  TokenList list{all_words(path)};
  const std::vector<std::string> special = Vocabulary().words();
  std::unordered_map<std::string, std::size_t> seen;
  for (std::size_t id = 0; id < list.words.size(); ++id) {
    const std::string& word = list.words[id];
    if (word.empty()) fail(path.string(), ": entry ", id, " is an empty word");
    const auto [before, added] = seen.emplace(word, id);
    if (!added) {
      fail(path.string(), ": ", in_quotes(word), " is both entry ", before->second, " and ", id);
    }
  }
  for (std::size_t id = 0; id < special.size(); ++id) {
    const auto found = seen.find(special[id]);
    if (found != seen.end() && found->second == id) continue;
    if (found == seen.end() && seen.find(special[1 - id]) == seen.end()) return list;
    fail(path.string(), ": ", special[id], " must be entry ", id, ", it is ",
         found == seen.end() ? std::string("missing") : std::to_string(found->second));
  }
  list.has_special = true;
  list.words.erase(list.words.begin(), list.words.begin() + 2);
  return list;
}

std::vector<std::string> read_word_lines(const std::filesystem::path& path) {
  std::vector<std::string> words = words_of_lines(read_file(path, kMaxTokenBytes), path.string());
  if (words.empty()) fail(path.string(), ": holds no words");
  return words;
}

void write_token_dictionary(const std::filesystem::path& path, const Vocabulary& vocabulary) {
  // Appended as they are: looking each up first would take quadratic time.
  Json::Object dictionary;
  for (const std::string& word : vocabulary.words()) {
    dictionary.emplace_back(word, dictionary.size());
  }
  write_json(path, Json(std::move(dictionary)));
}

}  // namespace vqalign
