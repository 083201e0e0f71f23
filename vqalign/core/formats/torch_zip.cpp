#include <map>

#include "vqalign/core/error.h"
#include "vqalign/core/formats/torch_container.h"
#include "vqalign/core/formats/zip_archive.h"
#include "vqalign/core/json.h"

namespace vqalign {
namespace {

constexpr std::string_view kPickleName = "/data.pkl";

/// The pickle, which lies in a top folder of any name; null when there is none.
const ZipArchive::Entry* find_pickle(const ZipArchive& archive) {
  for (const ZipArchive::Entry& entry : archive.entries()) {
    const std::size_t slash = entry.name.find('/');
    if (slash != std::string::npos && entry.name.substr(slash) == kPickleName) return &entry;
  }
  return nullptr;
}

/// torch.save since 1.6: a ZIP archive of stored members.
class TorchZip : public TorchContainer {
 public:
  explicit TorchZip(const std::filesystem::path& path) : archive_(path) {
    const ZipArchive::Entry* pickle = find_pickle(archive_);
    if (pickle == nullptr) {
      fail(archive_.path(), ": is a ZIP archive, but none of torch.save: it has no */data.pkl");
    }
    for (const ZipArchive::Entry& entry : archive_.entries()) by_name_.emplace(entry.name, &entry);
    const std::string top = pickle->name.substr(0, pickle->name.find('/') + 1);
    check_byte_order(top);
    pickle_ =
        std::make_unique<TorchPickle>(archive_.stored_bytes(*pickle), archive_.where(*pickle));
    root_ = pickle_->read();
    for (const TorchStorage& storage : pickle_->storages()) find_storage(top, storage);
  }

  const TorchPickle& pickle() const override { return *pickle_; }
  PickleValue::Id root() const override { return root_; }
  const std::shared_ptr<MappedFile>& file() const override { return archive_.file(); }
  std::string_view bytes(std::size_t storage) const override {
    return archive_.stored_bytes(*members_[storage]);
  }

 private:
  const ZipArchive::Entry* find(const std::string& name) const {
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? nullptr : found->second;
  }

  void check_byte_order(const std::string& top) const {
    const ZipArchive::Entry* member = find(top + "byteorder");
    if (member == nullptr) return;  // younger than the format
    const std::string order(archive_.stored_bytes(*member).substr(0, 10));
    if (order != "little") {
      fail(archive_.where(*member), ": numbers are of byte order ", Json(order).dump(),
           ", read is \"little\"");
    }
  }

  void find_storage(const std::string& top, const TorchStorage& storage) {
    const std::string name = top + "data/" + std::string(storage.key);
    const ZipArchive::Entry* member = find(name);
    if (member == nullptr) {
      fail(archive_.path(), ": member ", Json(name).dump(), " is missing");
    }
    if (member->size != static_cast<uint64_t>(storage.bytes())) {
      fail(archive_.where(*member), ": has ", member->size, " bytes, its storage takes ",
           storage.bytes());
    }
    members_.push_back(member);
  }

  ZipArchive archive_;
  std::map<std::string_view, const ZipArchive::Entry*> by_name_;
  std::unique_ptr<TorchPickle> pickle_;
  PickleValue::Id root_ = 0;
  std::vector<const ZipArchive::Entry*> members_;
};

}  // namespace

std::unique_ptr<TorchContainer> open_torch_zip(const std::filesystem::path& path) {
  return std::make_unique<TorchZip>(path);
}

bool is_torch_zip(const std::filesystem::path& path) {
  return find_pickle(ZipArchive(path)) != nullptr;
}

}  // namespace vqalign
