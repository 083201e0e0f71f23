#pragma once

#include <QString>
#include <filesystem>

namespace vqalign {

/// The file that a text of Qt's names.
inline std::filesystem::path path_of(const QString& text) {
  return text.toStdString();
}

}  // namespace vqalign
