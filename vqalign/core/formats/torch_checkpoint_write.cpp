#include <torch/types.h>

#include <algorithm>
#include <cstring>

#include "vqalign/core/atomic_file.h"
#include "vqalign/core/error.h"
#include "vqalign/core/formats/torch_checkpoint.h"
#include "vqalign/core/formats/torch_pickle.h"
#include "vqalign/core/formats/zip_writer.h"

namespace vqalign {
namespace {

/// As torch.save aligns what it writes, so that files can be mapped.
constexpr std::size_t kStorageAlignment = 64;

/// Pickles, protocol 2, without a memo: what stands there twice is written twice.
class PickleWriter {
 public:
  void byte(uint8_t value) { text_ += static_cast<char>(value); }
  void raw(std::string_view bytes) { text_ += bytes; }

  void text(std::string_view value) {
    byte('X');
    little_endian(static_cast<uint32_t>(value.size()));
    raw(value);
  }
  void integer(int64_t value) {
    if (value == static_cast<int32_t>(value)) {
      byte('J');
      return little_endian(static_cast<int32_t>(value));
    }
    byte(0x8a);  // LONG1, eight bytes
    byte(sizeof value);
    little_endian(value);
  }
  void real(double value) {
    char digits[sizeof value];
    std::memcpy(digits, &value, sizeof value);
    std::reverse(digits, digits + sizeof value);
    byte('G');
    raw({digits, sizeof value});
  }
  void truth(bool value) { byte(value ? 0x88 : 0x89); }
  void none() { byte('N'); }
  void global(std::string_view module, std::string_view name) {
    byte('c');
    raw(module);
    byte('\n');
    raw(name);
    byte('\n');
  }
  void integers(at::IntArrayRef values) {
    byte('(');
    for (const int64_t value : values) integer(value);
    byte('t');
  }
  void ordered_dict() {
    global("collections", "OrderedDict");
    raw(")R");
  }
  void json(const Json& value);
  void object(const Json::Object& members);
  void tensor(const torch::Tensor& tensor, std::size_t key);

  const std::string& bytes() const { return text_; }

 private:
  template <typename Number>
  void little_endian(Number value) {
    raw({reinterpret_cast<const char*>(&value), sizeof value});
  }

  std::string text_;
};

void PickleWriter::json(const Json& value) {
  if (value.is_null()) return none();
  if (value.is_bool()) return truth(value.as_bool());
  if (value.is_int()) return integer(value.as_int());
  if (value.is_number()) return real(value.as_double());
  if (value.is_string()) return text(value.as_string());
  if (value.is_object()) return object(value.as_object());
  raw("](");
  for (const Json& item : value.as_array()) json(item);
  byte('e');
}

void PickleWriter::object(const Json::Object& members) {
  raw("}(");
  for (const auto& [key, value] : members) {
    text(key);
    json(value);
  }
  byte('u');
}

/// _rebuild_tensor_v2(storage, offset, size, stride, requires_grad, hooks); the storage is the
/// persistent id ("storage", its class, key, where it was, numbers).
void PickleWriter::tensor(const torch::Tensor& tensor, std::size_t key) {
  global("torch._utils", "_rebuild_tensor_v2");
  raw("((");
  text("storage");
  global("torch", torch_storage_name(tensor.scalar_type()));
  text(std::to_string(key));
  text("cpu");
  integer(tensor.numel());
  raw("tQ");
  integer(0);
  integers(tensor.sizes());
  integers(tensor.strides());
  truth(false);
  ordered_dict();
  raw("tR");
}

std::string pickle_of(const NamedTensors& tensors, const std::vector<torch::Tensor>& plain,
                      const Json::Object& others) {
  PickleWriter pickle;
  pickle.raw("\x80\x02}(");
  pickle.text("state_dict");
  pickle.ordered_dict();
  pickle.byte('(');
  for (std::size_t i = 0; i < plain.size(); ++i) {
    pickle.text(tensors[i].first);
    pickle.tensor(plain[i], i);
  }
  pickle.byte('u');
  for (const auto& [key, value] : others) {
    pickle.text(key);
    pickle.json(value);
  }
  pickle.raw("u.");
  return pickle.bytes();
}

}  // namespace

void write_torch_checkpoint(const std::filesystem::path& path, const NamedTensors& tensors,
                            const Json::Object& others) {
  std::vector<torch::Tensor> plain;
  for (const auto& [name, tensor] : tensors) {
    plain.push_back(tensor.detach().to(torch::kCPU).contiguous());
  }
  AtomicFile file(path);
  ZipWriter zip(file);
  const std::string pickle = pickle_of(tensors, plain, others);
  zip.add("archive/data.pkl", {pickle}, kStorageAlignment);
  zip.add("archive/byteorder", {"little"}, kStorageAlignment);
  for (std::size_t i = 0; i < plain.size(); ++i) {
    const std::string_view bytes(static_cast<const char*>(plain[i].const_data_ptr()),
                                 plain[i].nbytes());
    zip.add("archive/data/" + std::to_string(i), {bytes}, kStorageAlignment);
  }
  zip.add("archive/version", {"3\n"}, kStorageAlignment);
  zip.finish();
  file.commit();
}

}  // namespace vqalign
