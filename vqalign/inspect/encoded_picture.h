#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "vqalign/fusion/vqa_model.h"
#include "vqalign/vision/domain.h"

namespace vqalign {

/// A picture as the model sees it.
struct EncodedPicture {
  RegionBatch regions;              ///< of the one picture; padding may be among them
  std::vector<RegionLabel> labels;  ///< one a column of `regions`, or none at all
  int64_t width = 0;                ///< pixels of the upright original
  int64_t height = 0;
  std::optional<bool> in_domain;  ///< nothing when the model does not know its domain
};

/// Encodes pictures and keeps the last one as long as its file stays as it was: a different size or
/// time of change makes it another picture.
class PictureEncoder {
 public:
  explicit PictureEncoder(DomainModel domain) : domain_(std::move(domain)) {}

  /// Error as read_picture() says. The reference lives until the next call.
  const EncodedPicture& encode(VqaModel& model, torch::Device device,
                               const std::filesystem::path& path);

 private:
  /// What tells a file from its later self.
  struct Stamp {
    std::filesystem::path path;
    std::uintmax_t bytes = 0;
    std::filesystem::file_time_type time;

    static std::optional<Stamp> of(const std::filesystem::path& path);
    bool operator==(const Stamp&) const = default;
  };

  DomainModel domain_;
  std::optional<Stamp> stamp_;
  EncodedPicture last_;
};

}  // namespace vqalign
