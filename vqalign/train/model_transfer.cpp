#include "vqalign/train/model_transfer.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <map>
#include <unordered_map>

#include "vqalign/core/error.h"

namespace vqalign {
namespace {

constexpr const char* kPieces = "language.embeddings.word_embeddings.weight";

/// Row pairs (source, target) of equal spelling.
std::pair<torch::Tensor, torch::Tensor> matching_rows(const std::vector<std::string>& source,
                                                      const std::vector<std::string>& target) {
  std::unordered_map<std::string, int64_t> rows;
  for (std::size_t i = 0; i < source.size(); ++i) rows.emplace(source[i], int64_t(i));
  std::vector<int64_t> from, to;
  for (std::size_t i = 0; i < target.size(); ++i) {
    const auto found = rows.find(target[i]);
    if (found == rows.end()) continue;
    from.push_back(found->second);
    to.push_back(static_cast<int64_t>(i));
  }
  return {torch::tensor(from, torch::kInt64), torch::tensor(to, torch::kInt64)};
}

std::map<std::string, torch::Tensor> state_by_name(const VqaModel& model) {
  std::map<std::string, torch::Tensor> state;
  for (const auto& item : model->named_parameters()) state.emplace(item.key(), item.value());
  for (const auto& item : model->named_buffers()) state.emplace(item.key(), item.value());
  return state;
}

bool same_but_rows(const torch::Tensor& a, const torch::Tensor& b) {
  return a.dim() == b.dim() && a.sizes().slice(1) == b.sizes().slice(1);
}

}  // namespace

std::string TransferReport::text() const {
  std::string line = concat("started from another model: ", words_matched, " of ", words,
                            " words, ", answers_matched, " of ", answers, " answers and ",
                            tensors_matched, " tensors taken over");
  if (not_matched.empty()) return line;
  line += "; fresh: ";
  for (std::size_t i = 0; i < not_matched.size() && i < 4; ++i) {
    line += (i ? ", " : "") + not_matched[i];
  }
  if (not_matched.size() > 4) line += concat(" and ", not_matched.size() - 4, " more");
  return line;
}

TransferReport transfer_weights(const ModelBundle& source, ModelBundle& target) {
  const torch::NoGradGuard no_grad;
  const auto words = matching_rows(source.vocabulary.words(), target.vocabulary.words());
  const auto answers = matching_rows(source.answers, target.answers);
  TransferReport report;
  const std::vector<std::string> own = target.vocabulary.own_words();
  report.words_matched = matching_rows(source.vocabulary.own_words(), own).first.numel();
  report.words = std::ssize(own);
  report.answers_matched = answers.first.numel();
  report.answers = static_cast<int64_t>(target.answers.size());

  const auto stored = state_by_name(source.model);
  for (auto& [name, tensor] : state_by_name(target.model)) {
    const auto found = stored.find(name);
    const bool by_word = name == "embedding.weight" || name == kPieces;
    const bool by_answer = name == "proj.weight" || name == "proj.bias";
    torch::Tensor live = tensor;
    if (live.scalar_type() == torch::kByte) continue;  // a detector's file: the target has its own
    if (found != stored.end() && same_weights(found->second, live)) {
      // The target's may be the more exact ones, and are what regions were kept by.
      ++report.tensors_matched;
      continue;
    }
    if (found != stored.end() && (by_word || by_answer) && same_but_rows(found->second, live)) {
      const auto& [from, to] = by_word ? words : answers;
      live.index_copy_(0, to, found->second.index_select(0, from));
      ++report.tensors_matched;
    } else if (found != stored.end() && found->second.sizes() == live.sizes()) {
      live.copy_(found->second);
      ++report.tensors_matched;
    } else {
      report.not_matched.push_back(name);
    }
  }
  return report;
}

}  // namespace vqalign
