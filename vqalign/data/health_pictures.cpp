// Whether the pictures of a split are there and can be read.
#include <algorithm>
#include <atomic>
#include <future>
#include <thread>

#include "vqalign/core/error.h"
#include "vqalign/data/health_findings.h"
#include "vqalign/vision/picture.h"
#include "vqalign/vision/picture_header.h"

namespace vqalign::detail {
namespace {

namespace fs = std::filesystem;

/// The fault of each picture, empty for sound ones.
std::vector<std::string> faults_of(const std::vector<const fs::path*>& pictures,
                                   const HealthOptions& options, Progress& progress,
                                   const CancelToken& cancel) {
  std::vector<std::string> faults(pictures.size());
  std::atomic<std::size_t> next{0};
  const auto look = [&] {
    const std::size_t i = next++;
    if (i >= pictures.size() || cancel.requested()) return false;
    try {
      if (options.pictures == PictureCheck::kDecode) {
        read_picture(*pictures[i]);
      } else {
        read_picture_size(*pictures[i]);
        check_picture_ends(*pictures[i]);
      }
    } catch (const Error& error) {
      faults[i] = error.what();
    } catch (const std::bad_alloc&) {
      faults[i] = pictures[i]->string() + ": not enough memory to decode it";
    }
    return true;
  };
  const std::size_t cores = std::max(1u, std::thread::hardware_concurrency());
  const std::size_t wanted =
      options.threads > 0 ? std::min<std::size_t>(options.threads, 4 * cores) : cores;
  std::vector<std::future<void>> others;
  for (std::size_t i = 1; i < std::min(wanted, pictures.size()); ++i) {
    others.push_back(std::async(std::launch::async, [&look] {
      while (look()) {
      }
    }));
  }
  while (look()) progress.update(static_cast<int64_t>(std::min(next.load(), pictures.size())));
  for (std::future<void>& other : others) other.get();
  cancel.check();
  progress.update(static_cast<int64_t>(pictures.size()));
  return faults;
}

/// Fills `images`; false, told as a finding, when there is no folder to look in.
bool index_pictures(const SplitPaths& split, const std::vector<SplitPaths>& all, ImageIndex& images,
                    Findings& findings) {
  std::vector<fs::path> folders;
  for (const SplitPaths& other : all) {
    const bool usable = split.images.empty() || other.subset == split.subset;
    if (usable && !other.images.empty()) folders.push_back(other.images);
  }
  if (folders.empty()) {
    findings.error("no folder of pictures",
                   {1, {(split.questions.parent_path() / split.subset).string()}});
    return false;
  }
  try {
    for (const fs::path& folder : folders) images.add(folder);
  } catch (const Error& error) {
    findings.error("pictures that cannot be told apart", {1, {error.what()}});
    return false;
  }
  return true;
}

/// Missing pictures for which a file of another kind is looked for: as many as people are shown.
constexpr int64_t kExplained = 3;

std::string why_missing(const ImageIndex& images, int64_t id) {
  const std::string why = images.passed_over(id);
  return why.empty() ? "" : " (" + why + ")";
}

}  // namespace

void check_pictures(const SplitPaths& split, const std::vector<SplitPaths>& all,
                    const FirstQuestions& first_question, const HealthOptions& options,
                    ImageIndex& images, SplitHealth& health, Findings& findings, Progress& progress,
                    const CancelToken& cancel) {
  if (!index_pictures(split, all, images, findings)) return;
  std::vector<int64_t> ids;
  for (const auto& [image_id, question] : first_question) ids.push_back(image_id);
  std::sort(ids.begin(), ids.end());
  Finding missing;
  std::vector<const fs::path*> pictures;
  for (const int64_t id : ids) {
    const fs::path* picture = images.find(id);
    if (picture) {
      pictures.push_back(picture);
    } else {
      missing.add(concat("image ", id, " of question ", first_question.at(id),
                         missing.count < kExplained ? why_missing(images, id) : ""));
    }
  }
  health.missing_images = missing.count;
  findings.error("missing pictures", missing);
  progress.begin(split.subset, static_cast<int64_t>(pictures.size()), "pictures");
  Finding broken;
  for (const std::string& fault : faults_of(pictures, options, progress, cancel)) {
    if (!fault.empty()) broken.add(fault);
  }
  progress.end();
  health.broken_images = broken.count;
  findings.error("broken pictures", broken);
}

}  // namespace vqalign::detail
