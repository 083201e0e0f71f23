#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "vqalign/core/formats/named_tensors.h"
#include "vqalign/core/formats/pickle.h"
#include "vqalign/core/json.h"

namespace vqalign {

class TorchContainer;

/// A file of Python's torch.save, in its ZIP format or in the one before 1.6, read without running
/// anything it holds: see TorchPickle for what it may name.
///
///     const TorchCheckpoint checkpoint("epoch13.pkl");
///     const PickleValue* weights = checkpoint.find("state_dict");
///     for (const auto& [name, tensor] : checkpoint.tensors(*weights)) ..
///
/// Opening maps the file and checks every size and place against it; no number is read before
/// tensors() is called.
class TorchCheckpoint {
 public:
  /// Error naming the file, the place and both values: missing, cut short, damaged, no file of
  /// torch.save, of another byte order, a global that is not on the list, a tensor that leaves its
  /// storage, a storage that is missing or of another size.
  explicit TorchCheckpoint(const std::filesystem::path& path);
  ~TorchCheckpoint();
  TorchCheckpoint(TorchCheckpoint&&) noexcept;

  const std::string& path() const { return path_; }
  bool is_legacy() const { return legacy_; }

  /// What was saved, and parts of it.
  const PickleValue& root() const;
  const PickleValue& at(PickleValue::Id id) const;
  /// The root's value of that name; null when it is no dict or has none.
  const PickleValue* find(std::string_view key) const;
  bool is_tensor(const PickleValue& value) const;

  /// The tensors of a dict, in its order. They share the map (copy-on-write, private) and keep it
  /// alive; what lies unaligned there (the old format aligns nothing) is copied. Error when a key
  /// is no text, a value no tensor, a name is there twice, a truth value neither 0 nor 1, or the
  /// bytes are damaged, which the ZIP format tells by checksum.
  NamedTensors tensors(const PickleValue& dict) const;

 private:
  std::string path_;
  bool legacy_ = false;
  std::unique_ptr<TorchContainer> container_;
};

/// Whether the file is one of torch.save, by its first bytes and, for a ZIP archive, its members.
/// Error when it cannot be read or is a damaged ZIP archive.
bool is_torch_checkpoint(const std::filesystem::path& path);

/// Writes {"state_dict": OrderedDict of the tensors, ..members of `others`..} in the ZIP format, as
/// Python's torch.load takes it, weights_only or not. Atomic; the same content gives the same
/// bytes. Tensors are made contiguous and moved to the CPU; types as TorchPickle knows them.
void write_torch_checkpoint(const std::filesystem::path& path, const NamedTensors& tensors,
                            const Json::Object& others);

}  // namespace vqalign
