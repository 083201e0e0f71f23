#include "vqalign/core/formats/onnx_file.h"

#include <array>
#include <set>

#include "vqalign/core/error.h"

namespace vqalign {
namespace {

// Protobuf's wire types.
constexpr uint64_t kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5;
constexpr int kDeepestGraph = 8;

/// A field of a message: a number, or bytes.
struct ProtoField {
  uint64_t id = 0;
  uint64_t type = kVarint;
  uint64_t number = 0;
  std::string_view bytes;
};

/// The fields of one message, one after the other.
class ProtoMessage {
 public:
  ProtoMessage(std::string_view bytes, const std::string& where) : bytes_(bytes), where_(where) {}

  bool next(ProtoField& field) {
    if (at_ == bytes_.size()) return false;
    const uint64_t tag = varint();
    field = {tag >> 3, tag & 7, 0, {}};
    switch (field.type) {
      case kVarint:
        field.number = varint();
        return true;
      case kFixed64:
        field.bytes = take(8);
        return true;
      case kFixed32:
        field.bytes = take(4);
        return true;
      case kBytes:
        field.bytes = take(varint());
        return true;
      default:
        break;
    }
    fail(where_, ": is no ONNX file, or a damaged one: a field has wire type ", field.type,
         ", there is 0, 1, 2 and 5");
  }

  uint64_t varint() {
    uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const auto byte = static_cast<unsigned char>(take(1)[0]);
      value |= uint64_t{byte & 0x7fu} << shift;
      if (byte < 0x80) return value;
    }
    fail(where_, ": is no ONNX file, or a damaged one: a number has more than 10 bytes");
  }

  bool done() const { return at_ == bytes_.size(); }

 private:
  std::string_view take(uint64_t count) {
    if (count > bytes_.size() - at_) {
      fail(where_, ": is no ONNX file, or one cut short: a field asks for ", count, " bytes, ",
           bytes_.size() - at_, " are left");
    }
    const std::string_view taken = bytes_.substr(at_, count);
    at_ += count;
    return taken;
  }

  std::string_view bytes_;
  const std::string& where_;
  std::size_t at_ = 0;
};

/// Bytes of one number in raw_data; 0 where there is no such type, or none of fixed size.
uint64_t raw_size(uint64_t type) {
  constexpr uint64_t kSizes[] = {0, 4, 1, 1, 2, 2, 4, 8, 0, 1, 2, 8, 4, 8, 8, 16, 2};
  return type < std::size(kSizes) ? kSizes[type] : 0;
}

/// What a TensorProto says, and how many numbers it holds.
struct TensorFacts {
  std::vector<uint64_t> dims;
  uint64_t type = 0;
  uint64_t raw_bytes = 0;
  /// How many numbers lie in each of its fields; of use are those that belong to its type.
  std::array<uint64_t, 12> numbers{};
  bool elsewhere = false;
  std::string name;

  /// Where numbers of its type lie when they are not in raw_data: float_data, int32_data, ..
  std::size_t field() const {
    if (type == 1) return 4;
    if (type == 7) return 7;
    if (type == 8) return 6;
    if (type == 11) return 10;
    return type == 12 || type == 13 ? 11 : 5;
  }
};

class OnnxReader {
 public:
  explicit OnnxReader(const std::string& where) : where_(where) {}

  OnnxSummary read(std::string_view bytes) {
    ProtoMessage model(bytes, where_);
    ProtoField field;
    bool graph = false;
    while (model.next(field)) {
      if (field.id != 7 || field.type != kBytes) continue;
      read_graph(field.bytes, 0);
      graph = true;
    }
    if (!graph) fail(where_, ": is no ONNX file: it has no graph");
    std::erase_if(summary_.inputs,
                  [this](const OnnxInput& input) { return weights_.contains(input.name); });
    return std::move(summary_);
  }

 private:
  void read_graph(std::string_view bytes, int depth) {
    if (depth > kDeepestGraph) fail(where_, ": has graphs inside of graphs, too many to follow");
    ProtoMessage graph(bytes, where_);
    ProtoField field;
    while (graph.next(field)) {
      if (field.type != kBytes) continue;
      if (field.id == 1) read_node(field.bytes, depth);
      if (field.id == 5) weights_.insert(checked_tensor(field.bytes));
      if (field.id == 11 && depth == 0) read_input(field.bytes);
    }
  }

  void read_node(std::string_view bytes, int depth) {
    ProtoMessage node(bytes, where_);
    ProtoField field;
    while (node.next(field)) {
      if (field.id != 5 || field.type != kBytes) continue;
      ProtoMessage attribute(field.bytes, where_);
      ProtoField part;
      while (attribute.next(part)) {
        if (part.type != kBytes) continue;
        if (part.id == 5 || part.id == 10) checked_tensor(part.bytes);
        if (part.id == 6 || part.id == 11) read_graph(part.bytes, depth + 1);
      }
    }
  }

  /// ValueInfoProto: its name (1) and, inside of type (2), tensor_type (1), shape (2) and dim (1),
  /// every dim_value (1).
  void read_input(std::string_view bytes) {
    OnnxInput input;
    walk(bytes, 1, [&](const ProtoField& name) { input.name = std::string(name.bytes); });
    walk(bytes, 2, [&](const ProtoField& type) {
      walk(type.bytes, 1, [&](const ProtoField& tensor) {
        walk(tensor.bytes, 2, [&](const ProtoField& shape) {
          walk(shape.bytes, 1, [&](const ProtoField& dim) { input.shape.push_back(size(dim)); });
        });
      });
    });
    summary_.inputs.push_back(std::move(input));
  }

  template <typename Visit>
  void walk(std::string_view bytes, uint64_t id, Visit visit) {
    ProtoMessage message(bytes, where_);
    ProtoField field;
    while (message.next(field)) {
      if (field.id == id && field.type == kBytes) visit(field);
    }
  }

  int64_t size(const ProtoField& dim) {
    ProtoMessage message(dim.bytes, where_);
    ProtoField field;
    int64_t value = 0;
    while (message.next(field)) {
      if (field.id == 1 && field.type == kVarint) value = static_cast<int64_t>(field.number);
    }
    return value;
  }

  uint64_t count_varints(std::string_view bytes) {
    ProtoMessage numbers(bytes, where_);
    uint64_t count = 0;
    for (; !numbers.done(); ++count) numbers.varint();
    return count;
  }

  TensorFacts facts_of(std::string_view bytes) {
    TensorFacts facts;
    ProtoMessage tensor(bytes, where_);
    ProtoField field;
    while (tensor.next(field)) {
      const bool packed = field.type == kBytes;
      switch (field.id) {
        case 1: {
          if (!packed) facts.dims.push_back(field.number);
          ProtoMessage dims(field.bytes, where_);
          while (!dims.done()) facts.dims.push_back(dims.varint());
          break;
        }
        case 2:
          facts.type = field.number;
          break;
        case 4:
          facts.numbers[4] += packed ? field.bytes.size() / 4 : 1;
          break;
        case 6:
          ++facts.numbers[6];
          break;
        case 10:
          facts.numbers[10] += packed ? field.bytes.size() / 8 : 1;
          break;
        case 5:
        case 7:
        case 11:
          facts.numbers[field.id] += packed ? count_varints(field.bytes) : 1;
          break;
        case 8:
          facts.name = std::string(field.bytes);
          break;
        case 9:
          facts.raw_bytes += field.bytes.size();
          break;
        case 13:
          facts.elsewhere = true;
          break;
        default:
          break;
      }
    }
    return facts;
  }

  /// Its name.
  std::string checked_tensor(std::string_view bytes) {
    const TensorFacts facts = facts_of(bytes);
    if (facts.elsewhere)
      fail(where_, ": keeps its weights in other files, it must hold them itself");
    const uint64_t most = bytes.size();  // a number has a byte or more
    uint64_t count = 1;
    for (const uint64_t dim : facts.dims) {
      if (dim != 0 && count > most / dim) refuse(facts, "more than it has bytes");
      count *= dim;
    }
    const uint64_t numbers = facts.numbers[facts.field()];
    if (facts.raw_bytes == 0) {
      if (numbers != count) refuse(facts, concat(numbers, " numbers"));
    } else if (numbers != 0 || facts.raw_bytes != count * raw_size(facts.type)) {
      refuse(facts, concat(facts.raw_bytes, " bytes of type ", facts.type, " and ", numbers,
                           " numbers besides"));
    }
    return facts.name;
  }

  [[noreturn]] void refuse(const TensorFacts& facts, const std::string& found) {
    std::string shape;
    for (const uint64_t dim : facts.dims) {
      shape += concat(shape.empty() ? "" : ", ", static_cast<int64_t>(dim));
    }
    fail(where_, ": a tensor of shape [", shape, "] has ", found);
  }

  const std::string& where_;
  std::set<std::string> weights_;
  OnnxSummary summary_;
};

}  // namespace

OnnxSummary check_onnx(std::string_view bytes, const std::string& where) {
  return OnnxReader(where).read(bytes);
}

}  // namespace vqalign
