#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "vqalign/core/formats/mapped_file.h"
#include "vqalign/core/formats/torch_pickle.h"

namespace vqalign {

/// First bytes of torch.save's format before 1.6: a pickle of the number 0x1950a86a20f9469cfc6c.
inline constexpr std::string_view kTorchMagic(
    "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19\x2e", 15);

/// A file of torch.save taken apart: one pickle, and where the bytes of its storages lie.
class TorchContainer {
 public:
  virtual ~TorchContainer() = default;
  virtual const TorchPickle& pickle() const = 0;
  virtual PickleValue::Id root() const = 0;
  /// As many bytes as the storage of that number takes, in the map of file(). Error when they are
  /// damaged, as far as the format tells.
  virtual std::string_view bytes(std::size_t storage) const = 0;
  virtual const std::shared_ptr<MappedFile>& file() const = 0;
};

/// Error naming the file and the place when it is cut short, damaged or of big-endian
/// numbers, when a storage is missing or of another size than the pickle says.
std::unique_ptr<TorchContainer> open_torch_zip(const std::filesystem::path& path);
std::unique_ptr<TorchContainer> open_torch_legacy(const std::string& path,
                                                  std::shared_ptr<MappedFile> file);

/// Whether this is a ZIP archive as torch.save writes them. Error when it is no sound ZIP archive.
bool is_torch_zip(const std::filesystem::path& path);

}  // namespace vqalign
