#pragma once

#include <QString>
#include <QStringList>
#include <filesystem>
#include <vector>

namespace vqalign {

/// A ready picture with questions about it.
struct Example {
  std::filesystem::path picture;
  QStringList questions;
};

/// Those of a folder's examples.json, {"examples": [{"picture": "a.png", "questions": ["..."]}]};
/// none where the folder is empty or has no such file. Error when the file is not of this form.
std::vector<Example> read_examples(const std::filesystem::path& folder);

}  // namespace vqalign
