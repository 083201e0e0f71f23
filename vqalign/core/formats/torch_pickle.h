#pragma once

#include <c10/core/ScalarType.h>

#include <map>
#include <string>
#include <vector>

#include "vqalign/core/formats/pickle.h"

namespace vqalign {

/// A block of numbers that tensors are views of; its bytes lie outside the pickle.
struct TorchStorage {
  std::string_view key;
  c10::ScalarType type = c10::ScalarType::Float;
  int64_t numel = 0;

  int64_t bytes() const { return numel * static_cast<int64_t>(c10::elementSize(type)); }
};

/// A view of a storage, checked to lie in it and to have no more elements than it.
struct TorchView {
  std::size_t storage = 0;
  int64_t offset = 0;  ///< in elements
  std::vector<int64_t> sizes;
  std::vector<int64_t> strides;
};

/// "FloatStorage" and the like: torch's name for storages of that type. Error when there is none.
std::string_view torch_storage_name(c10::ScalarType type);

/// The pickle inside a file of torch.save. Of what it may name, these are known: OrderedDict,
/// torch._utils' _rebuild_tensor, _rebuild_tensor_v2 and _rebuild_parameter, and the storages of
/// Float, Half, Double, BFloat16, Long, Int, Short, Char, Byte and Bool. Anything else is refused
/// by name; nothing is run. Takes bytes as they come from anywhere.
class TorchPickle : public PickleReader {
 public:
  using PickleReader::PickleReader;

  const std::vector<TorchStorage>& storages() const { return storages_; }
  /// The tensor that a value is; null when it is none.
  const TorchView* tensor(const PickleValue& value) const;

 protected:
  void import(std::string_view module, std::string_view name) override;
  Id call(const PickleValue& callable, Id arguments) override;
  Id persistent(Id id) override;

 private:
  /// A part of a storage that old files treat as one of its own.
  struct Span {
    std::size_t storage = 0;
    int64_t offset = 0;
    int64_t numel = 0;
  };

  Id rebuild_tensor(const PickleValue& arguments);
  void check_inside(const TorchView& view, const Span& span) const;
  std::size_t storage_of(std::string_view key, c10::ScalarType type, int64_t numel);
  Span part_of(const Span& whole, const PickleValue& description) const;
  const PickleValue& argument(const PickleValue& arguments, std::size_t index,
                              PickleValue::Kind kind) const;
  std::vector<int64_t> whole_numbers(const PickleValue& tuple) const;

  std::vector<TorchStorage> storages_;
  std::map<std::string_view, std::size_t> by_key_;
  std::vector<Span> spans_;
  std::vector<TorchView> views_;
};

}  // namespace vqalign
