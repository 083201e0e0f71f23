#include "vqalign/fusion/model_file.h"

#include <torch/types.h>
#include <unistd.h>

#include <algorithm>
#include <set>

#include "vqalign/core/error.h"
#include "vqalign/core/formats/safetensors.h"
#include "vqalign/fusion/model_weights.h"
#include "vqalign/language/word_piece.h"

namespace vqalign {
namespace {

constexpr const char* kFormatKey = "vqalign.format";
constexpr const char* kLeftOutKey = "left_out";
constexpr const char* kCalibrationKey = "calibration";
constexpr std::size_t kMaxAnswers = 1'000'000;

Json string_list(const std::vector<std::string>& items) {
  Json list = Json::array();
  for (const std::string& item : items) list.push(item);
  return list;
}

std::vector<std::string> strings_from(const Json& list, const std::string& where) {
  std::vector<std::string> items;
  for (const Json& item : list.as_array(where)) items.push_back(item.as_string(where));
  return items;
}

/// The parsed metadata of a model file.
struct Metadata {
  ModelConfig config;
  Vocabulary vocabulary;
  std::vector<std::string> answers;
  std::vector<float> priors;
  Json domain;
  Json trained;
  std::vector<LeftOut> left_out;
  ModelCalibration calibration;
};

Json metadata_json(const Safetensors& file, const std::string& key, const std::string& path) {
  const auto entry = file.metadata.find(key);
  if (entry == file.metadata.end()) fail(path, ": metadata \"", key, "\" is missing");
  return Json::parse(entry->second, path + ": metadata \"" + key + "\"");
}

int64_t check_format(const Safetensors& file, const std::string& path) {
  const auto entry = file.metadata.find(kFormatKey);
  if (entry == file.metadata.end()) {
    fail(path, ": is no model of this program: metadata \"", kFormatKey, "\" is missing");
  }
  if (entry->second != std::to_string(kModelFormat)) {
    fail(path, ": has format version \"", entry->second, "\", this program reads version ",
         kModelFormat);
  }
  return kModelFormat;
}

void refuse_repeated(const std::vector<std::string>& texts, const std::string& message) {
  if (std::set<std::string>(texts.begin(), texts.end()).size() != texts.size()) fail(message);
}

Metadata parse_metadata(const Safetensors& file, const std::string& path) {
  check_format(file, path);
  Metadata metadata;
  try {
    options_from_json(metadata.config.options(), metadata_json(file, "config", path),
                      path + ": metadata \"config\"");
    metadata.config.check();
  } catch (const UsageError& error) {
    // A file's fault, not the caller's.
    const std::string what = error.what();
    throw Error(what.starts_with(path) ? what : concat(path, ": metadata \"config\": ", what));
  }
  const std::string words_where = path + ": metadata \"words\"";
  std::vector<std::string> words = strings_from(metadata_json(file, "words", path), words_where);
  refuse_repeated(words, words_where + " names a word twice");
  metadata.vocabulary = make_vocabulary(metadata.config.language, std::move(words), words_where);
  const std::string where = path + ": metadata \"answers\"";
  metadata.answers = strings_from(metadata_json(file, "answers", path), where);
  if (metadata.answers.empty() || metadata.answers.size() > kMaxAnswers) {
    fail(where, " has ", metadata.answers.size(), " entries, allowed is 1 to ", kMaxAnswers);
  }
  refuse_repeated(metadata.answers, where + " names an answer twice");
  const Json priors = metadata_json(file, "priors", path);
  for (const Json& prior : priors.as_array(path + ": metadata \"priors\"")) {
    metadata.priors.push_back(static_cast<float>(prior.as_double(path + ": metadata \"priors\"")));
  }
  if (metadata.priors.size() != metadata.answers.size()) {
    fail(path, ": has ", metadata.answers.size(), " answers and ", metadata.priors.size(),
         " priors");
  }
  metadata.config.words = static_cast<int64_t>(metadata.vocabulary.size());
  metadata.config.answers = static_cast<int64_t>(metadata.answers.size());
  metadata.domain = metadata_json(file, "domain", path);
  metadata.trained = metadata_json(file, "trained", path);
  if (file.metadata.contains(kLeftOutKey)) {
    metadata.left_out = left_out_from(metadata_json(file, kLeftOutKey, path), metadata.config,
                                      concat(path, ": metadata \"", kLeftOutKey, "\""));
  }
  if (file.metadata.contains(kCalibrationKey)) {
    metadata.calibration = calibration_from(metadata_json(file, kCalibrationKey, path),
                                            concat(path, ": metadata \"", kCalibrationKey, "\""));
  }
  return metadata;
}

bool stores_half(const NamedTensors& tensors) {
  return std::any_of(tensors.begin(), tensors.end(),
                     [](const auto& item) { return item.second.scalar_type() == torch::kFloat16; });
}

}  // namespace

ModelBundle ModelBundle::create(ModelConfig config, Vocabulary vocabulary,
                                std::vector<std::string> answers, std::vector<float> priors) {
  ModelBundle bundle;
  config.words = static_cast<int64_t>(vocabulary.size());
  config.answers = static_cast<int64_t>(answers.size());
  config.marks = {vocabulary.id(kSentenceBegin), vocabulary.id(kSentenceEnd)};
  bundle.config = config;
  bundle.vocabulary = std::move(vocabulary);
  bundle.answers = std::move(answers);
  bundle.priors = std::move(priors);
  bundle.model = VqaModel(config);
  return bundle;
}

void save_model(const std::filesystem::path& path, const ModelBundle& bundle, bool half,
                const std::vector<LeftOut>& left_out) {
  Safetensors file;
  ModelConfig config = bundle.config;
  Json priors = Json::array();
  for (const float prior : bundle.priors) priors.push(static_cast<double>(prior));
  file.metadata = {
      {kFormatKey, std::to_string(kModelFormat)},
      {"config", options_to_json(config.options()).dump()},
      {"words", string_list(bundle.vocabulary.own_words()).dump()},
      {"answers", string_list(bundle.answers).dump()},
      {"priors", priors.dump()},
      {"domain", bundle.domain.dump()},
      {"trained", bundle.trained.dump()},
  };
  if (bundle.calibration.fitted()) {
    file.metadata[kCalibrationKey] = bundle.calibration.to_json().dump();
  }
  if (!left_out.empty()) file.metadata[kLeftOutKey] = left_out_json(left_out).dump();
  for (auto& [name, tensor] : without(state_of(*bundle.model), left_out)) {
    const torch::Tensor plain = tensor.detach().cpu();
    const bool rounded = half && plain.is_floating_point();
    file.tensors.emplace_back(name, rounded ? plain.to(torch::kFloat16) : plain);
  }
  write_safetensors(path, file);
}

void check_writable_model(const std::filesystem::path& path) {
  // Asked of the file itself: replacing it would take no more than a folder that is open to us.
  using std::filesystem::perms;
  const perms writers = perms::owner_write | perms::group_write | perms::others_write;
  std::error_code missing;
  const std::filesystem::file_status status = std::filesystem::status(path, missing);
  if (!std::filesystem::exists(status)) return;  // reading it will tell
  if ((status.permissions() & writers) == perms::none || ::access(path.c_str(), W_OK) != 0) {
    throw Error(path.string() + ": is read-only, a calibration is to be written into it",
                "calibrate a copy");
  }
}

void write_calibration(const std::filesystem::path& path, const ModelCalibration& calibration) {
  check_writable_model(path);
  Safetensors file = read_safetensors(path);
  check_format(file, path.string());
  file.metadata.erase(kCalibrationKey);
  if (calibration.fitted()) file.metadata[kCalibrationKey] = calibration.to_json().dump();
  write_safetensors(std::filesystem::canonical(path), file);  // a link stays one
}

ModelBundle load_model(const std::filesystem::path& path) {
  Safetensors file = read_safetensors(path);
  Metadata metadata = parse_metadata(file, path.string());
  const bool half = stores_half(file.tensors);
  bring_back(metadata.left_out, file.tensors, path);
  check_plausible(metadata.config, file.tensors, path.string(), "its metadata asks for");
  ModelBundle bundle = ModelBundle::create(metadata.config, std::move(metadata.vocabulary),
                                           std::move(metadata.answers), std::move(metadata.priors));
  bundle.domain = std::move(metadata.domain);
  bundle.trained = std::move(metadata.trained);
  bundle.calibration = std::move(metadata.calibration);
  bundle.half = half;
  fill_network(*bundle.model, file.tensors, path.string());
  if (GridEncoder* vision = bundle.model->vision()) vision->prepare(path.string());
  bundle.model->eval();
  return bundle;
}

ModelSummary summarise_model(const std::filesystem::path& path) {
  const Safetensors file = read_safetensors(path);
  ModelSummary summary;
  Metadata metadata = parse_metadata(file, path.string());
  check_plausible(metadata.config, file.tensors, path.string(), "its metadata asks for",
                  metadata.left_out);
  summary.format = kModelFormat;
  summary.words = std::ssize(metadata.vocabulary.own_words());
  summary.config = metadata.config;
  summary.answers = std::move(metadata.answers);
  summary.domain = std::move(metadata.domain);
  summary.trained = std::move(metadata.trained);
  summary.calibration = std::move(metadata.calibration);
  summary.parameters = parameter_count(file.tensors);
  for (const LeftOut& one : metadata.left_out) summary.parameters += one.parameters;
  summary.left_out = std::move(metadata.left_out);
  summary.half = stores_half(file.tensors);
  return summary;
}

bool is_model(const Safetensors& file) {
  return file.metadata.contains(kFormatKey);
}

bool is_model_file(const std::filesystem::path& path) {
  try {
    return is_model(read_safetensors(path));
  } catch (const Error&) {
    return false;
  }
}

std::string domain_text(const ModelConfig& config, const Json& domain, const Json& trained) {
  if (config.vision.encoder == "features") {
    return concat("stored region features of width ", config.vision.feature_width);
  }
  if (domain.is_null()) return "any pictures";
  const Json* data = trained.find("data");
  return concat("pictures like those of ",
                data && data->is_string() ? data->as_string() : std::string("its training"));
}

}  // namespace vqalign
