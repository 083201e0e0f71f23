#include "vqalign/core/formats/npy_header.h"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <optional>

#include "vqalign/core/error.h"
#include "vqalign/core/json.h"

namespace vqalign {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr std::size_t kMaxHeaderBytes = 1 << 20;
constexpr std::size_t kAlignment = 64;
constexpr std::size_t kMaxRank = 64;
constexpr std::size_t kExtentDigits = 21;
constexpr int64_t kMaxBytes = int64_t{1} << 48;
/// "<U" with more characters than this is refused.
constexpr int64_t kMaxItemBytes = int64_t{1} << 24;

/// A cursor over the text of a Python literal.
class Literal {
 public:
  Literal(std::string_view text, const std::string& where) : text_(text), where_(where) {}

  bool take(char wanted) {
    skip_blanks();
    if (at_ == text_.size() || text_[at_] != wanted) return false;
    ++at_;
    return true;
  }

  void expect(char wanted) {
    if (!take(wanted)) fail_here(concat("expected '", wanted, "'"));
  }

  bool at_quote() {
    skip_blanks();
    return at_ < text_.size() && (text_[at_] == '\'' || text_[at_] == '"');
  }

  std::string_view string() {
    if (!at_quote()) fail_here("expected a string");
    const char quote = text_[at_++];
    const std::size_t end = text_.find(quote, at_);
    if (end == std::string_view::npos) fail_here("a string without end");
    const std::string_view value = text_.substr(at_, end - at_);
    at_ = end + 1;
    return value;
  }

  bool boolean() {
    skip_blanks();
    for (const bool value : {true, false}) {
      const std::string_view word = value ? "True" : "False";
      if (!text_.substr(at_).starts_with(word)) continue;
      at_ += word.size();
      return value;
    }
    fail_here("expected True or False");
  }

  int64_t integer() {
    skip_blanks();
    int64_t value = 0;
    const char* start = text_.data() + at_;
    const auto [end, code] = std::from_chars(start, text_.data() + text_.size(), value);
    if (code != std::errc{}) fail_here("expected a whole number below 2^63");
    at_ += static_cast<std::size_t>(end - start);
    if (at_ < text_.size() && text_[at_] == 'L') ++at_;  // Python 2 marks long integers.
    return value;
  }

  [[noreturn]] void fail_here(const std::string& what) const {
    fail(where_, ": its .npy header is malformed at byte ", at_, ": ", what);
  }

 private:
  void skip_blanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n')) ++at_;
  }

  std::string_view text_;
  const std::string& where_;
  std::size_t at_ = 0;
};

std::vector<int64_t> parse_shape(Literal& literal) {
  std::vector<int64_t> shape;
  literal.expect('(');
  while (!literal.take(')')) {
    shape.push_back(literal.integer());
    if (!literal.take(',')) {
      literal.expect(')');
      break;
    }
  }
  return shape;
}

void parse_type(std::string_view type, NpyHeader& header, const std::string& where) {
  const std::string shown = Json(std::string(type)).dump();
  if (type.size() < 2 || std::string_view("<>|=").find(type[0]) == std::string_view::npos) {
    fail(where, ": ", shown, " is no type of numbers or text that this program reads");
  }
  header.byte_order = type[0] == '=' ? '<' : type[0];
  header.kind = type[1];
  const std::string_view digits = type.substr(2);
  if (header.kind == 'O') return;
  int64_t count = 0;
  const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), count);
  const int64_t unit = header.kind == 'U' ? 4 : 1;
  if (code != std::errc{} || end != digits.data() + digits.size() || count < 0 ||
      count > kMaxItemBytes / unit) {
    fail(where, ": ", shown, " is no type of numbers or text that this program reads");
  }
  header.item_bytes = count * unit;
}

void check_shape(const NpyHeader& header, const std::string& where) {
  if (header.shape.size() > kMaxRank) {
    fail(where, ": has ", header.shape.size(), " dimensions, at most ", kMaxRank, " are read");
  }
  int64_t product = std::max<int64_t>(header.item_bytes, 1);
  for (const int64_t extent : header.shape) {
    const int64_t factor = std::max<int64_t>(extent, 1);
    if (extent < 0 || factor > kMaxBytes / product) {
      fail(where, ": an extent of ", extent, " makes no possible shape: at most ", kMaxBytes,
           " bytes, none negative");
    }
    product *= factor;
  }
}

}  // namespace

int64_t NpyHeader::items() const {
  int64_t count = 1;
  for (const int64_t extent : shape) count *= extent;
  return count;
}

std::size_t npy_header_bytes(std::string_view preamble, std::size_t& text_start,
                             const std::string& where) {
  assert(preamble.size() == kNpyPreambleBytes);
  if (!preamble.starts_with(kMagic)) fail(where, ": is no .npy array");
  const auto byte = [&](std::size_t at) { return std::size_t{static_cast<uint8_t>(preamble[at])}; };
  const std::size_t major = byte(6);
  if (major < 1 || major > 3) {
    fail(where, ": has .npy version ", major, ".", byte(7), ", read are 1.0 to 3.0");
  }
  std::size_t length = byte(8) | byte(9) << 8;
  if (major > 1) length |= byte(10) << 16 | byte(11) << 24;
  if (length > kMaxHeaderBytes) {
    fail(where, ": its .npy header would be ", length, " bytes long, at most ", kMaxHeaderBytes,
         " are allowed");
  }
  text_start = major > 1 ? 12 : 10;
  return text_start + length;
}

NpyHeader parse_npy_header(std::string_view text, const std::string& where) {
  Literal literal(text, where);
  NpyHeader header;
  std::optional<std::string_view> type;
  std::optional<bool> order;
  std::optional<std::vector<int64_t>> shape;
  literal.expect('{');
  while (!literal.take('}')) {
    const std::string_view key = literal.string();
    literal.expect(':');
    if (key == "descr") {
      if (!literal.at_quote()) fail(where, ": holds records of several fields, which are not read");
      type = literal.string();
    } else if (key == "fortran_order") {
      order = literal.boolean();
    } else if (key == "shape") {
      shape = parse_shape(literal);
    } else {
      literal.fail_here("unknown key " + Json(std::string(key)).dump());
    }
    if (!literal.take(',')) {
      literal.expect('}');
      break;
    }
  }
  if (!type || !order || !shape) literal.fail_here("descr, fortran_order or shape is missing");
  parse_type(*type, header, where);
  header.fortran_order = *order;
  header.shape = std::move(*shape);
  check_shape(header, where);
  return header;
}

std::string format_npy_header(const std::string& type, const std::vector<int64_t>& shape) {
  std::string text = "{'descr': '" + type + "', 'fortran_order': False, 'shape': (";
  for (const int64_t extent : shape) text += std::to_string(extent) + ", ";
  // Python writes (3,) and (3, 4): the comma stays only behind a single one.
  if (shape.size() > 1) text.erase(text.size() - 2);
  if (shape.size() == 1) text.pop_back();
  text += "), }";
  // NumPy leaves room for the first extent to grow to any length.
  if (!shape.empty()) text.append(kExtentDigits - std::to_string(shape[0]).size(), ' ');
  const std::size_t before = kMagic.size() + 4;
  const std::size_t unaligned = (before + text.size() + 1) % kAlignment;
  if (unaligned != 0) text.append(kAlignment - unaligned, ' ');
  text += '\n';
  std::string header(kMagic);
  header +=
      {'\x01', '\x00', static_cast<char>(text.size() & 0xFF), static_cast<char>(text.size() >> 8)};
  return header + text;
}

}  // namespace vqalign
