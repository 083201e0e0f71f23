#include "vqalign/inspect/encoded_picture.h"

#include <torch/types.h>
#include <torch/utils.h>

#include "vqalign/vision/picture.h"

namespace vqalign {

namespace fs = std::filesystem;

std::optional<PictureEncoder::Stamp> PictureEncoder::Stamp::of(const fs::path& path) {
  std::error_code failed;
  Stamp stamp{path, fs::file_size(path, failed), {}};
  if (!failed) stamp.time = fs::last_write_time(path, failed);
  if (failed) return std::nullopt;
  return stamp;
}

const EncodedPicture& PictureEncoder::encode(VqaModel& model, torch::Device device,
                                             const fs::path& path) {
  const std::optional<Stamp> stamp = Stamp::of(path);
  if (stamp && stamp_ == stamp) return last_;
  stamp_.reset();
  const torch::InferenceMode no_gradients;
  const Picture picture = read_picture(path);
  const PictureScale scale = picture_scale(model->config().vision);
  ModelInput input;
  input.pictures =
      to_device(collate_pictures({scale_picture(picture, scale)}, scale.multiple), device);
  EncodedPicture encoded{
      model->encode_pictures(input), {}, picture.width, picture.height, std::nullopt};
  encoded.labels = model->vision()->labels(encoded.regions.features[0]);
  if (domain_.fitted()) encoded.in_domain = domain_.covers(picture);
  last_ = std::move(encoded);
  stamp_ = stamp;
  return last_;
}

}  // namespace vqalign
