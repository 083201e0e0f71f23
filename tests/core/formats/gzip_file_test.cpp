#include "vqalign/core/formats/gzip_file.h"

#include <gtest/gtest.h>

#include <random>
#include <thread>
#include <vector>

#include "gzip_text.h"
#include "temporary_files.h"

namespace vqalign {
namespace {

using testing_files::error_of;
using testing_files::gzip_text;
using testing_files::TemporaryFile;

/// Text that packs to about a half, so that places lie all over the packed bytes.
std::string sample_text(std::size_t bytes) {
  std::mt19937 random(7);
  std::string text(bytes, '\0');
  for (char& c : text) c = static_cast<char>('a' + random() % 16);
  return text;
}

std::string scanned(GzipFile& file) {
  std::string text;
  file.scan([&](std::string_view piece) { text += piece; });
  return text;
}

std::string part(const GzipFile& file, uint64_t offset, std::size_t bytes) {
  std::string out(bytes, '\0');
  file.read(offset, out.data(), bytes);
  return out;
}

TEST(GzipFile, ReadsToAndFro) {
  const std::string text = sample_text(5'000'000);
  const TemporaryFile packed("a.gz", gzip_text(text, 1));
  GzipFile file(packed.path);
  ASSERT_EQ(scanned(file), text);
  std::mt19937 random(3);
  for (int i = 0; i < 60; ++i) {
    const std::size_t offset = random() % text.size();
    const std::size_t bytes = random() % 20000;
    const std::string expected = text.substr(offset, bytes);
    EXPECT_EQ(part(file, offset, expected.size()), expected);
  }
  EXPECT_EQ(part(file, 0, text.size()), text);
  EXPECT_EQ(part(file, text.size(), 0), "");
  EXPECT_NE(error_of([&] { part(file, text.size() - 5, 6); }).find("fewer than 5000001"),
            std::string::npos);
}

TEST(GzipFile, SeveralMembersAndZerosBehind) {
  const std::string first = sample_text(300'000), second = sample_text(1000);
  const TemporaryFile packed(
      "a.gz", gzip_text(first) + gzip_text("") + gzip_text(second) + std::string(512, '\0'));
  GzipFile file(packed.path);
  EXPECT_EQ(scanned(file), first + second);
  EXPECT_EQ(part(file, first.size() - 10, 20),
            first.substr(first.size() - 10) + second.substr(0, 10));
}

TEST(GzipFile, ManyPlacesAreThinnedOut) {
  // More than a thousand of the first distance, at a ratio of a thousand to one.
  const std::string line(1 << 20, 'x');
  std::string packed;
  for (int i = 0; i < 1500; ++i) packed += gzip_text(std::to_string(i % 10) + line, 1);
  const TemporaryFile stored("a.gz", packed);
  GzipFile file(stored.path);
  uint64_t bytes = 0;
  file.scan([&](std::string_view piece) { bytes += piece.size(); });
  EXPECT_EQ(bytes, 1500 * (line.size() + 1));
  for (const uint64_t i : {1499, 3, 777, 778, 1234, 0}) {
    EXPECT_EQ(part(file, i * (line.size() + 1), 3), std::to_string(i % 10) + "xx");
  }
}

TEST(GzipFile, SeveralThreads) {
  const std::string text = sample_text(3'000'000);
  const TemporaryFile packed("a.gz", gzip_text(text, 1));
  GzipFile file(packed.path);
  scanned(file);
  std::vector<std::thread> threads;
  std::vector<int> wrong(4, 0);
  for (std::size_t t = 0; t < wrong.size(); ++t) {
    threads.emplace_back([&, t] {
      for (std::size_t i = 0; i < 15; ++i) {
        const std::size_t offset = (i * 7919 * (t + 1) * 104729) % (text.size() - 100);
        if (part(file, offset, 100) != text.substr(offset, 100)) ++wrong[t];
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, std::vector<int>(4, 0));
}

TEST(GzipFile, DamageIsAnError) {
  const std::string packed = gzip_text(sample_text(4000));
  const auto scan_error = [](const std::string& bytes) {
    const TemporaryFile stored("a.gz", bytes);
    return error_of([&] {
      GzipFile file(stored.path);
      scanned(file);
    });
  };
  for (std::size_t i = 1; i < 64; ++i) {
    const std::string said = scan_error(packed.substr(0, packed.size() * i / 64));
    EXPECT_NE(said.find("a.gz"), std::string::npos) << said;
  }
  EXPECT_NE(scan_error(packed.substr(0, packed.size() - 1)).find("ends in the middle"),
            std::string::npos);
  // Flips in the header's time and system change nothing; from the deflated bytes on all are found.
  for (std::size_t i = 10; i < packed.size(); i += 7) {
    std::string flipped = packed;
    flipped[i] = static_cast<char>(flipped[i] ^ 4);
    EXPECT_NE(scan_error(flipped), "no Error") << i;
  }
  EXPECT_NE(scan_error(packed + "junk").find("damaged as a gzip file"), std::string::npos);
}

}  // namespace
}  // namespace vqalign
