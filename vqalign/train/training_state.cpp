#include "vqalign/train/training_state.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <map>

#include "vqalign/core/error.h"
#include "vqalign/core/formats/safetensors.h"

namespace vqalign {
namespace {

constexpr const char* kVersionKey = "vqalign.state";
constexpr const char* kVersion = "2";

Json progress_json(const TrainingProgress& progress) {
  return Json::object()
      .set("epoch", progress.epoch)
      .set("step_in_epoch", progress.step_in_epoch)
      .set("step", progress.step)
      .set("total_steps", progress.total_steps)
      .set("object_steps", progress.object_steps)
      .set("unscored", progress.unscored)
      .set("dropout_stream", static_cast<int64_t>(progress.dropout_stream))
      .set("best_epoch", progress.best_epoch)
      .set("best_overall", progress.best_overall)
      .set("seconds", progress.seconds)
      .set("threads", progress.threads)
      .set("device", progress.device)
      .set("loss_scale", progress.loss_scale.scale)
      .set("clean_steps", progress.loss_scale.clean_steps);
}

TrainingProgress progress_from(const Json& json, const std::string& where) {
  TrainingProgress progress;
  const auto count = [&](const char* key) {
    const int64_t value = json.at(key, where).as_int(where + ": " + key);
    if (value < 0) fail(where, ": ", key, " is ", value, ", allowed is at least 0");
    return value;
  };
  progress.epoch = count("epoch");
  progress.step_in_epoch = count("step_in_epoch");
  progress.step = count("step");
  progress.total_steps = count("total_steps");
  progress.object_steps = json.at("object_steps", where).as_int(where + ": object_steps");
  progress.unscored = json.at("unscored", where).as_bool(where + ": unscored");
  progress.dropout_stream = static_cast<uint64_t>(count("dropout_stream"));
  progress.best_epoch = count("best_epoch");
  progress.best_overall = json.at("best_overall", where).as_double(where);
  progress.seconds = json.at("seconds", where).as_double(where);
  progress.threads = count("threads");
  if (!json.find("device")) return progress;  // written before there were others than the CPU
  progress.device = json.at("device", where).as_string(where + ": device");
  const double scale = json.at("loss_scale", where).as_double(where + ": loss_scale");
  if (!(scale >= 1)) fail(where, ": loss_scale is ", scale, ", allowed is at least 1");
  progress.loss_scale = {scale, count("clean_steps")};
  return progress;
}

const std::string& metadata(const Safetensors& file, const char* key, const std::string& path) {
  const auto entry = file.metadata.find(key);
  if (entry == file.metadata.end()) fail(path, ": metadata \"", key, "\" is missing");
  return entry->second;
}

}  // namespace

std::filesystem::path state_path(const std::filesystem::path& model) {
  return model.string() + ".state";
}

void save_state(const std::filesystem::path& path, const TrainingState& state) {
  Safetensors file;
  for (const auto& [name, tensor] : state.tensors) {
    file.tensors.emplace_back(name, tensor.detach().cpu());
  }
  file.metadata = {{kVersionKey, kVersion},
                   {"progress", progress_json(state.progress).dump()},
                   {"setting", state.setting.dump()}};
  write_safetensors(path, file);
}

TrainingState load_state(const std::filesystem::path& path) {
  const std::string name = path.string();
  Safetensors file = read_safetensors(path);
  const std::string& version = metadata(file, kVersionKey, name);
  if (version != kVersion) {
    fail(name, ": is a training state of version \"", version, "\", this program reads version ",
         kVersion);
  }
  TrainingState state;
  state.progress =
      progress_from(Json::parse(metadata(file, "progress", name), name + ": metadata \"progress\""),
                    name + ": metadata \"progress\"");
  state.setting = Json::parse(metadata(file, "setting", name), name + ": metadata \"setting\"");
  state.tensors = std::move(file.tensors);
  return state;
}

void restore_tensors(const NamedTensors& stored, const NamedTensors& live,
                     const std::string& path) {
  const torch::NoGradGuard no_grad;
  const std::map<std::string, torch::Tensor> by_name(stored.begin(), stored.end());
  for (const auto& [name, tensor] : live) {
    const auto entry = by_name.find(name);
    if (entry == by_name.end()) fail(path, ": tensor ", name, " is missing");
    if (!made_to_fit(tensor, entry->second)) {
      fail(path, ": tensor ", name, " has another shape than the model being trained");
    }
    torch::Tensor(tensor).copy_(entry->second);
  }
}

}  // namespace vqalign
