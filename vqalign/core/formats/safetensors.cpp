#include "vqalign/core/formats/safetensors.h"

#include <torch/types.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

#include "vqalign/core/atomic_file.h"
#include "vqalign/core/error.h"
#include "vqalign/core/formats/mapped_file.h"
#include "vqalign/core/json.h"

namespace vqalign {
namespace {

static_assert(std::endian::native == std::endian::little, "tensors are stored little-endian");

constexpr std::size_t kLengthBytes = 8;
constexpr uint64_t kMaxSafetensorsHeader = 100'000'000;
constexpr std::size_t kDataAlignment = 64;
constexpr std::size_t kMaxStoredRank = 64;
/// Beyond any memory, and far enough from 2^63 that no product below overflows.
constexpr int64_t kMaxElements = int64_t{1} << 48;
constexpr const char* kMetadataKey = "__metadata__";

struct StoredType {
  std::string_view name;
  torch::ScalarType type;
};

constexpr std::array<StoredType, 10> kStoredTypes = {{{"F64", torch::kFloat64},
                                                      {"F32", torch::kFloat32},
                                                      {"F16", torch::kFloat16},
                                                      {"BF16", torch::kBFloat16},
                                                      {"I64", torch::kInt64},
                                                      {"I32", torch::kInt32},
                                                      {"I16", torch::kInt16},
                                                      {"I8", torch::kInt8},
                                                      {"U8", torch::kUInt8},
                                                      {"BOOL", torch::kBool}}};

/// One tensor as the header describes it; `begin` and `end` count from the start of the data.
struct Entry {
  std::string name;
  std::string where;  ///< file and tensor, for messages
  torch::ScalarType type = torch::kFloat32;
  std::vector<int64_t> shape;
  int64_t begin = 0;
  int64_t end = 0;
};

/// In quotes and with control characters escaped, so that a message stays one line.
std::string quoted(const std::string& text) {
  return Json(text).dump();
}

torch::ScalarType parse_type(const Json& value, const std::string& where) {
  const std::string& name = value.as_string(where + ": dtype");
  for (const StoredType& type : kStoredTypes) {
    if (type.name == name) return type.type;
  }
  fail(where, ": dtype ", quoted(name), " is none that this program reads");
}

std::vector<int64_t> parse_shape(const Json& value, const std::string& where) {
  const Json::Array& sizes = value.as_array(where + ": shape");
  if (sizes.size() > kMaxStoredRank) {
    fail(where, ": shape has ", sizes.size(), " dimensions, at most ", kMaxStoredRank, " are read");
  }
  std::vector<int64_t> shape;
  int64_t product = 1;
  for (const Json& size : sizes) {
    const int64_t extent = size.as_int(where + ": shape");
    const int64_t factor = std::max<int64_t>(extent, 1);
    if (extent < 0 || factor > kMaxElements / product) {
      fail(where, ": shape ", value.dump(), " is no possible shape: at most ", kMaxElements,
           " elements, none negative");
    }
    product *= factor;
    shape.push_back(extent);
  }
  return shape;
}

int64_t element_count(const std::vector<int64_t>& shape) {
  int64_t count = 1;
  for (const int64_t extent : shape) count *= extent;
  return count;
}

Entry parse_entry(const std::string& path, const std::string& name, const Json& description,
                  int64_t data_bytes) {
  Entry entry;
  entry.name = name;
  entry.where = path + ": tensor " + quoted(name);
  entry.type = parse_type(description.at("dtype", entry.where), entry.where);
  const Json& shape = description.at("shape", entry.where);
  entry.shape = parse_shape(shape, entry.where);
  const std::string where = entry.where + ": data_offsets";
  const Json& place = description.at("data_offsets", entry.where);
  const Json::Array& offsets = place.as_array(where);
  if (offsets.size() != 2) fail(where, " has ", offsets.size(), " numbers, needed are 2");
  entry.begin = offsets[0].as_int(where);
  entry.end = offsets[1].as_int(where);
  if (entry.begin < 0 || entry.end < entry.begin) fail(where, " ", place.dump(), " is no range");
  if (entry.end > data_bytes) {
    fail(where, " ends at ", entry.end, ", but the file holds ", data_bytes,
         " bytes of data: is it cut short?");
  }
  const int64_t needed =
      element_count(entry.shape) * static_cast<int64_t>(torch::elementSize(entry.type));
  if (needed != entry.end - entry.begin) {
    fail(entry.where, ": shape ", shape.dump(), " takes ", needed, " bytes, its data_offsets ",
         place.dump(), " span ", entry.end - entry.begin);
  }
  return entry;
}

/// The format demands that tensors follow one another without gap or overlap to the file's end.
void check_tiling(const std::string& path, std::vector<Entry> entries, int64_t data_bytes) {
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
  });
  int64_t covered = 0;
  for (const Entry& entry : entries) {
    if (entry.begin != covered) {
      fail(entry.where, ": starts at byte ", entry.begin, " of the data, expected ", covered,
           entry.begin < covered ? ": tensors overlap" : ": there is a gap before it");
    }
    covered = entry.end;
  }
  if (covered != data_bytes) {
    fail(path, ": holds ", data_bytes, " bytes of data, its tensors take ", covered);
  }
}

std::string_view header_text(const std::string& path, const MappedFile& file) {
  if (file.size() < kLengthBytes) {
    fail(path, ": is no safetensors file: ", file.size(), " bytes long, at least ", kLengthBytes,
         " are needed");
  }
  uint64_t length = 0;
  std::memcpy(&length, file.data(), kLengthBytes);
  if (length > kMaxSafetensorsHeader) {
    fail(path, ": is no safetensors file: its header would be ", length, " bytes long, at most ",
         kMaxSafetensorsHeader, " are allowed");
  }
  if (length > file.size() - kLengthBytes) {
    fail(path, ": its header is ", length, " bytes long, but only ", file.size() - kLengthBytes,
         " bytes follow: is it cut short?");
  }
  return file.text().substr(kLengthBytes, length);
}

std::map<std::string, std::string> parse_metadata(const Json& value, const std::string& path) {
  const std::string where = path + ": " + kMetadataKey;
  std::map<std::string, std::string> metadata;
  for (const auto& [key, text] : value.as_object(where)) {
    metadata[key] = text.as_string(where + " " + quoted(key));
  }
  return metadata;
}

torch::Tensor tensor_of(const Entry& entry, const std::shared_ptr<MappedFile>& file, char* data) {
  const auto options = torch::TensorOptions().dtype(entry.type);
  if (entry.begin == entry.end) return torch::empty(entry.shape, options);
  char* start = data + entry.begin;
  if (entry.type == torch::kBool) {
    const auto bytes = static_cast<std::size_t>(entry.end - entry.begin);
    const char* bad = std::find_if(start, start + bytes, [](char byte) { return byte & ~1; });
    if (bad != start + bytes) {
      fail(entry.where, ": byte ", bad - start, " is ", int{static_cast<unsigned char>(*bad)},
           ", a BOOL is 0 or 1");
    }
  }
  torch::Tensor tensor = torch::from_blob(
      start, entry.shape, [file](void*) {}, options);
  // The format does not promise aligned data; ours (and most) is.
  const bool aligned =
      reinterpret_cast<std::uintptr_t>(start) % torch::elementSize(entry.type) == 0;
  if (aligned) return tensor;
  torch::Tensor copy = torch::empty(entry.shape, options);
  std::memcpy(copy.data_ptr(), start, static_cast<std::size_t>(entry.end - entry.begin));
  return copy;
}

std::string_view type_name(const std::string& tensor, torch::ScalarType wanted) {
  for (const StoredType& type : kStoredTypes) {
    if (type.type == wanted) return type.name;
  }
  fail("tensor ", quoted(tensor), ": safetensors has no type for ", torch::toString(wanted));
}

/// Where each tensor's data starts: wider elements first, so that without gaps (which the format
/// forbids) every tensor lies aligned.
std::vector<std::size_t> storage_order(const std::vector<torch::Tensor>& tensors) {
  std::vector<std::size_t> order(tensors.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return tensors[a].element_size() > tensors[b].element_size();
  });
  return order;
}

std::string header_of(const Safetensors& content, const std::vector<torch::Tensor>& tensors,
                      const std::vector<std::size_t>& order) {
  std::vector<Json> places(tensors.size());
  int64_t offset = 0;
  for (const std::size_t index : order) {
    const int64_t end = offset + static_cast<int64_t>(tensors[index].nbytes());
    places[index] = Json::array().push(offset).push(end);
    offset = end;
  }
  Json::Object header;
  if (!content.metadata.empty()) {
    Json metadata = Json::object();
    for (const auto& [key, value] : content.metadata) metadata.set(key, value);
    header.emplace_back(kMetadataKey, std::move(metadata));
  }
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const std::string& name = content.tensors[i].first;
    Json shape = Json::array();
    for (const int64_t extent : tensors[i].sizes()) shape.push(extent);
    Json description = Json::object();
    description.set("dtype", std::string(type_name(name, tensors[i].scalar_type())));
    description.set("shape", std::move(shape));
    description.set("data_offsets", std::move(places[i]));
    header.emplace_back(name, std::move(description));
  }
  std::string text = Json(std::move(header)).dump();
  const std::size_t unaligned = (kLengthBytes + text.size()) % kDataAlignment;
  if (unaligned != 0) text.append(kDataAlignment - unaligned, ' ');
  return text;
}

}  // namespace

Safetensors read_safetensors(const std::filesystem::path& path) {
  const std::string name = path.string();
  const std::shared_ptr<MappedFile> file = MappedFile::open(path);
  const std::string_view text = header_text(name, *file);
  const std::size_t data_start = kLengthBytes + text.size();
  const auto data_bytes = static_cast<int64_t>(file->size() - data_start);

  const Json header = Json::parse(text, name + ": header");
  Safetensors content;
  std::vector<Entry> entries;
  for (const auto& [key, value] : header.as_object(name + ": header")) {
    if (key == kMetadataKey) {
      content.metadata = parse_metadata(value, name);
    } else {
      entries.push_back(parse_entry(name, key, value, data_bytes));
    }
  }
  check_tiling(name, entries, data_bytes);
  for (const Entry& entry : entries) {
    content.tensors.emplace_back(entry.name, tensor_of(entry, file, file->data() + data_start));
  }
  return content;
}

void write_safetensors(const std::filesystem::path& path, const Safetensors& content) {
  std::vector<torch::Tensor> tensors;
  for (const auto& [name, tensor] : content.tensors) {
    tensors.push_back(tensor.detach().to(torch::kCPU).contiguous());
  }
  const std::vector<std::size_t> order = storage_order(tensors);
  const std::string header = header_of(content, tensors, order);
  const uint64_t length = header.size();
  AtomicFile file(path);
  file.write(&length, kLengthBytes);
  file.write(header);
  for (const std::size_t index : order) {
    file.write(tensors[index].data_ptr(), tensors[index].nbytes());
  }
  file.commit();
}

}  // namespace vqalign
