#include "vqalign/train/event_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <bit>
#include <cerrno>
#include <chrono>
#include <cstring>

#include "vqalign/core/error.h"

namespace vqalign {
namespace {

constexpr std::size_t kBufferBytes = 1 << 16;
constexpr int kMaxNames = 1000;

// Field numbers of TensorFlow's event.proto and summary.proto.
constexpr uint32_t kEventWallTime = 1;
constexpr uint32_t kEventStep = 2;
constexpr uint32_t kEventFileVersion = 3;
constexpr uint32_t kEventSummary = 5;
constexpr uint32_t kSummaryValue = 1;
constexpr uint32_t kValueTag = 1;
constexpr uint32_t kValueSimple = 2;

enum class WireType : uint32_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

/// Builds one protobuf message.
class Message {
 public:
  void varint(uint32_t field, uint64_t value) {
    key(field, WireType::kVarint);
    put_varint(value);
  }
  void fixed64(uint32_t field, double value) {
    key(field, WireType::kFixed64);
    put_fixed(std::bit_cast<uint64_t>(value));
  }
  void fixed32(uint32_t field, float value) {
    key(field, WireType::kFixed32);
    put_fixed(std::bit_cast<uint32_t>(value));
  }
  void bytes(uint32_t field, std::string_view value) {
    key(field, WireType::kBytes);
    put_varint(value.size());
    text_ += value;
  }
  const std::string& text() const { return text_; }

 private:
  void key(uint32_t field, WireType type) {
    put_varint((field << 3) | static_cast<uint32_t>(type));
  }
  void put_varint(uint64_t value) {
    for (; value >= 0x80; value >>= 7) text_ += static_cast<char>(value | 0x80);
    text_ += static_cast<char>(value);
  }
  template <typename Word>
  void put_fixed(Word value) {
    for (std::size_t i = 0; i < sizeof value; ++i) text_ += static_cast<char>(value >> (8 * i));
  }

  std::string text_;
};

std::string little_endian(uint64_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text += static_cast<char>(value >> (8 * i));
  return text;
}

/// TFRecord's masked checksum: a CRC of data that holds CRCs would otherwise be weak.
uint32_t masked_crc(std::string_view bytes) {
  return std::rotr(crc32c(bytes), 15) + 0xA282EAD8u;
}

double seconds_now() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::string host_name() {
  char name[256] = {};
  if (::gethostname(name, sizeof name - 1) != 0 || name[0] == '\0') return "localhost";
  std::string host = name;
  for (char& c : host) {
    if (c == '/') c = '_';
  }
  return host;
}

constexpr std::array<uint32_t, 256> crc_table() {
  std::array<uint32_t, 256> table = {};
  for (uint32_t byte = 0; byte < 256; ++byte) {
    uint32_t remainder = byte;
    for (int bit = 0; bit < 8; ++bit) {
      remainder = (remainder >> 1) ^ ((remainder & 1) ? 0x82F63B78u : 0u);
    }
    table[byte] = remainder;
  }
  return table;
}

}  // namespace

uint32_t crc32c(std::string_view bytes) {
  static constexpr std::array<uint32_t, 256> kTable = crc_table();
  uint32_t crc = 0xFFFFFFFFu;
  for (const char c : bytes) crc = (crc >> 8) ^ kTable[(crc ^ static_cast<uint8_t>(c)) & 0xFF];
  return ~crc;
}

EventFile::EventFile(const std::filesystem::path& folder) {
  std::error_code code;
  std::filesystem::create_directories(folder, code);
  if (code) fail(folder.string(), ": cannot create the folder: ", code.message());
  const double now = seconds_now();
  const std::string name =
      concat("events.out.tfevents.", static_cast<int64_t>(now), ".", host_name());
  // Two runs may start in one second; each must keep its own file.
  for (int attempt = 0; descriptor_ < 0 && attempt < kMaxNames; ++attempt) {
    path_ = folder / (attempt == 0 ? name : concat(name, ".", attempt));
    descriptor_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0666);
    if (descriptor_ < 0 && errno != EEXIST) break;
  }
  if (descriptor_ < 0) fail(path_.string(), ": cannot create: ", std::strerror(errno));
  Message event;
  event.fixed64(kEventWallTime, now);
  event.bytes(kEventFileVersion, "brain.Event:2");
  append_record(event.text());
  flush();
}

EventFile::~EventFile() {
  try {
    flush();
  } catch (const Error&) {
  }
  ::close(descriptor_);
}

void EventFile::scalar(std::string_view tag, double value, int64_t step, double wall_time) {
  Message point;
  point.bytes(kValueTag, tag);
  point.fixed32(kValueSimple, static_cast<float>(value));
  Message summary;
  summary.bytes(kSummaryValue, point.text());
  Message event;
  event.fixed64(kEventWallTime, wall_time);
  event.varint(kEventStep, static_cast<uint64_t>(step));
  event.bytes(kEventSummary, summary.text());
  append_record(event.text());
}

void EventFile::scalar(std::string_view tag, double value, int64_t step) {
  scalar(tag, value, step, seconds_now());
}

void EventFile::append_record(std::string_view event) {
  const std::string length = little_endian(event.size(), 8);
  buffer_ += length;
  buffer_ += little_endian(masked_crc(length), 4);
  buffer_ += event;
  buffer_ += little_endian(masked_crc(event), 4);
  if (buffer_.size() >= kBufferBytes) flush();
}

void EventFile::flush() {
  std::size_t done = 0;
  while (done < buffer_.size()) {
    const ssize_t written = ::write(descriptor_, buffer_.data() + done, buffer_.size() - done);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      // What did not fit is dropped: retried in the destructor it would tear the record in two.
      buffer_.clear();
      fail(path_.string(), ": cannot write: ", std::strerror(errno));
    }
    done += static_cast<std::size_t>(written);
  }
  buffer_.clear();
}

}  // namespace vqalign
