// Where the weights are that a slim model file leaves out.
#include <algorithm>
#include <system_error>

#include "vqalign/core/digest.h"
#include "vqalign/core/error.h"
#include "vqalign/core/shipped_folders.h"
#include "vqalign/fusion/left_out.h"
#include "vqalign/vision/encoder_names.h"

namespace vqalign {
namespace {

namespace fs = std::filesystem;

/// Regular files of that size in a folder and in so many levels of folders below, by name.
std::vector<fs::path> files_of_size(const fs::path& folder, int64_t bytes, int levels) {
  std::vector<fs::path> files;
  std::error_code failed;
  for (fs::directory_iterator at(folder, failed), end; !failed && at != end; at.increment(failed)) {
    std::error_code unknown;
    if (levels > 0 && at->is_directory(unknown)) {
      const std::vector<fs::path> inner = files_of_size(at->path(), bytes, levels - 1);
      files.insert(files.end(), inner.begin(), inner.end());
      continue;
    }
    if (!at->is_regular_file(unknown)) continue;
    const uintmax_t size = at->file_size(unknown);
    if (!unknown && size == static_cast<uintmax_t>(bytes)) files.push_back(at->path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

/// What a file of weights may be: of that size, where the user or scripts/setup put such.
std::vector<fs::path> candidates(int64_t bytes, const fs::path& asking) {
  std::error_code ignored;
  const fs::path own = fs::absolute(asking, ignored).lexically_normal();
  std::vector<fs::path> files;
  for (const fs::path& folder : pretrained_folders()) {
    const std::vector<fs::path> there = files_of_size(folder, bytes, /*levels=*/1);
    files.insert(files.end(), there.begin(), there.end());
  }
  for (const fs::path& file : files_of_size(own.parent_path(), bytes, /*levels=*/0)) {
    if (file != own) files.push_back(file);
  }
  return files;
}

/// The file that bears the usual name, where there is one.
fs::path usual_file(const EncoderPart& part) {
  if (part.usual_file.empty()) return {};
  try {
    return pretrained_weights(part.encoder, part.usual_file);
  } catch (const Error&) {
    return {};
  }
}

/// Whether scripts/setup does not fetch them.
bool is_a_users_own(const EncoderPart& part) {
  return part.is_detector() || (part.name == "vision" && !weights_are_fetched(part.encoder));
}

/// Of a file that is not the one; what cannot be read has none.
std::string hash_or_reason(const fs::path& file) {
  try {
    return "has SHA-256 " + file_sha256(file);
  } catch (const Error&) {
    return "cannot be read";
  }
}

}  // namespace

fs::path find_weights(const LeftOut& left_out, const fs::path& asking) {
  fs::path other;
  for (const fs::path& file : candidates(left_out.bytes, asking)) {
    try {
      if (file_sha256(file) == left_out.sha256) return file;
    } catch (const Error&) {
      // Closed to us: as good as not there.
    }
    if (other.empty()) other = file;
  }
  if (other.empty()) other = usual_file(left_out.part);
  const std::string needed =
      concat(asking.string(), ": is slim and needs the weights of ", left_out.part.encoder, " (",
             left_out.file, ", SHA-256 ", left_out.sha256, "), ");
  const std::string own =
      "beside the model or in the folder that VQALIGN_PRETRAINED names they are found too";
  throw Error(other.empty() ? needed + "which are not there"
                            : concat(needed, "but ", other.string(), " ", hash_or_reason(other)),
              is_a_users_own(left_out.part) ? concat("put ", left_out.file, " back: ", own)
                                            : "scripts/setup --pretrained installs them; " + own);
}

}  // namespace vqalign
