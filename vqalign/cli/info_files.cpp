#include "vqalign/cli/info_files.h"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_set>

#include "vqalign/cli/info_checkpoint.h"
#include "vqalign/cli/info_features.h"
#include "vqalign/cli/info_picture.h"
#include "vqalign/cli/info_pretrained.h"
#include "vqalign/core/atomic_file.h"
#include "vqalign/core/error.h"
#include "vqalign/core/formats/npz.h"
#include "vqalign/core/formats/safetensors.h"
#include "vqalign/core/formats/torch_checkpoint.h"
#include "vqalign/core/json_stream.h"
#include "vqalign/data/dataset.h"
#include "vqalign/fusion/model_file.h"
#include "vqalign/train/training_state.h"
#include "vqalign/vision/feature_store.h"
#include "vqalign/vision/picture_format.h"

namespace vqalign {
namespace {

namespace fs = std::filesystem;

constexpr const char* kExpected =
    "expected a model or weights (.safetensors), a checkpoint of torch.save (.pkl, .pth), a "
    "dataset folder in VQA v2 layout, region features (a folder of .npz, one of them, a TSV, HDF5 "
    "or a packed store), a detector (.onnx, .cfg), a picture, or a questions, annotations or "
    "results file (.json)";

/// The outline of a JSON file: what its root is and how long the arrays in a root object are.
class Outline : public JsonEvents {
 public:
  void null_value() override { value(); }
  void bool_value(bool) override { value(); }
  void int_value(int64_t) override { value(); }
  void double_value(double) override { value(); }
  void string_value(std::string_view) override { value(); }
  void key(std::string_view name) override {
    if (depth_ == 1) key_ = name;
  }
  void begin_object() override { begin(); }
  void end_object() override { --depth_; }
  void begin_array() override {
    if (depth_ == 0) root_is_array_ = true;
    if (depth_ == 1 && !root_is_array_) lengths_[key_] = 0;
    begin();
    if (depth_ == 2) in_array_ = !root_is_array_;
  }
  void end_array() override {
    --depth_;
    if (depth_ == 1) in_array_ = false;
  }

  bool root_is_array() const { return root_is_array_; }
  const std::map<std::string, int64_t>& lengths() const { return lengths_; }

 private:
  void value() {
    if (depth_ == 2 && in_array_) ++lengths_[key_];
  }
  void begin() {
    value();
    ++depth_;
  }

  int depth_ = 0;
  bool root_is_array_ = false;
  bool in_array_ = false;
  std::string key_;
  std::map<std::string, int64_t> lengths_;
};

int64_t answer_count(const std::vector<Annotation>& annotations) {
  std::size_t count = 0;
  for (const Annotation& annotation : annotations) count += annotation.answers.size();
  return static_cast<int64_t>(count);
}

std::unordered_set<int64_t> image_ids(const std::vector<Question>& questions) {
  std::unordered_set<int64_t> ids;
  for (const Question& question : questions) ids.insert(question.image_id);
  return ids;
}

Json describe_split(const SplitPaths& split, const std::vector<SplitPaths>& all) {
  const std::vector<Question> questions = read_questions(split.questions);
  std::vector<Annotation> annotations;
  if (!split.annotations.empty()) {
    annotations = match_annotations(questions, read_annotations(split.annotations), split.questions,
                                    split.annotations);
  }
  // A split without a folder of its own is looked up in the others, as load_dataset() does.
  ImageIndex images;
  for (const SplitPaths& other : all) {
    const bool usable = split.images.empty() || other.subset == split.subset;
    if (usable && !other.images.empty()) images.add(other.images);
  }
  const std::unordered_set<int64_t> asked = image_ids(questions);
  const auto missing = std::count_if(asked.begin(), asked.end(),
                                     [&](int64_t id) { return images.find(id) == nullptr; });
  return Json::object()
      .set("questions", questions.size())
      .set("images", asked.size())
      .set("answers", answer_count(annotations))
      .set("missing_images", static_cast<int64_t>(missing));
}

Json describe_dataset(const fs::path& folder) {
  Json splits = Json::object();
  const std::vector<SplitPaths> all = list_splits(folder);
  for (const SplitPaths& split : all) splits.set(split.subset, describe_split(split, all));
  return Json::object().set("kind", "dataset").set("splits", std::move(splits));
}

bool has_questions(const fs::path& folder) {
  std::error_code failed;
  fs::directory_iterator entries(folder, failed);
  if (failed) fail(folder.string(), ": cannot read the folder: ", failed.message());
  return std::any_of(begin(entries), end(entries), [](const fs::directory_entry& entry) {
    return entry.path().filename().string().ends_with("_questions.json");
  });
}

Json describe_folder(const fs::path& folder, Progress& progress, const CancelToken& cancel) {
  if (has_questions(folder)) return describe_dataset(folder);
  if (is_sentence_model(folder)) return describe_sentence_model(folder);
  try {
    return describe_features(folder, progress, cancel);
  } catch (const Error& error) {
    if (std::string(error.what()).find("no .npz") == std::string::npos) throw;
    fail(folder.string(), ": holds neither questions nor features; ", kExpected);
  }
}

Json shape_json(const torch::Tensor& tensor) {
  Json shape = Json::array();
  for (const int64_t size : tensor.sizes()) shape.push(size);
  return shape;
}

Json describe_npz(const fs::path& path) {
  Json arrays = Json::object();
  bool features = false;
  for (const NpzArray& array : read_npz(path)) {
    features = features || (array.name == "x" && array.tensor.defined());
    arrays.set(array.name, array.tensor.defined() ? shape_json(array.tensor)
                                                  : Json::array().push(array.strings.size()));
  }
  return Json::object()
      .set("kind", features ? "features" : "arrays")
      .set("arrays", std::move(arrays));
}

Json text_or_null(const Json& object, const char* key) {
  const Json* value = object.find(key);
  return value && value->is_string() ? *value : Json();
}

Json describe_model(const fs::path& path) {
  const ModelSummary summary = summarise_model(path);
  const ModelOptions& model = summary.config.model;
  Json told = Json::object();
  told.set("kind", "model")
      .set("format", summary.format)
      .set("parameters", summary.parameters)
      .set("recipe", text_or_null(summary.trained, "recipe"))
      .set("domain", domain_text(summary.config, summary.domain, summary.trained))
      .set("layers", model.layers)
      .set("heads", model.heads)
      .set("hidden", model.hidden)
      .set("words", summary.words)
      .set("answers", summary.config.answers);
  if (!summary.left_out.empty()) {
    told.set("slim", true).set("needs", left_out_json(summary.left_out));
  }
  if (summary.calibration.fitted()) told.set("calibration", summary.calibration.to_json());
  return told.set("trained", summary.trained);
}

Json describe_state(const fs::path& path) {
  const TrainingState state = load_state(path);
  const TrainingProgress& at = state.progress;
  return Json::object()
      .set("kind", "training state")
      .set("recipe", text_or_null(state.setting, "recipe"))
      .set("data", text_or_null(state.setting, "data"))
      .set("epochs", at.epoch)
      .set("steps", at.step)
      .set("total_steps", at.total_steps)
      .set("seconds", at.seconds);
}

Json describe_safetensors(const fs::path& path) {
  const Safetensors content = read_safetensors(path);
  if (content.metadata.contains("vqalign.state")) return describe_state(path);
  return is_model(content) ? describe_model(path) : describe_weights(path, content.tensors);
}

Json describe_results(const fs::path& path) {
  const std::vector<Result> results = read_results(path);
  std::set<std::string> answers;
  for (const Result& result : results) answers.insert(result.answer);
  return Json::object()
      .set("kind", "results")
      .set("rows", results.size())
      .set("answers", answers.size());
}

Json describe_json(const fs::path& path) {
  Outline outline;
  stream_json(path, outline);
  if (outline.root_is_array()) return describe_results(path);
  const auto& lengths = outline.lengths();
  if (lengths.contains("annotations")) {
    const std::vector<Annotation> annotations = read_annotations(path);
    return Json::object()
        .set("kind", "annotations")
        .set("questions", annotations.size())
        .set("answers", answer_count(annotations));
  }
  if (lengths.contains("images") && lengths.contains("questions")) {
    return Json::object()
        .set("kind", "scenes")
        .set("images", lengths.at("images"))
        .set("questions", lengths.at("questions"));
  }
  if (lengths.contains("questions")) {
    const std::vector<Question> questions = read_questions(path);
    return Json::object()
        .set("kind", "questions")
        .set("questions", questions.size())
        .set("images", image_ids(questions).size());
  }
  fail(path.string(), ": is JSON of no known kind; ", kExpected);
}

/// Safetensors begin with the length of a JSON header, which the upper half of its eight bytes is
/// never needed for; text has no zero bytes.
bool looks_like_safetensors(const fs::path& path, const std::string& start) {
  const std::string name = path.filename().string();
  if (name.ends_with(".safetensors") || name.ends_with(".safetensors.state")) return true;
  return start.size() > 8 && start.substr(4, 4) == std::string(4, '\0') && start[8] == '{';
}

bool looks_like_json(const std::string& start) {
  const std::size_t mark = start.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  const std::size_t text = start.find_first_not_of(" \t\r\n", mark);
  return text != std::string::npos && (start[text] == '{' || start[text] == '[');
}

}  // namespace

Json describe_path(const fs::path& path, Progress& progress, const CancelToken& cancel) {
  std::error_code failed;
  const fs::file_status status = fs::status(path, failed);
  if (!fs::exists(status)) fail(path.string(), ": no such file or folder");
  if (fs::is_directory(status)) return describe_folder(path, progress, cancel);
  if (!fs::is_regular_file(status)) fail(path.string(), ": is no regular file; ", kExpected);
  const std::string start = read_start(path, 256);
  if (start.empty()) fail(path.string(), ": is empty; ", kExpected);
  if (looks_like_safetensors(path, start)) return describe_safetensors(path);
  if (is_torch_checkpoint(path)) return describe_checkpoint(path);
  if (start.starts_with("PK") || path.extension() == ".npz") return describe_npz(path);
  if (named_like_detector(path)) return describe_detector(path);
  if (looks_like_picture(start)) return describe_picture(path);
  if (looks_like_vocabulary(start)) return describe_vocabulary(path);
  if (looks_like_json(start)) return describe_json(path);
  if (looks_like_features(path, start)) return describe_features(path, progress, cancel);
  fail(path.string(), ": is of no known kind; ", kExpected);
}

}  // namespace vqalign
