// Wrong answers: what is mistaken for what, and the most confident ones one by one.
#include <algorithm>
#include <map>
#include <set>

#include "vqalign/core/error.h"
#include "vqalign/train/report_parts.h"

namespace vqalign::detail {
namespace {

constexpr std::size_t kMostConfusions = 20;

/// What people answered, the most frequent first, ties by spelling.
std::vector<std::pair<std::string, int64_t>> answer_counts(const Annotation& annotation) {
  std::map<std::string, int64_t> counts;
  for (const AnswerRecord& record : annotation.answers) ++counts[normalise_answer(record.answer)];
  std::vector<std::pair<std::string, int64_t>> sorted(counts.begin(), counts.end());
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  return sorted;
}

std::string shown_answer(const std::string& answer) {
  return answer.empty() ? "<i>(nothing)</i>" : html_data(answer);
}

std::string people_said(const Annotation& annotation) {
  constexpr std::size_t kMostAnswers = 4;
  const auto counts = answer_counts(annotation);
  std::string html;
  for (std::size_t i = 0; i < std::min(kMostAnswers, counts.size()); ++i) {
    html += (i == 0 ? "" : ", ") + shown_answer(counts[i].first);
    if (annotation.answers.size() > 1) html += concat("&nbsp;\u00d7", counts[i].second);
  }
  return html + (counts.size() > kMostAnswers ? ", \u2026" : "");
}

std::string card(const EvaluationReport& report, std::size_t row) {
  const Question& question = report.dataset->questions[row];
  const Annotation& annotation = report.dataset->annotations[row];
  std::string html =
      concat("<figure class=\"card\" data-type=\"", html_text(annotation.answer_type), "\">\n");
  const std::filesystem::path* picture =
      report.dataset->features.empty() ? report.dataset->images.find(question.image_id) : nullptr;
  if (picture) {
    const std::string uri = thumbnail_uri(*picture);
    if (!uri.empty()) {
      html += concat("<img alt=\"picture ", question.image_id, "\" src=\"", uri, "\">\n");
    }
  }
  html += "<figcaption><div class=\"question\">" + html_data(question.question) + "</div>\n";
  html +=
      concat("<div>answered <b class=\"said\">", shown_answer((*report.answers)[row]),
             "</b>, sure to ", html_number(100 * (*report.confidences)[row], 1), "&nbsp;%</div>\n");
  html += "<div>people said <span class=\"truth\">" + people_said(annotation) + "</span></div>\n";
  html += concat("<div class=\"facts\">", html_data(annotation.answer_type), " \u00b7 ",
                 html_data(annotation.question_type), " \u00b7 question ", question.question_id,
                 ", picture ", question.image_id, "</div></figcaption></figure>\n");
  return html;
}

std::string controls(const EvaluationReport& report, const std::vector<std::size_t>& shown) {
  std::set<std::string> types;
  for (const std::size_t row : shown) types.insert(report.dataset->annotations[row].answer_type);
  std::string html =
      "<div class=\"controls\" id=\"controls\" hidden>\n<label>Answer type <select id=\"type\">"
      "<option value=\"\">all</option>";
  for (const std::string& type : types) {
    if (!type.empty()) html += "<option>" + html_text(type) + "</option>";
  }
  return html +
         "</select></label>\n<label>Words <input id=\"words\" type=\"search\"></label>\n"
         "<span id=\"shown\"></span>\n</div>\n";
}

struct Confusion {
  std::string truth;
  std::string said;
  int64_t count = 0;
  std::size_t first = 0;  ///< the question it was first found at
};

std::vector<Confusion> confusions(const EvaluationReport& report,
                                  const std::vector<std::size_t>& wrong) {
  std::map<std::pair<std::string, std::string>, Confusion> found;
  for (const std::size_t row : wrong) {
    const std::string truth = answer_counts(report.dataset->annotations[row]).front().first;
    const std::string said = normalise_answer((*report.answers)[row]);
    if (truth == said) continue;
    Confusion& confusion =
        found.try_emplace({truth, said}, Confusion{truth, said, 0, row}).first->second;
    ++confusion.count;
  }
  std::vector<Confusion> sorted;
  for (auto& [pair, confusion] : found) sorted.push_back(std::move(confusion));
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const Confusion& a, const Confusion& b) { return a.count > b.count; });
  if (sorted.size() > kMostConfusions) sorted.resize(kMostConfusions);
  return sorted;
}

}  // namespace

std::vector<std::size_t> wrong_answers(const EvaluationReport& report) {
  std::vector<std::size_t> wrong;
  for (std::size_t i = 0; i < report.answers->size(); ++i) {
    if (!is_right(*report.score, report.dataset->annotations[i], i)) wrong.push_back(i);
  }
  std::stable_sort(wrong.begin(), wrong.end(), [&](std::size_t a, std::size_t b) {
    return (*report.confidences)[a] > (*report.confidences)[b];
  });
  return wrong;
}

std::string confusion_table(const EvaluationReport& report, const std::vector<std::size_t>& wrong) {
  std::string html =
      "<div class=\"scroll\"><table>\n<thead><tr><th class=\"number\">times</th>"
      "<th>most people said</th><th>answered</th><th>for instance</th></tr></thead>\n<tbody>\n";
  for (const Confusion& confusion : confusions(report, wrong)) {
    html += concat("<tr><td class=\"number\">", html_count(confusion.count),
                   "</td><td class=\"truth\">", shown_answer(confusion.truth),
                   "</td><td class=\"said\">", shown_answer(confusion.said), "</td><td>",
                   html_data(report.dataset->questions[confusion.first].question), "</td></tr>\n");
  }
  return html + "</tbody></table></div>\n";
}

std::string gallery(const EvaluationReport& report, const std::vector<std::size_t>& wrong,
                    Progress& progress, const CancelToken& cancel) {
  const std::vector<std::size_t> shown(
      wrong.begin(),
      wrong.begin() + static_cast<std::ptrdiff_t>(std::min(wrong.size(), kMostCards)));
  std::string html = controls(report, shown) + "<div class=\"gallery\">\n";
  progress.begin("report", static_cast<int64_t>(shown.size()), "pictures");
  for (std::size_t i = 0; i < shown.size(); ++i) {
    cancel.check();
    html += card(report, shown[i]);
    progress.update(static_cast<int64_t>(i + 1));
  }
  progress.end();
  return html + "</div>\n";
}

}  // namespace vqalign::detail
