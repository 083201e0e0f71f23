#include "vqalign/cli/score_output.h"

#include <algorithm>

#include "vqalign/cli/text_output.h"
#include "vqalign/core/error.h"
#include "vqalign/core/log.h"

namespace vqalign {
namespace {

constexpr std::size_t kWidestLabel = 20;
constexpr std::size_t kNarrowestColumn = 8;

/// What heads the files' columns, and lines that explain it where their names are too long.
struct ColumnHeads {
  std::vector<std::string> heads;
  std::string legend;
};

ColumnHeads column_heads(const ComparedFiles& compared) {
  ColumnHeads result;
  for (const std::string& label : result_labels(compared.results)) {
    result.heads.push_back(one_line(label));
  }
  const bool short_enough = std::all_of(result.heads.begin(), result.heads.end(),
                                        [](const auto& h) { return h.size() <= kWidestLabel; });
  if (short_enough) return result;
  for (std::size_t i = 0; i < result.heads.size(); ++i) {
    const std::string head = concat("file ", i + 1);
    result.legend += head + "  " + one_line(compared.results[i].file.string()) + "\n";
    result.heads[i] = head;
  }
  return result;
}

/// Rows of names and percentages, one column a file.
class SideBySide {
 public:
  SideBySide(std::vector<std::string> heads, const std::vector<std::string>& names)
      : heads_(std::move(heads)) {
    for (const std::string& name : names) widest_ = std::max(widest_, name.size() + 2);
  }

  std::string head() const {
    std::string line(widest_, ' ');
    for (const std::string& head : heads_) line += "  " + right_aligned(head, width(head));
    return line + "\n";
  }

  template <typename Value>
  std::string row(const std::string& name, Value value) const {
    std::string line = padded(name, widest_);
    for (std::size_t i = 0; i < heads_.size(); ++i) {
      line += "  " + right_aligned(fixed_text(value(i), 2), width(heads_[i]));
    }
    return line + "\n";
  }

 private:
  static std::size_t width(const std::string& head) {
    return std::max(kNarrowestColumn, head.size());
  }

  std::vector<std::string> heads_;
  std::size_t widest_ = 16;
};

double share(int64_t part, std::size_t all) {
  return all == 0 ? 0 : 100.0 * static_cast<double>(part) / static_cast<double>(all);
}

std::string pair_text(const ScoredPair& pair, const std::vector<std::string>& heads,
                      std::size_t questions) {
  return concat("  ", heads[pair.first], " and ", heads[pair.second], ": ",
                fixed_text(share(pair.same, questions), 2), " % answered the same, ",
                pair.only_first, " right in ", heads[pair.first], " alone, ", pair.only_second,
                " in ", heads[pair.second], " alone\n");
}

template <typename Types>
std::string types_text(const SideBySide& table, const ComparedFiles& compared, Types types) {
  std::string text;
  for (const auto& [name, value] : types(compared.results.front().score)) {
    text += table.row("  " + type_text(name),
                      [&, key = name](auto i) { return types(compared.results[i].score).at(key); });
  }
  return text;
}

}  // namespace

void warn_about_single_answers(const Score& score) {
  if (score.single_answered == 0) return;
  log_warning(concat(score.single_answered, " of ", score.questions,
                     " questions have a single answer: their official accuracy is always 0, "
                     "whatever is answered; the exact match counts them"));
}

Json comparison_json(const ComparedFiles& compared) {
  Json results = Json::array();
  for (const ScoredResults& result : compared.results) {
    Json entry = Json::object().set("file", result.file.string());
    const Json score = result.score.to_json();
    for (const auto& [name, value] : score.as_object()) entry.set(name, value);
    results.push(std::move(entry));
  }
  Json pairs = Json::array();
  for (const ScoredPair& pair : compared.pairs) {
    pairs.push(Json::object()
                   .set("first", compared.results[pair.first].file.string())
                   .set("second", compared.results[pair.second].file.string())
                   .set("same_answers", rounded(share(pair.same, compared.annotations.size()), 2))
                   .set("only_first_right", pair.only_first)
                   .set("only_second_right", pair.only_second));
  }
  return Json::object()
      .set("results", std::move(results))
      .set("disagreements", compared.disagreements())
      .set("pairs", std::move(pairs));
}

std::string comparison_text(const ComparedFiles& compared) {
  const ColumnHeads columns = column_heads(compared);
  const Score& first = compared.results.front().score;
  std::vector<std::string> names;
  for (const auto& [name, value] : first.per_question_type) names.push_back(name);
  for (const auto& [name, value] : first.per_answer_type) names.push_back(name);
  const SideBySide table(columns.heads, names);
  const auto score = [&](std::size_t i) -> const Score& { return compared.results[i].score; };
  std::string text = columns.legend + table.head();
  text += table.row("overall", [&](std::size_t i) { return score(i).overall; });
  if (first.exact_match) {
    text += table.row("exact match", [&](std::size_t i) { return *score(i).exact_match; });
  }
  text += "answer type\n";
  text += types_text(
      table, compared, [](const Score& s) -> auto& { return s.per_answer_type; });
  text += "question type\n";
  text += types_text(
      table, compared, [](const Score& s) -> auto& { return s.per_question_type; });
  text += concat("agreement over ", count_text(first.questions, "question"), "\n");
  for (const ScoredPair& pair : compared.pairs) {
    text += pair_text(pair, columns.heads, compared.annotations.size());
  }
  text += concat("disagreements   ", compared.disagreements(),
                 " questions that some have right and others wrong\n");
  return text;
}

}  // namespace vqalign
