#pragma once

#include <filesystem>
#include <string>

namespace vqalign {

/// SHA-256 of a file's bytes in hexadecimal, to tell which model a figure came from. Error when the
/// file cannot be read.
std::string file_sha256(const std::filesystem::path& path);

}  // namespace vqalign
