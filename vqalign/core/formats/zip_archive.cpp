#include "vqalign/core/formats/zip_archive.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "vqalign/core/error.h"
#include "vqalign/core/formats/zip_constants.h"
#include "vqalign/core/json.h"

namespace vqalign {
namespace {

static_assert(std::endian::native == std::endian::little, "ZIP fields are little-endian");

constexpr uint32_t kEndSignature = 0x06054b50;
constexpr uint32_t kEnd64Signature = 0x06064b50;
constexpr uint32_t kLocator64Signature = 0x07064b50;
constexpr uint32_t kCentralSignature = 0x02014b50;
constexpr uint32_t kLocalSignature = 0x04034b50;
constexpr std::size_t kEndBytes = 22;
constexpr std::size_t kEnd64Bytes = 56;
constexpr std::size_t kLocator64Bytes = 20;
constexpr std::size_t kCentralBytes = 46;
constexpr std::size_t kLocalBytes = 30;
constexpr std::size_t kMaxCommentBytes = 65535;
constexpr uint16_t kZip64Extra = 1;
/// Deflate's best: 258 bytes for two bits, and some for the block's start.
constexpr uint64_t kMaxDeflateRatio = 1032;

/// The caller has checked that the number lies inside `bytes`.
template <typename Number>
Number load(std::string_view bytes, std::size_t at) {
  Number number;
  std::memcpy(&number, bytes.data() + at, sizeof number);
  return number;
}

}  // namespace

struct ZipArchive::Directory {
  uint64_t entries = 0;
  uint64_t bytes = 0;
  uint64_t start = 0;
};

std::string ZipArchive::where(const Entry& entry) const {
  return concat(path_, ": member ", Json(entry.name).dump());
}

ZipArchive::ZipArchive(const std::filesystem::path& path)
    : path_(path.string()), file_(MappedFile::open(path)) {
  const Directory directory = find_directory();
  if (directory.start > file_->size() || directory.bytes > file_->size() - directory.start) {
    fail(path_, ": its ZIP directory would be ", directory.bytes, " bytes from byte ",
         directory.start, " on, the file has ", file_->size());
  }
  if (directory.entries > directory.bytes / kCentralBytes) {
    fail(path_, ": its ZIP directory of ", directory.bytes, " bytes cannot hold ",
         directory.entries, " members");
  }
  std::size_t at = directory.start;
  for (uint64_t i = 0; i < directory.entries; ++i) {
    read_entry(at, directory.start + directory.bytes);
  }
  check_no_overlap();
}

ZipArchive::Directory ZipArchive::find_directory() const {
  const std::string_view text = file_->text();
  const std::size_t lowest =
      text.size() > kEndBytes + kMaxCommentBytes ? text.size() - kEndBytes - kMaxCommentBytes : 0;
  for (std::size_t at = text.size(); at-- > lowest;) {
    if (text.size() - at < kEndBytes || load<uint32_t>(text, at) != kEndSignature) continue;
    if (at + kEndBytes + load<uint16_t>(text, at + 20) != text.size()) continue;
    Directory directory;
    directory.entries = load<uint16_t>(text, at + 10);
    directory.bytes = load<uint32_t>(text, at + 12);
    directory.start = load<uint32_t>(text, at + 16);
    return widened(directory, at);
  }
  fail(path_, ": is no ZIP archive, or cut short: it has no end record");
}

ZipArchive::Directory ZipArchive::widened(Directory directory, std::size_t end_record) const {
  const bool wide = directory.entries == zip::kWide16 || directory.bytes == zip::kWide32 ||
                    directory.start == zip::kWide32;
  if (!wide || end_record < kLocator64Bytes) return directory;
  const std::string_view text = file_->text();
  const std::size_t locator = end_record - kLocator64Bytes;
  if (load<uint32_t>(text, locator) != kLocator64Signature) return directory;
  const auto at = load<uint64_t>(text, locator + 8);
  if (text.size() < kEnd64Bytes || at > text.size() - kEnd64Bytes ||
      load<uint32_t>(text, at) != kEnd64Signature) {
    fail(path_, ": its ZIP64 end record is not at byte ", at, " of ", text.size());
  }
  directory.entries = load<uint64_t>(text, at + 32);
  directory.bytes = load<uint64_t>(text, at + 40);
  directory.start = load<uint64_t>(text, at + 48);
  return directory;
}

void ZipArchive::read_entry(std::size_t& at, std::size_t directory_end) {
  const std::string_view text = file_->text();
  if (directory_end - at < kCentralBytes || load<uint32_t>(text, at) != kCentralSignature) {
    fail(path_, ": no ZIP directory entry at byte ", at, ", where number ", entries_.size() + 1,
         " should be");
  }
  const auto name_bytes = load<uint16_t>(text, at + 28);
  const auto extra_bytes = load<uint16_t>(text, at + 30);
  const auto comment_bytes = load<uint16_t>(text, at + 32);
  const std::size_t whole = kCentralBytes + name_bytes + extra_bytes + comment_bytes;
  if (whole > directory_end - at) {
    fail(path_, ": the ZIP directory entry at byte ", at, " is ", whole, " bytes long, only ",
         directory_end - at, " are left");
  }
  Entry entry;
  entry.encrypted = load<uint16_t>(text, at + 8) & 1;
  entry.method = load<uint16_t>(text, at + 10);
  entry.crc = load<uint32_t>(text, at + 16);
  entry.packed = load<uint32_t>(text, at + 20);
  entry.size = load<uint32_t>(text, at + 24);
  uint64_t header_start = load<uint32_t>(text, at + 42);
  entry.name = text.substr(at + kCentralBytes, name_bytes);
  apply_zip64(text.substr(at + kCentralBytes + name_bytes, extra_bytes), entry, header_start);
  locate_data(entry, header_start);
  entries_.push_back(std::move(entry));
  at += whole;
}

void ZipArchive::apply_zip64(std::string_view extra, Entry& entry, uint64_t& header_start) const {
  while (extra.size() >= 4) {
    const auto id = load<uint16_t>(extra, 0);
    const auto bytes = load<uint16_t>(extra, 2);
    extra.remove_prefix(4);
    if (bytes > extra.size()) break;
    std::string_view field = extra.substr(0, bytes);
    extra.remove_prefix(bytes);
    if (id != kZip64Extra) continue;
    for (uint64_t* value : {&entry.size, &entry.packed, &header_start}) {
      if (*value != zip::kWide32) continue;
      if (field.size() < sizeof *value) {
        fail(where(entry), ": its ZIP64 field is ", bytes, " bytes long, too short");
      }
      *value = load<uint64_t>(field, 0);
      field.remove_prefix(sizeof *value);
    }
    return;
  }
}

void ZipArchive::locate_data(Entry& entry, uint64_t header_start) const {
  const std::string_view text = file_->text();
  const std::size_t limit = text.size();
  if (limit < kLocalBytes || header_start > limit - kLocalBytes ||
      load<uint32_t>(text, header_start) != kLocalSignature) {
    fail(where(entry), ": no local header at byte ", header_start, " of ", limit);
  }
  const uint64_t start = header_start + kLocalBytes + load<uint16_t>(text, header_start + 26) +
                         load<uint16_t>(text, header_start + 28);
  if (start > limit || entry.packed > limit - start) {
    fail(where(entry), ": ", entry.packed, " bytes from byte ", start,
         " on, but the file has only ", limit);
  }
  const uint64_t largest =
      entry.method == zip::kDeflated ? entry.packed * kMaxDeflateRatio : entry.packed;
  if ((entry.method == zip::kStored && entry.size != entry.packed) || entry.size > largest) {
    fail(where(entry), ": ", entry.packed, " bytes cannot unpack to ", entry.size);
  }
  entry.start = start;
}

void ZipArchive::check_no_overlap() const {
  std::vector<const Entry*> order;
  for (const Entry& entry : entries_) order.push_back(&entry);
  std::sort(order.begin(), order.end(),
            [](const Entry* a, const Entry* b) { return a->start < b->start; });
  for (std::size_t i = 1; i < order.size(); ++i) {
    const uint64_t end = order[i - 1]->start + order[i - 1]->packed;
    if (order[i]->start < end) {
      fail(where(*order[i]), ": starts at byte ", order[i]->start, ", inside ",
           Json(order[i - 1]->name).dump(), ", which ends at ", end);
    }
  }
}

}  // namespace vqalign
