#include "vqalign/inspect/photo_models.h"

#include <algorithm>
#include <optional>
#include <system_error>

#include "vqalign/core/error.h"
#include "vqalign/core/json.h"
#include "vqalign/core/shipped_folders.h"
#include "vqalign/fusion/model_file.h"

namespace vqalign {
namespace {

namespace fs = std::filesystem;

/// Somebody's folder of downloads must not hold up the start.
constexpr std::size_t kMostFiles = 64;

std::vector<fs::path> newest_files(const fs::path& folder) {
  struct Dated {
    fs::file_time_type written;
    fs::path file;
  };
  std::vector<Dated> dated;
  std::error_code failed;
  for (fs::directory_iterator at(folder, failed), end; !failed && at != end; at.increment(failed)) {
    std::error_code unknown;
    if (at->path().extension() != ".safetensors" || !at->is_regular_file(unknown)) continue;
    const fs::file_time_type written = at->last_write_time(unknown);
    if (!unknown) dated.push_back({written, at->path()});
  }
  std::sort(dated.begin(), dated.end(), [](const Dated& a, const Dated& b) {
    return a.written != b.written ? a.written > b.written : a.file < b.file;
  });
  if (dated.size() > kMostFiles) dated.resize(kMostFiles);
  std::vector<fs::path> files;
  for (Dated& one : dated) files.push_back(std::move(one.file));
  return files;
}

std::optional<PhotoModel> photo_model(const fs::path& file) {
  try {
    const ModelSummary summary = summarise_model(file);
    if (!summary.config.vision.pretrained()) return std::nullopt;
    const Json* data = summary.trained.find("data");
    return PhotoModel{file, data && data->is_string() ? data->as_string() : std::string()};
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace

std::vector<fs::path> model_folders() {
  std::vector<fs::path> folders;
  for (const fs::path& folder : shipped_folders()) folders.push_back(folder / "models");
  std::error_code unknown;
  const fs::path current = fs::current_path(unknown);
  if (!unknown) folders.push_back(current);
  return folders;
}

std::vector<PhotoModel> find_photo_models(const std::vector<fs::path>& files,
                                          const std::vector<fs::path>& folders) {
  std::vector<fs::path> seen;
  std::vector<PhotoModel> models;
  const auto look_at = [&](const fs::path& file) {
    std::error_code unknown;
    const fs::path real = fs::canonical(file, unknown);
    if (unknown || std::find(seen.begin(), seen.end(), real) != seen.end()) return;
    seen.push_back(real);
    // By the name that it is known by, which need not be the real one.
    const fs::path named = fs::absolute(file, unknown).lexically_normal();
    if (std::optional<PhotoModel> model = photo_model(named)) models.push_back(std::move(*model));
  };
  for (const fs::path& file : files) look_at(file);
  for (const fs::path& folder : folders) {
    for (const fs::path& file : newest_files(folder)) look_at(file);
  }
  return models;
}

std::string photo_model_hint(const std::vector<fs::path>& folders) {
  const std::vector<PhotoModel> models = find_photo_models({}, folders);
  return models.empty()
             ? "a model for photographs is made by train --recipe photos"
             : concat("for photographs there is the model ", models.front().file.string());
}

}  // namespace vqalign
