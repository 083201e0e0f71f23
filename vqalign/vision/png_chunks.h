#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace vqalign {

/// A PNG without the chunks that do not decide its pixels: text, times, colour profiles, gamma. The
/// decoder tells of faults in these on stderr, though the picture is fine. `bytes` is a complete
/// PNG (picture_header.h). Error naming the file when a chunk that decides them is missing, does
/// not fit the picture or is unknown.
std::string essential_png(std::string_view bytes, const std::filesystem::path& path);

}  // namespace vqalign
