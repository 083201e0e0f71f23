#include "vqalign/core/formats/packed_store.h"

#include <gtest/gtest.h>
#include <torch/types.h>
#include <zlib.h>

#include <cstring>
#include <thread>

#include "temporary_files.h"
#include "vqalign/core/formats/packed_layout.h"

namespace vqalign {
namespace {

using testing_files::error_of;
using testing_files::fresh_path;
using testing_files::read_bytes;
using testing_files::TemporaryFile;

torch::Tensor counted_rows(int64_t rows, int64_t columns, float from) {
  return (torch::arange(rows * columns) + from).to(torch::kFloat).view({rows, columns});
}

struct SamplePicture {
  int64_t id, regions;
};
// Not in the order of ids; two without regions, which take no bytes.
const std::vector<SamplePicture> kSample = {{42, 3}, {7, 1}, {-5, 0}, {581929, 5}, {100, 0}};
constexpr int64_t kSampleWidth = 5;

float first_feature(int64_t id) {
  return static_cast<float>(id % 1000);
}

std::filesystem::path sample_store(bool half = false) {
  const std::filesystem::path path = fresh_path("s.vqf");
  PackedStoreWriter writer(path, kSampleWidth, half);
  for (const auto& [id, regions] : kSample) {
    writer.add(id, 640, 480, counted_rows(regions, 4, 1),
               counted_rows(regions, kSampleWidth, first_feature(id)));
  }
  writer.finish();
  EXPECT_EQ(writer.bytes(), std::filesystem::file_size(path));
  return path;
}

/// Opens a store and reads all of it.
std::string error_of_bytes(const std::string& bytes) {
  const TemporaryFile file("s.vqf", bytes);
  const std::string said = error_of([&] {
    const PackedStore store(file.path);
    for (const PackedEntry& entry : store.entries()) store.features(entry);
  });
  if (said != "no Error") {
    EXPECT_NE(said.find("s.vqf"), std::string::npos) << said;
    EXPECT_EQ(said.find('\n'), std::string::npos) << said;
  }
  return said;
}

uint32_t crc(const char* bytes, std::size_t count) {
  return static_cast<uint32_t>(
      ::crc32(0, reinterpret_cast<const Bytef*>(bytes), static_cast<uInt>(count)));
}

/// The sample with its head, index and tail changed and their checksums made right again.
class Forged {
 public:
  explicit Forged(std::string bytes) : bytes_(std::move(bytes)) {
    std::memcpy(&head, bytes_.data(), sizeof head);
    std::memcpy(&tail, bytes_.data() + bytes_.size() - sizeof tail, sizeof tail);
    index.resize(tail.count);
    std::memcpy(index.data(), bytes_.data() + tail.index_at, tail.count * sizeof index[0]);
  }

  std::string error() {
    const std::size_t index_at = bytes_.size() - sizeof tail - packed_aligned(index.size() * 32);
    std::memcpy(bytes_.data() + index_at, index.data(), index.size() * sizeof index[0]);
    tail.index_crc = crc(bytes_.data() + index_at, bytes_.size() - sizeof tail - index_at);
    head.crc = crc(reinterpret_cast<const char*>(&head), offsetof(PackedHead, crc));
    tail.crc = crc(reinterpret_cast<const char*>(&tail), offsetof(PackedTail, crc));
    std::memcpy(bytes_.data(), &head, sizeof head);
    std::memcpy(bytes_.data() + bytes_.size() - sizeof tail, &tail, sizeof tail);
    return error_of_bytes(bytes_);
  }

  PackedHead head;
  PackedTail tail;
  std::vector<PackedEntry> index;

 private:
  std::string bytes_;
};

TEST(PackedStore, GivesBackWhatWasAdded) {
  const PackedStore store(sample_store());
  EXPECT_EQ(store.width(), kSampleWidth);
  EXPECT_EQ(store.type(), torch::kFloat);
  ASSERT_EQ(store.entries().size(), kSample.size());
  EXPECT_EQ(store.entries().front().image_id, -5);
  EXPECT_EQ(store.entries().back().image_id, 581929);
  for (const auto& [id, regions] : kSample) {
    const PackedEntry* entry = store.find(id);
    ASSERT_NE(entry, nullptr);
    EXPECT_EQ(entry->image_width, 640u);
    EXPECT_EQ(entry->image_height, 480u);
    EXPECT_TRUE(torch::equal(store.boxes(*entry), counted_rows(regions, 4, 1)));
    EXPECT_TRUE(torch::equal(store.features(*entry),
                             counted_rows(regions, kSampleWidth, first_feature(id))));
    store.verify(*entry);
  }
  EXPECT_EQ(store.find(8), nullptr);
  EXPECT_EQ(store.find(INT64_MAX), nullptr);
}

TEST(PackedStore, HalvesAreRoundedToNearest) {
  const std::filesystem::path path = fresh_path("h.vqf");
  const torch::Tensor features = torch::tensor({{1.0f, -2.5f, 1.0009765f, 65504.0f, 6.1e-5f}});
  PackedStoreWriter writer(path, 5, true);
  writer.add(1, 2, 3, torch::zeros({1, 4}), features);
  writer.finish();
  const PackedStore store(path);
  EXPECT_EQ(store.type(), torch::kHalf);
  EXPECT_TRUE(torch::equal(store.features(store.entries()[0]), features.to(torch::kHalf)));
}

TEST(PackedStore, TheLayoutIsAsDocumented) {
  // By hand from packed_layout.h: another program could read it so.
  const std::string bytes = read_bytes(sample_store());
  EXPECT_EQ(bytes.substr(0, 8), "\x89VQF\r\n\x1a\n");
  EXPECT_EQ(bytes.substr(8, 16),
            std::string("\x04\x03\x02\x01\x01\x00\x00\x00\x04\x00\x00\x00\x05\x00\x00\x00", 16));
  const auto number = [&](std::size_t at, std::size_t width) {
    uint64_t value = 0;
    for (std::size_t i = width; i-- > 0;)
      value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
    return value;
  };
  const std::size_t tail = bytes.size() - 64;
  EXPECT_EQ(number(tail, 8), 5u);
  // Records: 3 regions take 64 + 64, 1 takes 64 + 64, 5 take 128 + 128.
  const uint64_t index = number(tail + 8, 8);
  EXPECT_EQ(index, 64u + 128 + 128 + 256);
  EXPECT_EQ(number(tail + 16, 8), bytes.size());
  EXPECT_EQ(bytes.size(), index + 192 + 64);
  // The third entry is image 42, the first record: 3 regions of a picture of 640 x 480.
  EXPECT_EQ(number(index + 64, 8), 42u);
  EXPECT_EQ(number(index + 72, 8), 64u);
  EXPECT_EQ(number(index + 80, 4), 3u);
  EXPECT_EQ(number(index + 84, 4), 640u);
  EXPECT_EQ(number(index + 88, 4), 480u);
  EXPECT_EQ(number(index + 92, 4), crc(bytes.data() + 64, 128));
  float second_feature = 0;
  std::memcpy(&second_feature, bytes.data() + 64 + 64 + 4, 4);
  EXPECT_EQ(second_feature, 43.0f);
}

TEST(PackedStore, AnEmptyStore) {
  const std::filesystem::path path = fresh_path("e.vqf");
  PackedStoreWriter(path, 3, false).finish();
  const PackedStore store(path);
  EXPECT_TRUE(store.entries().empty());
  EXPECT_EQ(store.width(), 3);
  EXPECT_EQ(store.find(0), nullptr);
}

TEST(PackedStore, WhatIsNotFinishedLeavesNothing) {
  const std::filesystem::path folder = fresh_path("folder");
  std::filesystem::create_directories(folder);
  {
    PackedStoreWriter writer(folder / "s.vqf", 2, false);
    writer.add(1, 2, 3, torch::zeros({1, 4}), torch::ones({1, 2}));
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder));
}

TEST(PackedStore, TheWriterRefuses) {
  const std::filesystem::path path = fresh_path("r.vqf");
  EXPECT_NE(error_of([&] { PackedStoreWriter(path, 0, false); }).find("width 0"),
            std::string::npos);
  EXPECT_NE(error_of([&] { PackedStoreWriter(path, 1 << 25, false); }).find("width 33554432"),
            std::string::npos);
  PackedStoreWriter half(path, 2, true);
  const std::string beyond = error_of([&] {
    half.add(7, 1, 1, torch::zeros({1, 4}), torch::tensor({{1.0f, 70000.0f}}));
  });
  EXPECT_NE(beyond.find("image 7 has a feature of 70000"), std::string::npos) << beyond;
  EXPECT_NE(error_of([&] {
              half.add(8, int64_t{1} << 40, 1, torch::zeros({0, 4}), torch::zeros({0, 2}));
            }).find("too large"),
            std::string::npos);
  PackedStoreWriter twice(path, 2, false);
  twice.add(7, 1, 1, torch::zeros({1, 4}), torch::ones({1, 2}));
  twice.add(7, 1, 1, torch::zeros({1, 4}), torch::ones({1, 2}));
  EXPECT_NE(error_of([&] { twice.finish(); }).find("image 7 was given twice"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(PackedStore, CutShortAnywhere) {
  const std::string bytes = read_bytes(sample_store());
  for (std::size_t i = 0; i < 64; ++i) {
    EXPECT_NE(error_of_bytes(bytes.substr(0, bytes.size() * i / 64)), "no Error") << i;
  }
  EXPECT_NE(error_of_bytes(bytes.substr(0, bytes.size() - 1)), "no Error");
  EXPECT_NE(error_of_bytes(bytes + std::string(64, '\0')), "no Error");
  EXPECT_NE(error_of_bytes(bytes + bytes), "no Error");
}

TEST(PackedStore, EveryFlippedBitIsFound) {
  for (const bool half : {false, true}) {
    const std::string bytes = read_bytes(sample_store(half));
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      std::string flipped = bytes;
      flipped[i] = static_cast<char>(flipped[i] ^ (1 << i % 8));
      EXPECT_NE(error_of_bytes(flipped), "no Error") << "byte " << i;
    }
  }
}

TEST(PackedStore, OtherVersionsAndByteOrders) {
  const std::string bytes = read_bytes(sample_store());
  ASSERT_EQ(Forged(bytes).error(), "no Error");
  Forged version(bytes);
  version.head.version = 2;
  EXPECT_NE(version.error().find("is of version 2 of the packed store, read is version 1"),
            std::string::npos);
  Forged order(bytes);
  order.head.byte_order = 0x04030201;
  EXPECT_NE(order.error().find("a machine of another byte order"), std::string::npos);
  Forged type(bytes);
  type.head.type = 8;
  EXPECT_NE(type.error().find("features of 8 bytes"), std::string::npos);
  for (const uint32_t width : {0u, 1u << 25, 17u, 100u}) {
    Forged wide(bytes);
    wide.head.width = width;
    EXPECT_NE(wide.error(), "no Error") << width;
  }
}

TEST(PackedStore, IndexThatLies) {
  const std::string bytes = read_bytes(sample_store());
  const auto expect_refused = [&](const char* said, const auto& change) {
    Forged forged(bytes);
    change(forged);
    const std::string message = forged.error();
    EXPECT_NE(message.find(said), std::string::npos) << message;
  };
  expect_refused("image 7 behind image 42", [](Forged& f) { std::swap(f.index[1], f.index[2]); });
  expect_refused("image 7 behind image 7", [](Forged& f) { f.index[2].image_id = 7; });
  expect_refused("at byte 64, expected at byte 192", [](Forged& f) { f.index[1].at = 64; });
  expect_refused("do not fit", [](Forged& f) { f.index[1].at = 193; });
  expect_refused("do not fit", [](Forged& f) { f.index[2].at = UINT64_MAX - 63; });
  expect_refused("do not fit", [](Forged& f) { f.index[4].regions = UINT32_MAX; });
  expect_refused("do not fit", [](Forged& f) { f.index[1].regions = 4; });
  expect_refused("expected at byte 448", [](Forged& f) { f.index[4].regions = 3; });
  expect_refused("its pictures end at byte 448, its index starts at byte 576", [](Forged& f) {
    f.index[4].regions = 3;
    f.index[3].at = 448;
  });
  expect_refused("does not fit its", [](Forged& f) { f.tail.count = UINT64_MAX / 32 + 2; });
  expect_refused("does not fit its", [](Forged& f) { f.tail.count = 1000; });
  expect_refused("does not fit its", [](Forged& f) { f.tail.index_at = 0; });
  expect_refused("does not fit its", [](Forged& f) { f.tail.index_at = UINT64_MAX - 1; });
  expect_refused("it was written with 17", [](Forged& f) { f.tail.file_bytes = 17; });
}

TEST(PackedStore, NoStoreAtAll) {
  EXPECT_NE(error_of_bytes("no store, but text").find("no packed feature store"),
            std::string::npos);
  EXPECT_NE(error_of_bytes("\x89VQF\r\n\x1a\n").find("cut short"), std::string::npos);
  EXPECT_NE(error_of([] { PackedStore("/no/such/file"); }).find("/no/such/file"),
            std::string::npos);
}

TEST(PackedStore, SeveralThreads) {
  const PackedStore store(sample_store());
  std::vector<std::thread> threads;
  std::vector<int> wrong(4, 0);
  for (std::size_t t = 0; t < wrong.size(); ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 200; ++i) {
        for (const auto& [id, regions] : kSample) {
          const torch::Tensor features = store.features(*store.find(id));
          if (regions > 0 && features.const_data_ptr<float>()[0] != first_feature(id)) ++wrong[t];
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, std::vector<int>(4, 0));
}

}  // namespace
}  // namespace vqalign
