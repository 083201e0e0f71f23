#include "vqalign/core/json_stream.h"

#include <rapidjson/error/en.h>
#include <rapidjson/reader.h>

#include <algorithm>
#include <bit>
#include <cassert>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "vqalign/core/error.h"
#include "vqalign/core/unicode.h"

namespace vqalign {
namespace {

constexpr std::size_t kChunkBytes = std::size_t{1} << 18;
constexpr std::size_t kMaxValueBytes = std::size_t{1} << 26;
constexpr int kMaxStreamDepth = 100;

/// How many characters from `p` on are neither a quote nor a backslash nor a control character.
std::size_t plain_length(const char* p, const char* end) {
  const char* const begin = p;
  if constexpr (std::endian::native == std::endian::little) {
    constexpr uint64_t kOnes = 0x0101010101010101u, kTops = 0x8080808080808080u;
    for (uint64_t word; end - p >= 8; p += 8) {
      std::memcpy(&word, p, 8);
      const uint64_t quote = word ^ kOnes * '"', backslash = word ^ kOnes * '\\';
      // A top bit for each such byte; above the lowest one there may be false ones.
      const uint64_t found = (((quote - kOnes) & ~quote) | ((backslash - kOnes) & ~backslash) |
                              ((word - kOnes * 0x20) & ~word)) &
                             kTops;
      if (found != 0) return static_cast<std::size_t>(p - begin + std::countr_zero(found) / 8);
    }
  }
  while (p < end && *p != '"' && *p != '\\' && static_cast<unsigned char>(*p) >= 0x20) ++p;
  return static_cast<std::size_t>(p - begin);
}

/// A file as RapidJSON's input stream, one chunk in memory at a time. After the end it reads as
/// NUL, as RapidJSON wants it.
class ChunkStream {
 public:
  using Ch = char;

  ChunkStream(const std::filesystem::path& path, const JsonStretch& stretch)
      : path_(path.string()),
        file_(std::fopen(path.c_str(), "rb"), &std::fclose),
        left_(stretch.end - stretch.begin),
        before_text_(stretch.before),
        after_text_(stretch.after) {
    if (!file_) fail(path_, ": cannot open: ", std::strerror(errno));
    std::setvbuf(file_.get(), nullptr, _IONBF, 0);
    if (stretch.begin > 0 && ::fseeko(file_.get(), off_t(stretch.begin), SEEK_SET) != 0) {
      fail(path_, ": cannot read: ", std::strerror(errno));
    }
    refill();
    if (end_ - current_ >= 3 && std::memcmp(current_, "\xEF\xBB\xBF", 3) == 0) current_ += 3;
  }

  char Peek() const { return *current_; }
  char Take() {
    const char taken = *current_;
    if (++current_ == end_) refill();
    return taken;
  }
  std::size_t Tell() const { return before_ + static_cast<std::size_t>(current_ - buffer_.data()); }

  /// Hands over the characters of a string that stand for themselves, as far as the chunk holds
  /// them.
  template <typename Append>
  void take_plain(Append append) {
    const std::size_t length = plain_length(current_, end_);
    if (length == 0) return;
    append(current_, length);
    current_ += length;
    if (current_ == end_) refill();
  }

  // Parsing in place is not for this stream.
  char* PutBegin() { return nullptr; }
  void Put(char) { assert(false); }
  void Flush() { assert(false); }
  std::size_t PutEnd(char*) { return 0; }

  bool at_end() const { return at_end_; }
  /// The next value starts here, or so many bytes ago: what is measured against the largest size of
  /// a value.
  void mark(std::size_t taken) { mark_ = Tell() - taken; }

 private:
  void refill() {
    if (at_end_) {
      current_ = end_ - 1;
      return;
    }
    before_ += static_cast<std::size_t>(end_ - buffer_.data());
    if (before_ - mark_ > kMaxValueBytes) {
      fail(path_, ": after byte ", mark_, ": a single value of more than ", kMaxValueBytes,
           " bytes");
    }
    std::size_t bytes = insert(before_text_);
    if (bytes == 0) bytes = read();
    if (bytes == 0) bytes = insert(after_text_);
    if (bytes == 0) {
      at_end_ = true;
      buffer_[0] = '\0';
      bytes = 1;
    }
    current_ = buffer_.data();
    end_ = current_ + bytes;
  }

  std::size_t read() {
    errno = 0;
    const std::size_t wanted = std::min<uint64_t>(buffer_.size(), left_);
    const std::size_t bytes = std::fread(buffer_.data(), 1, wanted, file_.get());
    if (std::ferror(file_.get())) fail(path_, ": cannot read: ", std::strerror(errno));
    left_ -= bytes;
    return bytes;
  }

  /// Moves a text of a few bytes to the buffer.
  std::size_t insert(std::string& text) {
    assert(text.size() <= buffer_.size());
    const std::size_t bytes = text.copy(buffer_.data(), buffer_.size());
    text.clear();
    return bytes;
  }

  std::string path_;
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_;
  uint64_t left_;  ///< bytes of the stretch not yet read
  std::string before_text_, after_text_;
  std::vector<char> buffer_ = std::vector<char>(kChunkBytes);
  const char* current_ = nullptr;
  const char* end_ = buffer_.data();
  std::size_t before_ = 0;  ///< bytes of the file before the buffer
  std::size_t mark_ = 0;
  bool at_end_ = false;
};

using Parser = rapidjson::Reader;

}  // namespace
}  // namespace vqalign

// Where RapidJSON lets a stream copy the plain part of a string at once; its own do the same.
template <>
template <>
inline void vqalign::Parser::ScanCopyUnescapedString(vqalign::ChunkStream& stream,
                                                     vqalign::Parser::StackStream<char>& out) {
  stream.take_plain([&](const char* text, std::size_t length) {
    std::memcpy(out.Push(static_cast<rapidjson::SizeType>(length)), text, length);
  });
}

namespace vqalign {
namespace {

/// Passes RapidJSON's events on; refuses deep nesting and strings that are no text.
class StreamAdaptor {
 public:
  StreamAdaptor(const std::string& path, ChunkStream& stream, JsonEvents& events)
      : path_(path), stream_(stream), events_(events) {}

  bool Null() { return (events_.null_value(), next()); }
  bool Bool(bool value) { return (events_.bool_value(value), next()); }
  bool Int(int value) { return (events_.int_value(value), next()); }
  bool Uint(unsigned value) { return (events_.int_value(value), next()); }
  bool Int64(int64_t value) { return (events_.int_value(value), next()); }
  bool Uint64(uint64_t value) {
    if (value <= static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) {
      events_.int_value(static_cast<int64_t>(value));
    } else {
      events_.double_value(static_cast<double>(value));
    }
    return next();
  }
  bool Double(double value) { return (events_.double_value(value), next()); }
  bool RawNumber(const char*, rapidjson::SizeType, bool) { return false; }
  bool String(const char* text, rapidjson::SizeType length, bool) {
    return (events_.string_value(checked(text, length)), next());
  }
  bool Key(const char* text, rapidjson::SizeType length, bool) {
    return (events_.key(checked(text, length)), next());
  }
  bool StartObject() { return (deeper(), events_.begin_object(), next(1)); }
  bool EndObject(rapidjson::SizeType) { return (--depth_, events_.end_object(), next(1)); }
  bool StartArray() { return (deeper(), events_.begin_array(), next(1)); }
  bool EndArray(rapidjson::SizeType) { return (--depth_, events_.end_array(), next(1)); }

 private:
  bool next(std::size_t taken = 0) {
    stream_.mark(taken);
    return true;
  }
  void deeper() {
    if (++depth_ > kMaxStreamDepth) {
      // The bracket has been taken.
      fail(path_, ": byte ", stream_.Tell() - 1, ": nested deeper than ", kMaxStreamDepth);
    }
  }
  std::string_view checked(const char* text, std::size_t length) {
    const std::string_view view(text, length);
    if (!is_utf8(view)) fail(path_, ": byte ", stream_.Tell(), ": the string before is not UTF-8");
    return view;
  }

  const std::string& path_;
  ChunkStream& stream_;
  JsonEvents& events_;
  int depth_ = 0;
};

}  // namespace

void stream_json(const std::filesystem::path& path, JsonEvents& events) {
  stream_json(path, JsonStretch(), events);
}

void stream_json(const std::filesystem::path& path, const JsonStretch& stretch,
                 JsonEvents& events) {
  const std::string name = path.string();
  ChunkStream stream(path, stretch);
  StreamAdaptor adaptor(name, stream, events);
  Parser parser;
  // Recursive, and no deeper than the adaptor allows.
  const rapidjson::ParseResult result =
      parser.Parse<rapidjson::kParseFullPrecisionFlag>(stream, adaptor);
  // RapidJSON takes a NUL for the end of its input, also one in the middle of the file.
  const bool stray_nul = !stream.at_end() && stream.Peek() == '\0';
  if (stray_nul) fail(name, ": byte ", stream.Tell(), ": a NUL byte");
  if (result) return;
  if (result.Code() == rapidjson::kParseErrorDocumentEmpty) {
    fail(name, ": is empty (", stream.Tell(), " bytes), expected JSON");
  }
  std::string reason = rapidjson::GetParseError_En(result.Code());
  if (!reason.empty() && reason.back() == '.') reason.pop_back();
  if (stream.at_end()) {
    fail(name, ": byte ", stream.Tell(),
         ": the file ends within the document (truncated?): ", reason);
  }
  fail(name, ": byte ", result.Offset(), ": ", reason);
}

}  // namespace vqalign
