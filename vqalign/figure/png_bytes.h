#pragma once

#include <QByteArray>
#include <QImage>
#include <filesystem>

namespace vqalign {

/// An image as the bytes of a PNG file, text chunks included. Error when it cannot be encoded.
QByteArray png_bytes(const QImage& image);

/// Writes bytes atomically (core/atomic_file.h).
void write_bytes(const std::filesystem::path& path, const QByteArray& bytes);

}  // namespace vqalign
