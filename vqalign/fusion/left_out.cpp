#include "vqalign/fusion/left_out.h"

#include <torch/types.h>

#include <algorithm>

#include "vqalign/core/digest.h"
#include "vqalign/core/error.h"
#include "vqalign/core/log.h"
#include "vqalign/vision/detector_file.h"

namespace vqalign {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostNameBytes = 255;
constexpr int64_t kMostBytes = int64_t{1} << 32;

bool is_hash(const std::string& text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

/// Whether it can be shown in a message and be the name of a file.
bool is_name(const std::string& text) {
  const auto odd = [](unsigned char c) { return c < 0x20 || c == 0x7f || c == '/'; };
  return !text.empty() && text.size() <= kMostNameBytes &&
         std::none_of(text.begin(), text.end(), odd);
}

bool all_same(const NamedTensors& live, const NamedTensors& stored) {
  return std::all_of(live.begin(), live.end(), [&stored](const auto& item) {
    const torch::Tensor other = find_tensor(stored, item.first);
    return other.defined() && same_weights(item.second, other);
  });
}

/// A detector in the state is the bytes of its file.
LeftOut detector_left_out(const EncoderPart& part, const VisionOptions& vision,
                          const torch::Tensor& bytes) {
  const fs::path darknet = darknet_weights(vision.detector);
  const std::string name =
      (darknet.empty() ? fs::path(vision.detector) : darknet).filename().string();
  const torch::Tensor plain = bytes.detach().cpu().contiguous();
  Digest digest;
  digest.add({static_cast<const char*>(plain.const_data_ptr()), plain.nbytes()});
  return {part, is_name(name) ? name : "detector", plain.numel(), digest.hex(), 0};
}

LeftOut left_out_part(const EncoderPart& part, const Json& json, const std::string& where) {
  LeftOut left_out{part, json.at("file", where).as_string(where),
                   json.at("bytes", where).as_int(where), json.at("sha256", where).as_string(where),
                   json.at("parameters", where).as_int(where)};
  if (part.tuned) fail(where, ": weights of ", part.encoder, " are tuned, so none can stand in");
  const std::string& encoder = json.at("encoder", where).as_string(where);
  if (encoder != part.encoder) {
    fail(where, ": is of encoder \"", encoder, "\", the model has ", part.encoder);
  }
  if (left_out.bytes < 1 || left_out.bytes > kMostBytes) {
    fail(where, ": has ", left_out.bytes, " bytes, allowed is 1 to ", kMostBytes);
  }
  if (!is_hash(left_out.sha256)) fail(where, ": sha256 is no 64 hexadecimal digits");
  if (!is_name(left_out.file)) fail(where, ": file is no name of a file");
  // For `info` alone, so that any number will do that no size of file contradicts.
  if (left_out.parameters < 0 || left_out.parameters > left_out.bytes) {
    fail(where, ": has ", left_out.parameters, " parameters in ", left_out.bytes, " bytes");
  }
  return left_out;
}

}  // namespace

bool same_weights(const torch::Tensor& live, const torch::Tensor& stored) {
  const torch::Tensor plain = live.detach().cpu();
  if (plain.sizes() != stored.sizes()) return false;
  const torch::Tensor whole = stored.detach().cpu().to(plain.scalar_type());
  return torch::equal(plain, whole) ||
         torch::equal(plain, whole.to(torch::kFloat16).to(plain.scalar_type()));
}

std::vector<LeftOut> weights_to_leave_out(const ModelConfig& config, const NamedTensors& state,
                                          const WeightsOf& weights_of) {
  std::vector<LeftOut> left_out;
  for (const EncoderPart& part : encoder_parts(config)) {
    const NamedTensors live = tensors_of(part, state);
    if (part.tuned) {
      log_info(concat("weights of ", part.encoder, " stay in the model: they are tuned"));
    } else if (part.is_detector()) {
      left_out.push_back(detector_left_out(part, config.vision, live.front().second));
    } else if (const fs::path file = weights_of(part); all_same(live, read_part(part, file))) {
      left_out.push_back({part, file.filename().string(), static_cast<int64_t>(fs::file_size(file)),
                          file_sha256(file), parameter_count(live)});
    } else {
      log_info(concat("weights of ", part.encoder, " stay in the model: they are not those of ",
                      file.string()));
    }
  }
  return left_out;
}

Json left_out_json(const std::vector<LeftOut>& left_out) {
  Json json = Json::object();
  for (const LeftOut& one : left_out) {
    json.set(one.part.name, Json::object()
                                .set("encoder", one.part.encoder)
                                .set("file", one.file)
                                .set("bytes", one.bytes)
                                .set("sha256", one.sha256)
                                .set("parameters", one.parameters));
  }
  return json;
}

std::vector<LeftOut> left_out_from(const Json& json, const ModelConfig& config,
                                   const std::string& where) {
  const std::vector<EncoderPart> parts = encoder_parts(config);
  std::vector<LeftOut> left_out;
  for (const auto& [name, value] : json.as_object(where)) {
    const auto part = std::find_if(parts.begin(), parts.end(),
                                   [&key = name](const EncoderPart& p) { return p.name == key; });
    if (part == parts.end()) fail(where, " names \"", name, "\", which this model has not");
    const bool twice = std::any_of(left_out.begin(), left_out.end(),
                                   [&](const LeftOut& one) { return one.part.name == part->name; });
    if (twice) fail(where, " names \"", name, "\" twice");
    left_out.push_back(left_out_part(*part, value, concat(where, ": ", name)));
  }
  return left_out;
}

void bring_back(const std::vector<LeftOut>& left_out, NamedTensors& tensors,
                const fs::path& asking) {
  for (const LeftOut& one : left_out) {
    const NamedTensors there = tensors_of(one.part, tensors);
    if (!there.empty()) {
      fail(asking.string(), ": tensor ", there.front().first, " is there, metadata \"left_out\" ",
           "says that it is not");
    }
    NamedTensors found = read_part(one.part, find_weights(one, asking));
    tensors.insert(tensors.end(), found.begin(), found.end());
  }
}

NamedTensors without(NamedTensors tensors, const std::vector<LeftOut>& left_out) {
  for (const LeftOut& one : left_out) {
    std::erase_if(tensors, [&one](const auto& item) { return one.part.has(item.first); });
  }
  return tensors;
}

int64_t parameter_count(const NamedTensors& tensors) {
  int64_t count = 0;
  for (const auto& [name, tensor] : tensors) {
    const bool buffer = name.find(".running_") != std::string::npos || !tensor.is_floating_point();
    if (!buffer) count += tensor.numel();
  }
  return count;
}

}  // namespace vqalign
