#include "vqalign/figure/file_hash.h"

#include <QCryptographicHash>
#include <fstream>
#include <vector>

#include "vqalign/core/error.h"

namespace vqalign {

std::string file_sha256(const std::filesystem::path& path) {
  constexpr std::size_t kBlock = std::size_t{1} << 20;
  std::ifstream file(path, std::ios::binary);
  if (!file) fail(path.string(), ": cannot be opened");
  QCryptographicHash hash(QCryptographicHash::Sha256);
  std::vector<char> block(kBlock);
  while (file) {
    file.read(block.data(), static_cast<std::streamsize>(block.size()));
    hash.addData(QByteArrayView(block.data(), static_cast<qsizetype>(file.gcount())));
  }
  if (!file.eof()) fail(path.string(), ": cannot be read");
  return hash.result().toHex().toStdString();
}

}  // namespace vqalign
