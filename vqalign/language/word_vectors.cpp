#include "vqalign/language/word_vectors.h"

#include <torch/types.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string_view>
#include <vector>

#include "vqalign/core/error.h"
#include "vqalign/core/formats/mapped_file.h"

namespace vqalign {
namespace {

constexpr int64_t kMaxWidth = 4096;

/// Reads the lines of a file one by one, without their ends (LF or CR LF) and trailing blanks.
class Lines {
 public:
  explicit Lines(std::string_view text) : rest_(text) {}

  bool next(std::string_view& line) {
    if (rest_.empty()) return false;
    const std::size_t end = rest_.find('\n');
    line = rest_.substr(0, end);
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
    ++number_;
    return true;
  }

  int64_t number() const { return number_; }

 private:
  std::string_view rest_;
  int64_t number_ = 0;
};

int64_t count_spaces(std::string_view line) {
  return std::count(line.begin(), line.end(), ' ');
}

/// The whole of `text` as a number; false when it is none.
bool parse_number(std::string_view text, float& value) {
  double wide = 0;  // Doubles, because a number too small for float is still one: 0.
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), wide);
  value = static_cast<float>(wide);
  return code == std::errc{} && end == text.data() + text.size();
}

/// One line taken apart: the word, and the text of its numbers.
struct Row {
  std::string_view word;
  std::string_view numbers;
};

/// Fails on lines with less or more than `width` numbers. Fields before the last `width` belong to
/// the word, unless they are numbers themselves.
Row split_row(std::string_view line, int64_t width, const std::string& where) {
  const int64_t spaces = count_spaces(line);
  const std::size_t first_space = line.find(' ');
  if (spaces < width) fail(where, ": has ", spaces, " numbers, the first line has ", width);
  if (spaces == width) return {line.substr(0, first_space), line.substr(first_space + 1)};

  std::string_view after = line.substr(first_space + 1);
  float ignored = 0;
  if (parse_number(after.substr(0, after.find(' ')), ignored)) {
    fail(where, ": has ", spaces, " numbers, the first line has ", width);
  }
  std::size_t cut = first_space;
  for (int64_t extra = spaces - width; extra > 0; --extra) cut = line.find(' ', cut + 1);
  return {line.substr(0, cut), line.substr(cut + 1)};
}

void parse_row(std::string_view numbers, int64_t width, float* row, const std::string& where) {
  for (int64_t i = 0; i < width; ++i) {
    const std::size_t space = numbers.find(' ');
    const std::string_view text = numbers.substr(0, space);
    if (!parse_number(text, row[i]) || !std::isfinite(row[i])) {
      fail(where, ": number ", i + 1, " of ", width, " is no finite number");
    }
    numbers.remove_prefix(std::min(numbers.size(), text.size() + 1));
  }
}

}  // namespace

WordVectors read_word_vectors(const std::filesystem::path& path, const Vocabulary& vocabulary) {
  const auto file = MappedFile::open(path);
  Lines lines(file->text());
  std::string_view line;
  std::vector<bool> seen(vocabulary.size(), false);
  WordVectors result;
  int64_t width = 0;
  while (lines.next(line)) {
    const auto where = [&] { return concat(path.string(), ": line ", lines.number()); };
    if (width == 0) {
      width = count_spaces(line);
      if (width < 1 || width > kMaxWidth) {
        fail(where(), ": a word and 1 to ", kMaxWidth, " numbers were expected, found ", width);
      }
      result.vectors = torch::zeros({static_cast<int64_t>(vocabulary.size()), width});
    }
    const Row row = split_row(line, width, where());
    const int64_t id = vocabulary.id(std::string(row.word));
    const auto index = static_cast<std::size_t>(id);
    if (id == Vocabulary::kUnknown || seen[index]) continue;
    parse_row(row.numbers, width, result.vectors.data_ptr<float>() + id * width, where());
    seen[index] = true;
    ++result.found;
  }
  return result;
}

}  // namespace vqalign
