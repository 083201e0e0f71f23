#include "vqalign/core/json_stream.h"

#include <rapidjson/error/en.h>
#include <rapidjson/reader.h>

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

namespace vqalign {
namespace {

constexpr std::size_t kChunkBytes = std::size_t{1} << 18;
constexpr std::size_t kMaxValueBytes = std::size_t{1} << 26;
constexpr int kMaxStreamDepth = 100;

/// A file as RapidJSON's input stream, one chunk in memory at a time. After the end it reads as
/// NUL, as RapidJSON wants it.
class ChunkStream {
 public:
  using Ch = char;

  explicit ChunkStream(const std::filesystem::path& path)
      : path_(path.string()), file_(std::fopen(path.c_str(), "rb"), &std::fclose) {
    if (!file_) fail(path_, ": cannot open: ", std::strerror(errno));
    std::setvbuf(file_.get(), nullptr, _IONBF, 0);
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

  // Parsing in place is not for this stream.
  char* PutBegin() { return nullptr; }
  void Put(char) { assert(false); }
  void Flush() { assert(false); }
  std::size_t PutEnd(char*) { return 0; }

  bool at_end() const { return at_end_; }
  /// The next value starts here: what is measured against the largest size of a value.
  void mark() { mark_ = Tell(); }

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
    errno = 0;
    std::size_t bytes = std::fread(buffer_.data(), 1, buffer_.size(), file_.get());
    if (std::ferror(file_.get())) fail(path_, ": cannot read: ", std::strerror(errno));
    if (bytes == 0) {
      at_end_ = true;
      buffer_[0] = '\0';
      bytes = 1;
    }
    current_ = buffer_.data();
    end_ = current_ + bytes;
  }

  std::string path_;
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_;
  std::vector<char> buffer_ = std::vector<char>(kChunkBytes);
  const char* current_ = nullptr;
  const char* end_ = buffer_.data();
  std::size_t before_ = 0;  ///< bytes of the file before the buffer
  std::size_t mark_ = 0;
  bool at_end_ = false;
};

bool is_continuation(unsigned char byte) {
  return (byte & 0xC0) == 0x80;
}

/// Length of the well-formed UTF-8 sequence that starts at `p`, 0 when it is none.
std::size_t sequence_length(const unsigned char* p, std::size_t left) {
  if (p[0] < 0x80) return 1;
  if (p[0] >= 0xC2 && p[0] <= 0xDF) return left >= 2 && is_continuation(p[1]) ? 2 : 0;
  if ((p[0] & 0xF0) == 0xE0) {
    if (left < 3 || !is_continuation(p[1]) || !is_continuation(p[2])) return 0;
    const bool overlong = p[0] == 0xE0 && p[1] < 0xA0;
    const bool surrogate = p[0] == 0xED && p[1] >= 0xA0;
    return overlong || surrogate ? 0 : 3;
  }
  if (p[0] >= 0xF0 && p[0] <= 0xF4) {
    if (left < 4 || !is_continuation(p[1]) || !is_continuation(p[2]) || !is_continuation(p[3])) {
      return 0;
    }
    const bool overlong = p[0] == 0xF0 && p[1] < 0x90;
    const bool beyond = p[0] == 0xF4 && p[1] >= 0x90;
    return overlong || beyond ? 0 : 4;
  }
  return 0;
}

bool is_utf8(std::string_view text) {
  const auto* p = reinterpret_cast<const unsigned char*>(text.data());
  std::size_t left = text.size();
  while (left > 0) {
    uint64_t word;
    if (left >= 8 && (std::memcpy(&word, p, 8), (word & 0x8080808080808080u) == 0)) {
      p += 8;
      left -= 8;
      continue;
    }
    const std::size_t length = sequence_length(p, left);
    if (length == 0) return false;
    p += length;
    left -= length;
  }
  return true;
}

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
  bool StartObject() { return (deeper(), events_.begin_object(), next()); }
  bool EndObject(rapidjson::SizeType) { return (--depth_, events_.end_object(), next()); }
  bool StartArray() { return (deeper(), events_.begin_array(), next()); }
  bool EndArray(rapidjson::SizeType) { return (--depth_, events_.end_array(), next()); }

 private:
  bool next() {
    stream_.mark();
    return true;
  }
  void deeper() {
    if (++depth_ > kMaxStreamDepth) {
      fail(path_, ": byte ", stream_.Tell(), ": nested deeper than ", kMaxStreamDepth);
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
  const std::string name = path.string();
  ChunkStream stream(path);
  StreamAdaptor adaptor(name, stream, events);
  rapidjson::Reader reader;
  constexpr unsigned kFlags = rapidjson::kParseIterativeFlag | rapidjson::kParseFullPrecisionFlag;
  const rapidjson::ParseResult result = reader.Parse<kFlags>(stream, adaptor);
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
