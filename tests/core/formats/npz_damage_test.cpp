#include <gtest/gtest.h>
#include <torch/types.h>

#include "tests/core/formats/temporary_files.h"
#include "vqalign/core/formats/npy_header.h"
#include "vqalign/core/formats/npz.h"
#include "vqalign/core/formats/zip_writer.h"

namespace vqalign {
namespace {

using testing_files::error_of;
using testing_files::fresh_path;
using testing_files::little_endian;
using testing_files::read_bytes;
using testing_files::TemporaryFile;

/// Fails unless reading these bytes throws one line that names the file and holds `part`.
void expect_error(const std::string& bytes, const std::string& part, const std::string& what) {
  const TemporaryFile file("broken.npz", bytes);
  const std::string message = error_of([&] { read_npz(file.path); });
  EXPECT_EQ(message.rfind(file.path.string() + ": ", 0), 0u) << what << ": " << message;
  EXPECT_NE(message.find(part), std::string::npos) << what << ": " << message;
  EXPECT_EQ(message.find('\n'), std::string::npos) << what;
}

/// A sound ZIP with the one member x.npy of this content.
std::string zip_of(const std::string& content, const std::string& name = "x.npy") {
  const auto path = fresh_path("made.npz");
  AtomicFile file(path);
  ZipWriter zip(file);
  zip.add(name, {content});
  zip.finish();
  file.commit();
  const std::string bytes = read_bytes(path);
  std::filesystem::remove(path);
  return bytes;
}

/// A .npy member of version 1.0 with any header text.
std::string npy(const std::string& header, std::size_t data_bytes) {
  return std::string("\x93NUMPY\x01\x00", 8) + little_endian(static_cast<uint16_t>(header.size())) +
         header + std::string(data_bytes, '\1');
}

std::string npy_of(const std::string& type, const std::string& shape, std::size_t data_bytes) {
  return npy("{'descr': " + type + ", 'fortran_order': False, 'shape': " + shape + ", }\n",
             data_bytes);
}

std::string sound() {
  return zip_of(npy_of("'<f4'", "(2,)", 8));
}

/// `bytes` with `replacement` so many bytes behind the last place where `signature` stands.
std::string patched(std::string bytes, const std::string& signature, std::size_t offset,
                    const std::string& replacement) {
  return bytes.replace(bytes.rfind(signature) + offset, replacement.size(), replacement);
}

const std::string kLocal = "PK\3\4";
const std::string kCentral = "PK\1\2";
const std::string kEnd = "PK\5\6";

TEST(NpzDamage, TheSoundFileOfTheseTestsReads) {
  const TemporaryFile file("sound.npz", sound());
  EXPECT_EQ(read_npz(file.path).at(0).tensor.numel(), 2);
}

TEST(NpzDamage, HeadersOfArrays) {
  struct Case {
    const char* what;
    std::string content;
    std::string message;
  };
  const std::vector<Case> cases = {
      {"nothing", "", "ends too early: 12 bytes were expected, 0 are left"},
      {"no .npy", std::string(64, 'x'), "is no .npy array"},
      {"version 9", "\x93NUMPY\x09" + std::string(60, '\0'), "has .npy version 9.0"},
      {"version 2, huge header", "\x93NUMPY\x02" + std::string("\0\xff\xff\xff\xff", 5),
       "would be 4294967295 bytes long"},
      {"header cut", npy_of("'<f4'", "(2,)", 8).substr(0, 30), "ends too early"},
      {"header of nothing", npy("", 8), "too short"},
      {"no dict", npy("[1, 2]      \n", 0), "malformed at byte 0: expected '{'"},
      {"dict without end", npy("{'descr': '<f4'", 0), "malformed at byte 15"},
      {"string without end", npy("{'descr': '<f4", 0), "a string without end"},
      {"unknown key", npy("{'descr': '<f4', 'evil': True}", 0), "unknown key \"evil\""},
      {"no shape", npy("{'descr': '<f4', 'fortran_order': False}", 0), "is missing"},
      {"order no truth", npy("{'fortran_order': 1}", 0), "expected True or False"},
      {"code for a shape", npy_of("'<f4'", "(__import__('os').system('true'),)", 8),
       "expected a whole number"},
      {"negative extent", npy_of("'<f4'", "(-2,)", 8), "an extent of -2"},
      {"overflow", npy_of("'<f4'", "(4294967296, 4294967296)", 8), "makes no possible shape"},
      {"overflow behind zero", npy_of("'<f4'", "(0, 9223372036854775807, 4)", 0), "no possible"},
      {"extent too large", npy_of("'<f4'", "(9223372036854775808,)", 8), "below 2^63"},
      {"shape without end", npy_of("'<f4'", "(2", 8), "malformed"},
      {"too few numbers", npy_of("'<f4'", "(3,)", 8), "its shape takes 12 bytes, it holds 8"},
      {"too many numbers", npy_of("'<f4'", "(1,)", 8), "its shape takes 4 bytes, it holds 8"},
      {"far more", npy_of("'<f4'", "(1000000000000,)", 8), "takes 4000000000000 bytes"},
      {"complex", npy_of("'<c8'", "(1,)", 8), "numbers of type c8"},
      {"unsigned", npy_of("'<u4'", "(2,)", 8), "numbers of type u4"},
      {"record", npy_of("[('a', '<f4')]", "(2,)", 8), "records of several fields"},
      {"type no type", npy_of("'f'", "(2,)", 8), "\"f\" is no type"},
      {"type of huge items", npy_of("'<U99999999999'", "(1,)", 8), "is no type"},
      {"date", npy_of("'<M8[ns]'", "(1,)", 8), "is no type"},
      {"truth of 2", npy_of("'|b1'", "(3,)", 0) + std::string("\0\1\2", 3), "neither 0 nor 1"},
      {"text of rank 2", npy_of("'<U1'", "(1, 2)", 8), "text of rank 2"},
      {"text of no width", npy_of("'<U0'", "(1000000000000,)", 0), "strings of no length"},
      {"no character", npy_of("'<U1'", "(2,)", 8), "holds 16843009, which is no character"},
      {"surrogate", npy_of("'<U1'", "(1,)", 0) + std::string("\0\xd8\0\0", 4), "holds 55296"},
  };
  for (const Case& broken : cases)
    expect_error(zip_of(broken.content), broken.message, broken.what);
  std::string many = "1,";
  for (int i = 0; i < 64; ++i) many += "1,";
  expect_error(zip_of(npy_of("'<f4'", "(" + many + ")", 4)), "65 dimensions", "rank");
}

TEST(NpzDamage, Archives) {
  const std::string whole = sound();
  const auto u16 = [](uint16_t value) { return little_endian(value); };
  const auto u32 = [](uint32_t value) { return little_endian(value); };
  expect_error("", "is empty", "empty file");
  expect_error("not a zip at all, but longer than an end record", "no end record", "text");
  expect_error(whole + "x", "no end record", "a byte behind the end");
  expect_error(patched(whole, kEnd, 16, u32(0xFFFFFF)), "directory would be", "directory beyond");
  expect_error(patched(whole, kEnd, 12, u32(0xFFFFFFF0)), "directory would be", "directory size");
  expect_error(patched(whole, kEnd, 10, u16(2)), "cannot hold 2 members", "count");
  expect_error(patched(whole, kEnd, 16, u32(1)), "no ZIP directory entry at byte 1", "place");
  expect_error(patched(whole, kCentral, 28, u16(60000)), "bytes long, only", "name length");
  expect_error(patched(whole, kCentral, 42, u32(7)), "no local header at byte 7", "header place");
  expect_error(patched(whole, kCentral, 42, u32(0xFFFFFFF0)), "no local header", "header beyond");
  expect_error(patched(whole, kCentral, 42, u32(0xFFFFFFFF)), "no local header", "wide, no field");
  expect_error(patched(whole, kLocal, 28, u16(60000)), "but the file has only", "local extra");
  expect_error(patched(whole, kCentral, 20, u32(100'000)), "but the file has only", "packed size");
  expect_error(patched(whole, kCentral, 24, u32(100'000)), "cannot unpack to 100000", "size");
  expect_error(patched(whole, kCentral, 8, u16(1)), "is encrypted", "encrypted");
  expect_error(patched(whole, kCentral, 10, u16(99)), "packed by method 99", "method");
  expect_error(patched(whole, kCentral, 16, u32(5)), "its checksum is", "checksum");
  std::string damaged = whole;
  damaged[whole.rfind(kCentral) - 1] ^= 1;
  expect_error(damaged, "its checksum is", "damaged data");
  expect_error(patched(patched(whole, kCentral, 10, u16(8)), kCentral, 24, u32(1'000'000'000)),
               "cannot unpack to 1000000000", "a bomb");
  expect_error(patched(whole, kCentral, 10, u16(8)), "packed bytes are damaged", "no deflate");
  const std::string names = zip_of(npy_of("'<f4'", "(2,)", 4), "a\nb.npy");
  expect_error(names, "member \"a\\nb.npy\"", "a line break in a name");
}

TEST(NpzDamage, MembersThatOverlapOrRepeat) {
  const auto path = fresh_path("two.npz");
  write_npz(path, {{"a", torch::zeros({4}), {}}, {"b", torch::zeros({4}), {}}});
  const std::string whole = read_bytes(path);
  expect_error(patched(whole, kCentral, 42, little_endian(uint32_t{0})), "inside \"a.npy\"",
               "both at one place");
  expect_error(patched(whole, kCentral, 46, "a"), "is there twice", "one name");
}

TEST(NpzDamage, EveryCutIsAnError) {
  for (const char* name : {"reference.npz", "versions.npz", "types.npz"}) {
    const std::string whole = read_bytes(std::filesystem::path(VQALIGN_SOURCE_DIR) /
                                         "tests/core/formats/fixtures" / name);
    ASSERT_GT(whole.size(), 1000u);
    for (std::size_t length = 0; length < whole.size(); ++length) {
      const TemporaryFile file("cut.npz", whole.substr(0, length));
      EXPECT_NE(error_of([&] { read_npz(file.path); }), "no Error") << name << " " << length;
    }
  }
}

TEST(NpzDamage, EveryFlippedByteIsReadOrRefused) {
  const std::string whole = read_bytes(std::filesystem::path(VQALIGN_SOURCE_DIR) /
                                       "tests/core/formats/fixtures/reference.npz");
  std::size_t refused = 0;
  for (std::size_t i = 0; i < whole.size(); ++i) {
    for (const int bits : {0x01, 0x80, 0xff}) {
      std::string damaged = whole;
      damaged[i] = static_cast<char>(damaged[i] ^ bits);
      const TemporaryFile file("flipped.npz", damaged);
      if (error_of([&] { read_npz(file.path); }) != "no Error") ++refused;
    }
  }
  EXPECT_GT(refused, whole.size());  // the packed bytes, at least, are guarded by checksums
}

}  // namespace
}  // namespace vqalign
