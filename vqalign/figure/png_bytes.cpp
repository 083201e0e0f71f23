#include "vqalign/figure/png_bytes.h"

#include <QBuffer>
#include <string_view>

#include "vqalign/core/atomic_file.h"
#include "vqalign/core/error.h"

namespace vqalign {

QByteArray png_bytes(const QImage& image) {
  QBuffer buffer;
  buffer.open(QIODevice::WriteOnly);
  if (!image.save(&buffer, "PNG")) fail("the picture cannot be encoded as PNG");
  return buffer.data();
}

void write_bytes(const std::filesystem::path& path, const QByteArray& bytes) {
  write_file_atomic(path, std::string_view(bytes.constData(), std::size_t(bytes.size())));
}

}  // namespace vqalign
