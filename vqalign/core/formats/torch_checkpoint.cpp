#include "vqalign/core/formats/torch_checkpoint.h"

#include <torch/types.h>

#include <algorithm>
#include <cstring>
#include <set>

#include "vqalign/core/error.h"
#include "vqalign/core/formats/torch_container.h"

namespace vqalign {
namespace {

using Kind = PickleValue::Kind;

/// How many elements of its storage a view reaches over; 0 for none.
int64_t reach(const TorchView& view) {
  int64_t last = 0;
  for (std::size_t i = 0; i < view.sizes.size(); ++i) {
    if (view.sizes[i] == 0) return 0;
    last += (view.sizes[i] - 1) * view.strides[i];
  }
  return last + 1;
}

void check_truth_values(std::string_view bytes, const std::string& where) {
  const auto bad = std::find_if(bytes.begin(), bytes.end(), [](char byte) { return byte & ~1; });
  if (bad != bytes.end()) {
    fail(where, ": holds a truth value that is neither 0 nor 1");
  }
}

torch::Tensor tensor_of(const TorchView& view, c10::ScalarType type, std::string_view storage,
                        const std::shared_ptr<MappedFile>& file, const std::string& where) {
  const auto options = torch::TensorOptions().dtype(type);
  const int64_t numbers = reach(view);
  if (numbers == 0) return torch::empty(view.sizes, options);
  const auto width = c10::elementSize(type);
  const std::string_view bytes = storage.substr(view.offset * width, numbers * width);
  if (type == torch::kBool) check_truth_values(bytes, where);
  const bool aligned = reinterpret_cast<std::uintptr_t>(bytes.data()) % width == 0;
  torch::Tensor flat;
  if (aligned) {
    // The map is private: writing to it is allowed and changes no file.
    flat = torch::from_blob(
        const_cast<char*>(bytes.data()), {numbers}, [file](void*) {}, options);
  } else {
    flat = torch::empty({numbers}, options);
    std::memcpy(flat.data_ptr(), bytes.data(), bytes.size());
  }
  return flat.as_strided(view.sizes, view.strides);
}

}  // namespace

TorchCheckpoint::TorchCheckpoint(const std::filesystem::path& path) : path_(path.string()) {
  const std::shared_ptr<MappedFile> file = MappedFile::open(path);
  legacy_ = file->text().starts_with(kTorchMagic);
  if (!legacy_ && !file->text().starts_with("PK")) {
    fail(path_, ": is no file of torch.save: it begins with neither a ZIP archive's \"PK\" nor ",
         "the old format's number");
  }
  container_ = legacy_ ? open_torch_legacy(path_, file) : open_torch_zip(path);
}

TorchCheckpoint::~TorchCheckpoint() = default;
TorchCheckpoint::TorchCheckpoint(TorchCheckpoint&&) noexcept = default;

const PickleValue& TorchCheckpoint::root() const {
  return at(container_->root());
}

const PickleValue& TorchCheckpoint::at(PickleValue::Id id) const {
  return container_->pickle().at(id);
}

const PickleValue* TorchCheckpoint::find(std::string_view key) const {
  return container_->pickle().find(root(), key);
}

bool TorchCheckpoint::is_tensor(const PickleValue& value) const {
  return container_->pickle().tensor(value) != nullptr;
}

NamedTensors TorchCheckpoint::tensors(const PickleValue& dict) const {
  if (dict.kind != Kind::kDict) {
    fail(path_, ": expected a dict of tensors, found ", kind_name(dict.kind));
  }
  const std::vector<TorchStorage>& storages = container_->pickle().storages();
  // Each is checked once, however many tensors are views of it.
  std::vector<std::string_view> bytes(storages.size());
  std::set<std::string> names;
  NamedTensors tensors;
  for (std::size_t i = 0; i + 1 < dict.parts.size(); i += 2) {
    const PickleValue& key = at(dict.parts[i]);
    const PickleValue& value = at(dict.parts[i + 1]);
    if (key.kind != Kind::kText) fail(path_, ": a tensor's name is ", kind_name(key.kind));
    const std::string name(key.text);
    const std::string where = path_ + ": tensor " + Json(name).dump();
    if (!names.insert(name).second) fail(where, ": is there twice");
    const TorchView* view = container_->pickle().tensor(value);
    if (view == nullptr) fail(where, ": is ", kind_name(value.kind), ", no tensor");
    std::string_view& storage = bytes[view->storage];
    if (storage.data() == nullptr) storage = container_->bytes(view->storage);
    tensors.emplace_back(
        name, tensor_of(*view, storages[view->storage].type, storage, container_->file(), where));
  }
  return tensors;
}

bool is_torch_checkpoint(const std::filesystem::path& path) {
  const std::shared_ptr<MappedFile> file = MappedFile::open(path);
  if (file->text().starts_with(kTorchMagic)) return true;
  return file->text().starts_with("PK") && is_torch_zip(path);
}

}  // namespace vqalign
