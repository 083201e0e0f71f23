// What is measured of attention as JSON and CSV.
#include <cmath>

#include "vqalign/core/csv.h"
#include "vqalign/core/error.h"
#include "vqalign/train/attention_tables.h"
#include "vqalign/train/report_parts.h"

namespace vqalign {
namespace {

Json subject_json(const AttentionMeans& means, std::size_t subject) {
  Json json = Json::object().set("subject", means.names[subject]);
  if (subject >= kRegionSources) {
    const HeadSite& site = means.sites[subject - kRegionSources];
    json.set("family", family_name(site.family)).set("layer", site.layer).set("head", site.head);
  }
  for (std::size_t i = 0; i < kAttentionFigures; ++i) {
    const auto figure = static_cast<AttentionFigure>(i);
    const MeanInterval& mean = means.mean(subject, figure);
    if (mean.count > 0) json.set(figure_name(figure), interval_json(mean, "questions"));
  }
  const std::optional<double> ratio = means.pointing_ratio(subject);
  if (ratio) json.set("ratio", *ratio);
  return json;
}

Json model_json(const MeasuredModel& model) {
  const AttentionQuality& quality = model.quality;
  Json subjects = Json::array();
  for (std::size_t i = 0; i < quality.subjects.size(); ++i) {
    subjects.push(subject_json(model.means, i));
  }
  return Json::object()
      .set("name", model.name)
      .set("questions", quality.questions.size())
      .set("pointed", quality.pointed())
      .set("occluded", quality.occluded)
      .set("without_labels", quality.without_labels)
      .set("about_nothing", quality.about_nothing)
      .set("left_out", quality.left_out)
      .set("mmd_total", model.means.mmd_total)
      .set("subjects", std::move(subjects));
}

Json differences_json(const AttentionReport& report) {
  Json json = Json::array();
  for (std::size_t subject = 0; subject < report.differences.size(); ++subject) {
    Json row = Json::object().set("subject", report.model.means.names[subject]);
    for (std::size_t i = 0; i < kAttentionFigures; ++i) {
      const std::optional<PairedDifference>& found = report.differences[subject][i];
      if (!found) continue;
      row.set(figure_name(static_cast<AttentionFigure>(i)),
              Json::object()
                  .set("difference", found->difference)
                  .set("low", found->low)
                  .set("high", found->high));
    }
    json.push(std::move(row));
  }
  return json;
}

void csv_rows(const MeasuredModel& model, std::string& text) {
  const AttentionQuality& quality = model.quality;
  for (std::size_t question = 0; question < quality.questions.size(); ++question) {
    text += concat(quality.questions[question], ",", csv_field(model.name));
    for (std::size_t subject = 0; subject < kRegionSources; ++subject) {
      for (std::size_t i = 0; i + 1 < kAttentionFigures; ++i) {
        const double value = quality.subjects[subject][i][question];
        text += ',';
        if (!std::isnan(value)) text += detail::html_number(value, 6);
      }
    }
    text += "\n";
  }
}

}  // namespace

std::string attention_csv(const AttentionReport& report) {
  std::string text = "question_id,model";
  for (std::size_t subject = 0; subject < kRegionSources; ++subject) {
    for (std::size_t i = 0; i + 1 < kAttentionFigures; ++i) {
      text += concat(",", report.model.means.names[subject], "_",
                     figure_name(static_cast<AttentionFigure>(i)));
    }
  }
  text += "\n";
  csv_rows(report.model, text);
  if (report.against) csv_rows(*report.against, text);
  return text;
}

Json attention_json(const AttentionReport& report) {
  Json json = Json::object().set("split", report.data).set("model", model_json(report.model));
  if (!report.against) return json;
  return json.set("against", model_json(*report.against))
      .set("differences", differences_json(report));
}

}  // namespace vqalign
