#include <zlib.h>

#include <algorithm>
#include <cstring>

#include "vqalign/core/error.h"
#include "vqalign/core/formats/zip_archive.h"
#include "vqalign/core/formats/zip_constants.h"

namespace vqalign {
namespace {

/// zlib counts in 32 bits.
constexpr std::size_t kMaxStep = std::size_t{1} << 30;
constexpr int kRawDeflate = -MAX_WBITS;

uint32_t checksum(uint32_t before, std::string_view bytes) {
  return static_cast<uint32_t>(
      ::crc32_z(before, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

void compare_checksums(uint32_t found, uint32_t expected, const std::string& where) {
  if (found != expected) {
    fail(where, ": is damaged: its checksum is ", found, ", expected ", expected);
  }
}

}  // namespace

std::string_view ZipArchive::stored_bytes(const Entry& entry) const {
  if (entry.encrypted) fail(where(entry), ": is encrypted");
  if (entry.method != zip::kStored) {
    fail(where(entry), ": is packed by method ", entry.method, ", expected ", zip::kStored,
         " (stored)");
  }
  const std::string_view bytes = file_->text().substr(entry.start, entry.size);
  if (entry.crc != 0) compare_checksums(checksum(0, bytes), entry.crc, where(entry));
  return bytes;
}

struct ZipMember::State {
  std::string where;
  bool deflated = false;
  const char* packed = nullptr;
  uint64_t packed_left = 0;
  uint64_t left = 0;
  uint32_t crc = 0;
  uint32_t expected_crc = 0;
  z_stream stream = {};

  void inflate_some(char*& out, std::size_t& bytes);
};

ZipMember::ZipMember(const ZipArchive& archive, const ZipArchive::Entry& entry)
    : state_(std::make_unique<State>()) {
  State& state = *state_;
  state.where = archive.where(entry);
  if (entry.encrypted) fail(state.where, ": is encrypted");
  if (entry.method != zip::kStored && entry.method != zip::kDeflated) {
    fail(state.where, ": is packed by method ", entry.method, ", read are ", zip::kStored,
         " (stored) and ", zip::kDeflated, " (deflated)");
  }
  state.packed = archive.file_->data() + entry.start;
  state.packed_left = entry.packed;
  state.left = entry.size;
  state.expected_crc = entry.crc;
  if (entry.method == zip::kDeflated) {
    if (::inflateInit2(&state.stream, kRawDeflate) != Z_OK) {
      fail(state.where, ": no memory to unpack it");
    }
    state.deflated = true;
  }
}

ZipMember::~ZipMember() {
  if (state_->deflated) ::inflateEnd(&state_->stream);
}

uint64_t ZipMember::remaining() const {
  return state_->left;
}

/// One call of zlib: moves `out` and `bytes` on by what came out.
void ZipMember::State::inflate_some(char*& out, std::size_t& bytes) {
  const auto room = static_cast<uInt>(std::min(bytes, kMaxStep));
  const auto input = static_cast<uInt>(std::min<uint64_t>(packed_left, kMaxStep));
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed));
  stream.avail_in = input;
  stream.next_out = reinterpret_cast<Bytef*>(out);
  stream.avail_out = room;
  const int status = ::inflate(&stream, Z_NO_FLUSH);
  const uInt consumed = input - stream.avail_in;
  const uInt produced = room - stream.avail_out;
  packed += consumed;
  packed_left -= consumed;
  out += produced;
  bytes -= produced;
  const bool ended = status == Z_STREAM_END && bytes > 0;
  const bool stuck = consumed == 0 && produced == 0;
  if ((status != Z_OK && status != Z_STREAM_END) || ended || stuck) {
    fail(where, ": its packed bytes are damaged: ", left - bytes, " of ", left,
         " bytes could be unpacked");
  }
}

void ZipMember::read(void* out, std::size_t bytes) {
  State& state = *state_;
  if (bytes > state.left) {
    fail(state.where, ": ends too early: ", bytes, " bytes were expected, ", state.left,
         " are left");
  }
  if (bytes == 0) return;
  if (state.deflated) {
    char* next = static_cast<char*>(out);
    for (std::size_t missing = bytes; missing > 0;) state.inflate_some(next, missing);
  } else {
    std::memcpy(out, state.packed, bytes);
    state.packed += bytes;
  }
  state.left -= bytes;
  state.crc = checksum(state.crc, {static_cast<const char*>(out), bytes});
  if (state.left == 0) compare_checksums(state.crc, state.expected_crc, state.where);
}

}  // namespace vqalign
