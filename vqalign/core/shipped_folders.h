#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace vqalign {

/// Folders that hold models/, examples/ and .deps/ of this project, first those beside the program
/// (installed: ../share/vqalign; in a build: ../../..), then the source tree and the folder it was
/// configured to be installed in. Some of them may not exist.
std::vector<std::filesystem::path> shipped_folders();

/// Where weights of pretrained encoders are looked for: the folder that the environment variable
/// VQALIGN_PRETRAINED names, if it is set, then .deps/pretrained of shipped_folders(), which
/// scripts/setup --pretrained fills. Only those that exist, each once; Error naming the variable
/// where what it names is no folder.
std::vector<std::filesystem::path> pretrained_folders();

/// The weights of a pretrained encoder, the first `file` in pretrained_folders(); Error when they
/// are nowhere, and as there.
std::filesystem::path pretrained_weights(const std::string& encoder, const std::string& file);

}  // namespace vqalign
