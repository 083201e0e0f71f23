#include "vqalign/core/formats/zip_writer.h"

#include <zlib.h>

#include <algorithm>

#include "vqalign/core/formats/zip_constants.h"

namespace vqalign {
namespace {

constexpr uint16_t kVersion = 20;
constexpr uint16_t kVersionZip64 = 45;
constexpr uint16_t kFirstDay = (0 << 9) | (1 << 5) | 1;  ///< 1980-01-01
constexpr uint16_t kPaddingField = 'F' | 'B' << 8;
constexpr std::size_t kExtraBytes = 4;
constexpr uint16_t kUtf8Names = 1 << 11;

/// Little-endian fields of a ZIP record, one after the other.
class Record {
 public:
  Record& u16(uint64_t value) { return put(value, 2); }
  Record& u32(uint64_t value) { return put(value, 4); }
  Record& u64(uint64_t value) { return put(value, 8); }
  const std::string& text() const { return text_; }

 private:
  Record& put(uint64_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) text_ += static_cast<char>(value >> (8 * i));
    return *this;
  }
  std::string text_;
};

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c & 0x80) == 0; });
}

}  // namespace

void ZipWriter::write(std::string_view bytes) {
  file_.write(bytes);
  written_ += bytes.size();
}

std::string ZipWriter::header(const Member& member, bool central) const {
  const bool wide_size = member.size >= wide_from_;
  const bool wide_start = central && member.start >= wide_from_;
  Record extra;
  if (wide_size || wide_start) {
    extra.u16(1).u16((wide_size ? 16 : 0) + (wide_start ? 8 : 0));
    if (wide_size) extra.u64(member.size).u64(member.size);
    if (wide_start) extra.u64(member.start);
  }
  const uint16_t version = extra.text().empty() ? kVersion : kVersionZip64;
  const uint64_t size = wide_size ? zip::kWide32 : member.size;
  Record record;
  record.u32(central ? 0x02014b50 : 0x04034b50);
  if (central) record.u16(version);
  record.u16(version).u16(is_ascii(member.name) ? 0 : kUtf8Names).u16(0).u16(0).u16(kFirstDay);
  record.u32(member.crc).u32(size).u32(size);
  const std::string padding = central ? "" : member.padding;
  record.u16(member.name.size()).u16(extra.text().size() + padding.size());
  if (central) record.u16(0).u16(0).u16(0).u32(0).u32(wide_start ? zip::kWide32 : member.start);
  return record.text() + member.name + extra.text() + padding;
}

void ZipWriter::add(const std::string& name, const std::vector<std::string_view>& parts,
                    std::size_t alignment) {
  Member member{.name = name, .start = written_};
  uLong crc = 0;
  for (const std::string_view part : parts) {
    if (part.empty()) continue;  // zlib takes a null pointer for a reset.
    member.size += part.size();
    crc = ::crc32_z(crc, reinterpret_cast<const Bytef*>(part.data()), part.size());
  }
  member.crc = static_cast<uint32_t>(crc);
  const std::size_t unpadded = written_ + header(member, false).size();
  if (unpadded % alignment != 0) {
    // The field's own four bytes may be more than what is missing to the next multiple.
    const std::size_t missing = alignment - (unpadded + kExtraBytes) % alignment;
    member.padding = Record().u16(kPaddingField).u16(missing % alignment).text();
    member.padding.append(missing % alignment, '\0');
  }
  write(header(member, false));
  for (const std::string_view part : parts) write(part);
  members_.push_back(std::move(member));
}

void ZipWriter::finish() {
  const uint64_t start = written_;
  for (const Member& member : members_) write(header(member, true));
  const uint64_t bytes = written_ - start;
  const uint64_t end = written_;
  const uint64_t count = members_.size();
  const bool wide = start >= wide_from_ || bytes >= wide_from_ || count >= zip::kWide16;
  if (wide) {
    Record record;
    record.u32(0x06064b50).u64(44).u16(kVersionZip64).u16(kVersionZip64).u32(0).u32(0);
    record.u64(count).u64(count).u64(bytes).u64(start);
    record.u32(0x07064b50).u32(0).u64(end).u32(1);
    write(record.text());
  }
  const uint64_t count16 = wide ? zip::kWide16 : count;
  Record record;
  record.u32(0x06054b50).u16(0).u16(0).u16(count16).u16(count16);
  record.u32(wide ? zip::kWide32 : bytes).u32(wide ? zip::kWide32 : start).u16(0);
  write(record.text());
}

}  // namespace vqalign
