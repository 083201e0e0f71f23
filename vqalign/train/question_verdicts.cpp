#include "vqalign/train/question_verdicts.h"

#include <cassert>

#include "vqalign/core/error.h"
#include "vqalign/core/formats/npz.h"

namespace vqalign {
namespace {

/// The lists of numbers, by the names that they have in the file.
struct NamedList {
  const char* name;
  std::vector<double> QuestionVerdicts::*list;
  bool always;
};
constexpr NamedList kLists[] = {{"accuracy", &QuestionVerdicts::accuracies, true},
                                {"confidence", &QuestionVerdicts::confidences, false},
                                {"pass_accuracy", &QuestionVerdicts::pass_accuracies, false},
                                {"p_value", &QuestionVerdicts::p_values, false}};

const torch::Tensor* find_array(const std::vector<NpzArray>& arrays, const std::string& name) {
  for (const NpzArray& array : arrays) {
    if (array.name == name && array.tensor.defined()) return &array.tensor;
  }
  return nullptr;
}

const torch::Tensor& checked(const torch::Tensor* tensor, const std::filesystem::path& path,
                             const char* name, torch::Dtype type) {
  if (!tensor) fail(path.string(), ": has no array \"", name, "\"");
  if (tensor->dim() != 1 || tensor->scalar_type() != type) {
    fail(path.string(), ": ", name, " is no list of ", type == torch::kLong ? "int64" : "float64",
         " numbers");
  }
  return *tensor;
}

std::vector<double> fractions(const torch::Tensor& tensor, std::size_t count,
                              const std::filesystem::path& path, const char* name) {
  const auto found = static_cast<std::size_t>(tensor.numel());
  if (found != count) {
    fail(path.string(), ": ", name, " has ", found, " values, question_id has ", count);
  }
  const double* values = tensor.data_ptr<double>();
  for (std::size_t i = 0; i < count; ++i) {
    if (!(values[i] >= 0 && values[i] <= 1)) {
      fail(path.string(), ": ", name, " of row ", i, " is ", values[i], ", expected 0 to 1");
    }
  }
  return {values, values + count};
}

}  // namespace

void write_verdicts(const std::filesystem::path& path, const QuestionVerdicts& verdicts) {
  assert(verdicts.accuracies.size() == verdicts.question_ids.size());
  std::vector<NpzArray> arrays = {
      {"question_id", torch::tensor(verdicts.question_ids, torch::kLong), {}}};
  for (const auto& [name, list, always] : kLists) {
    if (!always && (verdicts.*list).empty()) continue;
    arrays.push_back({name, torch::tensor(verdicts.*list, torch::kDouble), {}});
  }
  if (!verdicts.model_sha256.empty()) {
    arrays.push_back({"model_sha256", {}, {verdicts.model_sha256}});
  }
  write_npz(path, arrays);
}

QuestionVerdicts read_verdicts(const std::filesystem::path& path) {
  const std::vector<NpzArray> arrays = read_npz(path);
  const torch::Tensor& ids =
      checked(find_array(arrays, "question_id"), path, "question_id", torch::kLong);
  QuestionVerdicts verdicts;
  const auto count = static_cast<std::size_t>(ids.numel());
  verdicts.question_ids.assign(ids.data_ptr<int64_t>(), ids.data_ptr<int64_t>() + count);
  for (const NpzArray& array : arrays) {
    if (array.name != "model_sha256") continue;
    if (array.strings.size() != 1) fail(path.string(), ": model_sha256 is no list of one string");
    verdicts.model_sha256 = array.strings.front();
  }
  // Repeated passes leave all of their lists or none.
  const bool passes = find_array(arrays, "confidence") != nullptr;
  for (const auto& [name, list, always] : kLists) {
    if (!always && !passes) continue;
    verdicts.*list =
        fractions(checked(find_array(arrays, name), path, name, torch::kDouble), count, path, name);
  }
  return verdicts;
}

}  // namespace vqalign
