#include "vqalign/train/robustness/robustness_tables.h"

#include <algorithm>
#include <cmath>

#include "vqalign/core/error.h"
#include "vqalign/train/report_parts.h"
#include "vqalign/train/robustness/kinds.h"

namespace vqalign {
namespace {

using detail::html_number;

bool is_attack(const std::string& kind) {
  return harmed_part(kind) == HarmedPart::kQuestions;
}

double to_decimals(double value, int decimals) {
  const double unit = std::pow(10.0, decimals);
  return std::round(value * unit) / unit;
}

void set_figures(Json& json, const std::vector<RobustnessFigure>& figures,
                 const RobustnessPoint& point) {
  for (const RobustnessFigure& figure : figures) json.set(figure.key, figure.value(point));
}

Json curve_json(const RobustnessCurve& curve, const std::vector<RobustnessFigure>& figures,
                const RobustnessPoint& clean) {
  Json points = Json::array();
  for (const RobustnessPoint& point : curve.points) {
    Json told = Json::object().set("severity", point.severity).set("amount", point.amount);
    set_figures(told, figures, point);
    if (is_attack(curve.kind)) told.set("changed", point.changed);
    points.push(std::move(told));
  }
  Json json = Json::object()
                  .set("kind", curve.kind)
                  .set("part", part_name(harmed_part(curve.kind)))
                  .set("points", std::move(points));
  if (!curve.complete()) return json;
  Json mean = Json::object(), drop = Json::object();
  for (const RobustnessFigure& figure : figures) {
    const int decimals = figure.falls ? figure.decimals : 6;
    mean.set(figure.key, to_decimals(curve.mean(figure), decimals));
    drop.set(figure.key, to_decimals(figure.value(clean) - curve.mean(figure), decimals));
  }
  return json.set("mean", std::move(mean)).set("drop", std::move(drop));
}

std::string csv_row(const std::string& kind, const char* part, const RobustnessPoint& point,
                    bool attack) {
  return concat(kind, ",", part, ",", point.severity, ",", point.amount, ",",
                html_number(point.overall), ",", point.pavpu ? html_number(*point.pavpu) : "", ",",
                html_number(point.ece, 6), ",", attack ? html_number(point.changed, 6) : "", "\n");
}

}  // namespace

Json robustness_json(const RobustnessHead& head, const RobustnessResult& result) {
  const std::vector<RobustnessFigure> figures = robustness_figures(result.passes);
  Json json = Json::object()
                  .set("model", head.model)
                  .set("data", head.data)
                  .set("seed", static_cast<int64_t>(head.seed))
                  .set("questions", result.questions)
                  .set("passes", result.passes)
                  .set("complete", result.complete);
  Json kinds = Json::array();
  if (result.clean) {
    Json clean = Json::object();
    set_figures(clean, figures, *result.clean);
    json.set("clean", std::move(clean));
    for (const RobustnessCurve& curve : result.curves) {
      kinds.push(curve_json(curve, figures, *result.clean));
    }
  }
  return json.set("kinds", std::move(kinds));
}

std::string robustness_csv(const RobustnessResult& result) {
  std::string csv = "kind,part,severity,amount,overall,pavpu,ece,changed\n";
  if (result.clean) csv += csv_row("clean", "", *result.clean, false);
  for (const RobustnessCurve& curve : result.curves) {
    for (const RobustnessPoint& point : curve.points) {
      csv += csv_row(curve.kind, part_name(harmed_part(curve.kind)), point, is_attack(curve.kind));
    }
  }
  return csv;
}

TextTable robustness_table(const RobustnessResult& result, const RobustnessFigure& figure) {
  const bool tells_changed = figure.key == std::string("overall") &&
                             std::any_of(result.curves.begin(), result.curves.end(),
                                         [](const auto& curve) { return is_attack(curve.kind); });
  TextTable table{{figure.title}, {}};
  for (int64_t severity = 0; severity <= kMostSeverity; ++severity) {
    table.head.push_back(std::to_string(severity));
  }
  table.head.insert(table.head.end(), {"mean", figure.falls ? "drop" : "rise"});
  if (tells_changed) table.head.emplace_back("changed %");
  for (const RobustnessCurve& curve : result.curves) {
    if (!result.clean || curve.points.empty()) continue;
    const double clean = figure.value(*result.clean);
    std::vector<std::string> row = {curve.kind, html_number(clean, figure.decimals)};
    for (const RobustnessPoint& point : curve.points) {
      row.push_back(html_number(figure.value(point), figure.decimals));
    }
    if (curve.complete()) {
      const double mean = curve.mean(figure);
      row.push_back(html_number(mean, figure.decimals));
      row.push_back(html_number(figure.falls ? clean - mean : mean - clean, figure.decimals));
      if (tells_changed) {
        row.push_back(is_attack(curve.kind) ? html_number(100 * curve.points.back().changed, 1)
                                            : "-");
      }
    }
    row.resize(table.head.size(), "-");
    table.rows.push_back(std::move(row));
  }
  return table;
}

}  // namespace vqalign
