#include "vqalign/train/event_file.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <cstring>
#include <limits>

#include "tests/core/formats/temporary_files.h"
#include "tests/train/event_file_golden.h"

namespace vqalign {
namespace {

using testing_files::error_of;
using testing_files::fresh_path;
using testing_files::read_bytes;

struct Event {
  double wall_time = 0;
  int64_t step = 0;
  std::string version;
  std::string tag;
  float value = 0;
  bool has_value = false;
};

/// CRC-32C bit by bit, where the writer goes by a table.
uint32_t slow_crc(const std::string& bytes) {
  uint32_t crc = 0xFFFFFFFF;
  for (const char c : bytes) {
    for (int bit = 0; bit < 8; ++bit) {
      const bool odd = (crc ^ (static_cast<uint8_t>(c) >> bit)) & 1;
      crc = (crc >> 1) ^ (odd ? 0x82F63B78 : 0);
    }
  }
  return ~crc;
}

uint32_t masked(const std::string& bytes) {
  const uint32_t crc = slow_crc(bytes);
  return ((crc >> 15) | (crc << 17)) + 0xA282EAD8;
}

/// Reads protobuf fields off the front of a message.
class Wire {
 public:
  explicit Wire(std::string bytes) : bytes_(std::move(bytes)) {}
  bool done() const { return at_ == bytes_.size(); }
  uint64_t varint() {
    uint64_t value = 0;
    for (int shift = 0; at_ < bytes_.size(); shift += 7) {
      const auto byte = static_cast<uint8_t>(bytes_[at_++]);
      value |= uint64_t{byte & 0x7Fu} << shift;
      if (byte < 0x80) break;
    }
    return value;
  }
  std::string take(std::size_t count) {
    const std::string part = bytes_.substr(at_, count);
    EXPECT_EQ(part.size(), count);
    at_ += part.size();
    return part;
  }
  template <typename Number>
  Number fixed() {
    Number number = 0;
    std::memcpy(&number, take(sizeof number).data(), sizeof number);
    return number;
  }

 private:
  std::string bytes_;
  std::size_t at_ = 0;
};

Event decode(const std::string& bytes) {
  Event event;
  Wire wire(bytes);
  while (!wire.done()) {
    switch (wire.varint()) {
      case 1 << 3 | 1:
        event.wall_time = wire.fixed<double>();
        break;
      case 2 << 3 | 0:
        event.step = static_cast<int64_t>(wire.varint());
        break;
      case 3 << 3 | 2:
        event.version = wire.take(wire.varint());
        break;
      case 5 << 3 | 2: {
        Wire summary(wire.take(wire.varint()));
        EXPECT_EQ(summary.varint(), 1u << 3 | 2);
        Wire point(summary.take(summary.varint()));
        EXPECT_TRUE(summary.done());
        EXPECT_EQ(point.varint(), 1u << 3 | 2);
        event.tag = point.take(point.varint());
        EXPECT_EQ(point.varint(), 2u << 3 | 5);
        event.value = point.fixed<float>();
        event.has_value = point.done();
        break;
      }
      default:
        ADD_FAILURE() << "unknown field";
        return event;
    }
  }
  return event;
}

std::vector<Event> read_events(const std::filesystem::path& path) {
  std::vector<Event> events;
  Wire file(read_bytes(path));
  while (!file.done() && !testing::Test::HasFailure()) {
    const std::string length = file.take(8);
    EXPECT_EQ(file.fixed<uint32_t>(), masked(length));
    const std::string event = file.take(Wire(length).fixed<uint64_t>());
    EXPECT_EQ(file.fixed<uint32_t>(), masked(event));
    events.push_back(decode(event));
  }
  return events;
}

TEST(Crc32c, KnownAnswers) {
  EXPECT_EQ(crc32c("123456789"), 0xE3069283u);
  EXPECT_EQ(crc32c(""), 0u);
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8A9136AAu);
  EXPECT_EQ(crc32c(std::string(32, '\xff')), 0x62A8AB43u);
}

TEST(EventFile, HoldsItsVersionAndWhatWasAdded) {
  const auto folder = fresh_path("log") / "below";
  std::filesystem::path path;
  {
    EventFile file(folder);
    path = file.path();
    file.scalar("loss/train", 0.625, 1, 1.5e9);
    file.scalar("align/ct/self", -2.5, 3'000'000'000, 1.5e9 + 0.5);
    file.scalar("nan", std::numeric_limits<double>::quiet_NaN(), 0, 2e9);
    file.scalar("", 1e300, 7, 2e9);
  }
  EXPECT_EQ(path.parent_path(), folder);
  EXPECT_EQ(path.filename().string().rfind("events.out.tfevents.", 0), 0u);
  const std::vector<Event> events = read_events(path);
  ASSERT_EQ(events.size(), 5u);
  EXPECT_EQ(events[0].version, "brain.Event:2");
  EXPECT_FALSE(events[0].has_value);
  EXPECT_EQ(events[1].tag, "loss/train");
  EXPECT_EQ(events[1].value, 0.625f);
  EXPECT_EQ(events[1].step, 1);
  EXPECT_EQ(events[1].wall_time, 1.5e9);
  EXPECT_EQ(events[2].tag, "align/ct/self");
  EXPECT_EQ(events[2].value, -2.5f);
  EXPECT_EQ(events[2].step, 3'000'000'000);
  EXPECT_EQ(events[2].wall_time, 1.5e9 + 0.5);
  EXPECT_TRUE(std::isnan(events[3].value));
  EXPECT_EQ(events[4].tag, "");
  EXPECT_TRUE(std::isinf(events[4].value));
}

TEST(EventFile, RecordIsTheOraclesByteForByte) {
  EventFile file(fresh_path("log"));
  file.flush();
  const std::size_t before = read_bytes(file.path()).size();
  file.scalar("loss/train", 0.625, 300, 1.5e9 + 0.25);
  file.flush();
  EXPECT_EQ(read_bytes(file.path()).substr(before), golden::scalar_record);
}

TEST(EventFile, LongTagsAndManyPointsSurvive) {
  EventFile file(fresh_path("log"));
  const std::string tag(1000, 't');
  for (int step = 0; step < 5000; ++step) file.scalar(tag, step, step, 1e9 + step);
  file.flush();
  const std::vector<Event> events = read_events(file.path());
  ASSERT_EQ(events.size(), 5001u);
  EXPECT_EQ(events.back().tag, tag);
  EXPECT_EQ(events.back().value, 4999.0f);
  EXPECT_EQ(events.back().step, 4999);
}

TEST(EventFile, PointsWithoutATimeAreOfNow) {
  const auto now = [] {
    return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch());
  };
  const double before = now().count();
  EventFile file(fresh_path("log"));
  file.scalar("x", 1, 1);
  file.flush();
  const std::vector<Event> events = read_events(file.path());
  ASSERT_EQ(events.size(), 2u);
  for (const Event& event : events) {
    EXPECT_GE(event.wall_time, before);
    EXPECT_LE(event.wall_time, now().count());
  }
}

TEST(EventFile, RunsOfOneSecondKeepFilesOfTheirOwn) {
  const auto folder = fresh_path("log");
  EventFile first(folder);
  EventFile second(folder);
  EXPECT_NE(first.path(), second.path());
  first.scalar("a", 1, 1, 1e9);
  first.flush();
  EXPECT_EQ(read_events(second.path()).size(), 1u);
}

TEST(EventFile, FoldersThatCannotBeMadeAreTold) {
  const testing_files::TemporaryFile file("file", "text");
  const std::string message = error_of([&] { EventFile log(file.path / "log"); });
  EXPECT_EQ(message.rfind((file.path / "log").string() + ": cannot create the folder: ", 0), 0u)
      << message;
}

}  // namespace
}  // namespace vqalign
