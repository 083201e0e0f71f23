#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace vqalign {

/// A model file that answers about photographs.
struct PhotoModel {
  std::filesystem::path file;  ///< absolute
  std::string trained_on;      ///< the data, "photos/train2014"; empty: not told

  bool operator==(const PhotoModel&) const = default;
};

/// Where such files are looked for unasked: models/ of shipped_folders(), and the current folder.
std::vector<std::filesystem::path> model_folders();

/// Those of `files`, in their order, and of the folders' *.safetensors, the newest of a folder
/// first; each once. A model is for photographs when its encoder of pictures was trained on them
/// (vision.encoder: a pretrained network or a detector), as recipe `photos` has it. Reads no
/// weights. What is missing, unreadable, no model or another kind of model is passed over, and so
/// are a folder's files behind its newest 64.
std::vector<PhotoModel> find_photo_models(const std::vector<std::filesystem::path>& files,
                                          const std::vector<std::filesystem::path>& folders);

/// What someone who asked about a photograph in vain is told, the end of a sentence: which model
/// for photographs is at hand (the first of find_photo_models() in `folders`), or how one is made.
std::string photo_model_hint(const std::vector<std::filesystem::path>& folders);

}  // namespace vqalign
