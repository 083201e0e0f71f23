#include <cstring>
#include <map>

#include "vqalign/core/error.h"
#include "vqalign/core/formats/torch_container.h"
#include "vqalign/core/json.h"

namespace vqalign {
namespace {

using Kind = PickleValue::Kind;

constexpr int64_t kLegacyProtocol = 1001;

/// torch.save before 1.6: five pickles (magic number, protocol, about the system, the object, the
/// keys of its storages), then each storage: how many numbers, and these.
class TorchLegacy : public TorchContainer {
 public:
  /// `file` begins with torch.save's number.
  TorchLegacy(const std::string& path, std::shared_ptr<MappedFile> file)
      : path_(path), file_(std::move(file)) {
    std::size_t at = check_header(kTorchMagic.size());
    pickle_ = std::make_unique<TorchPickle>(file_->text(), path_ + ": object", at);
    root_ = pickle_->read();
    read_storages(pickle_->position());
  }

  const TorchPickle& pickle() const override { return *pickle_; }
  PickleValue::Id root() const override { return root_; }
  const std::shared_ptr<MappedFile>& file() const override { return file_; }
  std::string_view bytes(std::size_t storage) const override { return bytes_[storage]; }

 private:
  std::size_t check_header(std::size_t start) const {
    TorchPickle header(file_->text(), path_ + ": header", start);
    const PickleValue& protocol = header.at(header.read());
    if (protocol.kind != Kind::kInt || protocol.number != kLegacyProtocol) {
      fail(path_, ": header: protocol is ", kind_name(protocol.kind), " of value ", protocol.number,
           ", read is ", kLegacyProtocol);
    }
    const PickleValue& system = header.at(header.read());
    const PickleValue* little = header.find(system, "little_endian");
    if (little == nullptr || little->kind != Kind::kBool) {
      fail(path_, ": header: does not tell the byte order");
    }
    if (little->number == 0) fail(path_, ": numbers are big-endian, read are little-endian ones");
    return header.position();
  }

  void read_storages(std::size_t start) {
    TorchPickle list(file_->text(), path_ + ": storages", start);
    const PickleValue& keys = list.at(list.read());
    if (keys.kind != Kind::kList) {
      fail(path_, ": storages: their keys are ", kind_name(keys.kind), ", expected a list");
    }
    const std::vector<TorchStorage>& storages = pickle_->storages();
    std::map<std::string_view, std::size_t> places;
    for (std::size_t i = 0; i < storages.size(); ++i) places.emplace(storages[i].key, i);
    bytes_.resize(storages.size());
    std::vector<bool> found(storages.size());
    std::size_t at = list.position();
    for (const PickleValue::Id id : keys.parts) {
      const PickleValue& key = list.at(id);
      const auto place = places.find(key.text);
      if (key.kind != Kind::kText || place == places.end() || found[place->second]) {
        fail(path_, ": storages: key ", quoted(key.text), " is ",
             place == places.end() ? "of no tensor" : "there twice");
      }
      found[place->second] = true;
      bytes_[place->second] = take_storage(storages[place->second], at);
    }
    for (std::size_t i = 0; i < storages.size(); ++i) {
      if (!found[i]) fail(path_, ": storage ", quoted(storages[i].key), " is missing");
    }
  }

  std::string_view take_storage(const TorchStorage& storage, std::size_t& at) const {
    const std::string_view text = file_->text();
    int64_t numel = 0;
    const auto needed = sizeof numel + static_cast<std::size_t>(storage.bytes());
    if (needed > text.size() - at) {
      fail(path_, ": storage ", quoted(storage.key), " takes ", needed, " bytes from byte ", at,
           " on, the file has ", text.size(), ": is it cut short?");
    }
    std::memcpy(&numel, text.data() + at, sizeof numel);
    if (numel != storage.numel) {
      fail(path_, ": storage ", quoted(storage.key), " at byte ", at, " has ", numel,
           " numbers, its tensors ask for ", storage.numel);
    }
    const std::string_view bytes = text.substr(at + sizeof numel, needed - sizeof numel);
    at += needed;
    return bytes;
  }

  static std::string quoted(std::string_view text) {
    return Json(std::string(text.substr(0, 100))).dump();
  }

  std::string path_;
  std::shared_ptr<MappedFile> file_;
  std::unique_ptr<TorchPickle> pickle_;
  PickleValue::Id root_ = 0;
  std::vector<std::string_view> bytes_;
};

}  // namespace

std::unique_ptr<TorchContainer> open_torch_legacy(const std::string& path,
                                                  std::shared_ptr<MappedFile> file) {
  return std::make_unique<TorchLegacy>(path, std::move(file));
}

}  // namespace vqalign
