#include "vqalign/core/formats/npz.h"

#include <torch/types.h>

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

#include "vqalign/core/error.h"
#include "vqalign/core/formats/npy_header.h"
#include "vqalign/core/formats/npy_text.h"
#include "vqalign/core/formats/zip_archive.h"
#include "vqalign/core/formats/zip_writer.h"

namespace vqalign {
namespace {

constexpr std::string_view kSuffix = ".npy";
constexpr uint64_t kMaxMemberBytes = uint64_t{16} << 30;
constexpr uint64_t kMaxTextBytes = uint64_t{256} << 20;

struct NumberType {
  char kind;
  int64_t bytes;
  torch::ScalarType type;
};

constexpr std::array<NumberType, 9> kNumberTypes = {{{'f', 2, torch::kFloat16},
                                                     {'f', 4, torch::kFloat32},
                                                     {'f', 8, torch::kFloat64},
                                                     {'i', 1, torch::kInt8},
                                                     {'i', 2, torch::kInt16},
                                                     {'i', 4, torch::kInt32},
                                                     {'i', 8, torch::kInt64},
                                                     {'u', 1, torch::kUInt8},
                                                     {'b', 1, torch::kBool}}};

torch::ScalarType number_type(const NpyHeader& header, const std::string& where) {
  for (const NumberType& type : kNumberTypes) {
    if (type.kind == header.kind && type.bytes == header.item_bytes) return type.type;
  }
  fail(where, ": holds numbers of type ", header.kind, header.item_bytes,
       ", read are f2 f4 f8 i1 i2 i4 i8 u1 b1");
}

NpyHeader read_header(ZipMember& member, const std::string& where) {
  std::string text(kNpyPreambleBytes, '\0');
  member.read(text.data(), text.size());
  std::size_t text_start = 0;
  const std::size_t whole = npy_header_bytes(text, text_start, where);
  // Version 1.0's shorter preamble leaves at least the "{}" of its text in these bytes.
  if (whole < kNpyPreambleBytes) fail(where, ": its .npy header is too short");
  text.resize(whole);
  member.read(text.data() + kNpyPreambleBytes, whole - kNpyPreambleBytes);
  return parse_npy_header(std::string_view(text).substr(text_start), where);
}

void swap_bytes(char* data, int64_t items, int64_t item_bytes) {
  for (char* item = data; items > 0; --items, item += item_bytes) {
    std::reverse(item, item + item_bytes);
  }
}

torch::Tensor allocate(int64_t items, torch::ScalarType type, const std::string& where) {
  try {
    return torch::empty({items}, type);
  } catch (const c10::Error&) {
    fail(where, ": no memory for its ", items, " numbers");
  }
}

torch::Tensor read_numbers(ZipMember& member, const NpyHeader& header, const std::string& where) {
  torch::Tensor flat = allocate(header.items(), number_type(header, where), where);
  char* data = static_cast<char*>(flat.mutable_data_ptr());
  member.read(data, flat.nbytes());
  if (header.byte_order == '>') swap_bytes(data, header.items(), header.item_bytes);
  if (header.kind == 'b' &&
      std::any_of(data, data + flat.nbytes(), [](char byte) { return (byte & ~1) != 0; })) {
    fail(where, ": holds a truth value that is neither 0 nor 1");
  }
  if (!header.fortran_order) return flat.view(header.shape);
  std::vector<int64_t> stored_shape(header.shape.rbegin(), header.shape.rend());
  std::vector<int64_t> axes;
  for (std::size_t i = header.shape.size(); i-- > 0;) axes.push_back(static_cast<int64_t>(i));
  return flat.view(stored_shape).permute(axes).contiguous();
}

std::vector<std::string> read_text(ZipMember& member, const NpyHeader& header,
                                   const std::string& where) {
  if (header.shape.size() > 1) {
    fail(where, ": is text of rank ", header.shape.size(), ", read are 0 and 1");
  }
  // Empty strings take no bytes, so that their count is bounded by nothing in the file.
  if (header.item_bytes == 0 && header.items() > 0) fail(where, ": holds strings of no length");
  std::string bytes(static_cast<std::size_t>(member.remaining()), '\0');
  member.read(bytes.data(), bytes.size());
  if (header.byte_order == '>') swap_bytes(bytes.data(), bytes.size() / 4, 4);
  return utf8_from_fixed_width(bytes, static_cast<std::size_t>(header.item_bytes), where);
}

/// False when the member is a pickle.
bool read_member(ZipMember& member, NpzArray& array, const std::string& where) {
  const NpyHeader header = read_header(member, where);
  if (header.kind == 'O') return false;
  const auto needed = static_cast<uint64_t>(header.items() * header.item_bytes);
  if (needed != member.remaining()) {
    fail(where, ": its shape takes ", needed, " bytes, it holds ", member.remaining());
  }
  const uint64_t allowed = header.kind == 'U' ? kMaxTextBytes : kMaxMemberBytes;
  if (needed > allowed) fail(where, ": takes ", needed, " bytes, allowed are ", allowed);
  if (header.kind == 'U') {
    array.strings = read_text(member, header, where);
  } else {
    array.tensor = read_numbers(member, header, where);
  }
  return true;
}

std::string type_text(const NpzArray& array) {
  for (const NumberType& type : kNumberTypes) {
    if (type.type != array.tensor.scalar_type()) continue;
    return concat(type.bytes > 1 ? '<' : '|', type.kind, type.bytes);
  }
  fail("array ", array.name, ": .npz has no type for ",
       torch::toString(array.tensor.scalar_type()));
}

}  // namespace

std::vector<NpzArray> read_npz(const std::filesystem::path& path) {
  const ZipArchive archive(path);
  std::vector<NpzArray> arrays;
  std::set<std::string> names;
  for (const ZipArchive::Entry& entry : archive.entries()) {
    if (!entry.name.ends_with(kSuffix)) continue;
    const std::string where = archive.where(entry);
    if (!names.insert(entry.name).second) fail(where, ": is there twice");
    NpzArray array;
    array.name = entry.name.substr(0, entry.name.size() - kSuffix.size());
    ZipMember member(archive, entry);
    if (read_member(member, array, where)) arrays.push_back(std::move(array));
  }
  return arrays;
}

std::vector<std::pair<std::string, std::vector<int64_t>>> read_npz_shapes(
    const std::filesystem::path& path) {
  const ZipArchive archive(path);
  std::vector<std::pair<std::string, std::vector<int64_t>>> shapes;
  for (const ZipArchive::Entry& entry : archive.entries()) {
    if (!entry.name.ends_with(kSuffix)) continue;
    ZipMember member(archive, entry);
    const NpyHeader header = read_header(member, archive.where(entry));
    if (header.kind == 'O' || header.kind == 'U') continue;
    shapes.emplace_back(entry.name.substr(0, entry.name.size() - kSuffix.size()), header.shape);
  }
  return shapes;
}

void write_npz(const std::filesystem::path& path, const std::vector<NpzArray>& arrays) {
  AtomicFile file(path);
  ZipWriter zip(file);
  for (const NpzArray& array : arrays) {
    const std::string name = array.name + std::string(kSuffix);
    if (!array.tensor.defined()) {
      const FixedWidthText text = fixed_width_from_utf8(array.strings);
      const auto count = static_cast<int64_t>(array.strings.size());
      const std::string type = "<U" + std::to_string(text.width);
      zip.add(name, {format_npy_header(type, {count}), text.bytes});
      continue;
    }
    const torch::Tensor plain = array.tensor.detach().to(torch::kCPU).contiguous();
    const std::string_view bytes(static_cast<const char*>(plain.const_data_ptr()), plain.nbytes());
    zip.add(name, {format_npy_header(type_text(array), plain.sizes().vec()), bytes});
  }
  zip.finish();
  file.commit();
}

}  // namespace vqalign
