#include "vqalign/train/experiment/tables.h"

#include <cmath>

#include "vqalign/core/csv.h"
#include "vqalign/core/error.h"
#include "vqalign/train/report_parts.h"

namespace vqalign {
namespace {

using detail::html_count;
using detail::html_number;

/// How a folder is named from the results: "runs/ct-1".
std::string run_folder(const RunRecord& run) {
  return "runs/" + run.plan.name();
}

std::string number_field(const Json* value) {
  return value && value->is_number() ? value->dump() : std::string();
}

/// Text within a cell of a Markdown table.
std::string cell(const std::string& text) {
  std::string safe;
  for (const char c : text) {
    if (c == '|') safe += '\\';
    safe += c == '\n' || c == '\r' ? ' ' : c;
  }
  return safe;
}

std::string markdown_row(const std::vector<std::string>& cells) {
  std::string row = "|";
  for (const std::string& text : cells) row += concat(" ", cell(text), " |");
  return row + "\n";
}

std::string markdown_rule(std::size_t columns) {
  std::string rule = "|---|";
  for (std::size_t i = 1; i < columns; ++i) rule += "---:|";
  return rule + "\n";
}

template <typename Map>
auto found_in(const Map& map, const char* key) {
  const auto found = map.find(key);
  return found == map.end() ? nullptr : &found->second;
}

Json compared_json(const ComparedFigure& compared) {
  return Json::object()
      .set("difference", compared.paired.difference)
      .set("low", compared.paired.low)
      .set("high", compared.paired.high)
      .set("p_value", compared.paired.p_value)
      .set("holm_p", compared.holm_p)
      .set("seeds_p", compared.seeds_p)
      .set("seeds", compared.seeds);
}

Json setting_json(const SettingSummary& setting) {
  Json figures = Json::object(), against = Json::object();
  for (const Figure& figure : experiment_figures()) {
    if (const auto* interval = found_in(setting.figures, figure.key)) {
      figures.set(figure.key, interval_json(*interval, "seeds"));
    }
    if (const auto* compared = found_in(setting.against_base, figure.key)) {
      against.set(figure.key, compared_json(*compared));
    }
  }
  return Json::object()
      .set("setting", setting.name)
      .set("runs", setting.runs)
      .set("finished", setting.finished)
      .set("failed", setting.failed)
      .set("figures", std::move(figures))
      .set("against_base", std::move(against));
}

Json run_json(const RunRecord& run) {
  Json json = Json::object()
                  .set("setting", run.plan.setting)
                  .set("seed", run.plan.seed)
                  .set("state", state_text(run))
                  .set("folder", run_folder(run));
  if (run.finished) {
    json.set("figures", run.result.at("figures"))
        .set("model_sha256", run.result.at("model").at("sha256"));
  }
  if (!run.failure.empty()) json.set("failure", run.failure);
  return json;
}

std::string markdown_table(const TextTable& table, const std::string& rule) {
  std::string text = markdown_row(table.head) + rule;
  for (const std::vector<std::string>& row : table.rows) text += markdown_row(row);
  return text;
}

/// The measured columns, or those of them that are compared question by question.
std::vector<const Figure*> columns_of(const ExperimentSummary& summary, bool compared) {
  std::vector<const Figure*> columns;
  for (const Figure& figure : experiment_figures()) {
    if (summary.has(figure) && (!compared || *figure.questions)) columns.push_back(&figure);
  }
  return columns;
}

}  // namespace

const char* state_text(const RunRecord& run) {
  return run.finished ? "finished" : run.failure.empty() ? "waiting" : "failed";
}

std::string value_text(const Figure& figure, double value) {
  return figure.decimals == 0 ? html_count(std::llround(value))
                              : html_number(value, figure.decimals);
}

std::string figure_text(const Figure& figure, const MeanInterval* interval) {
  if (!interval || interval->count == 0) return "-";
  const std::string mean = value_text(figure, interval->mean);
  // A setting's size is the same for all its seeds.
  if (!interval->half_width || figure.decimals == 0) return mean;
  return mean + " ± " + value_text(figure, *interval->half_width);
}

std::string comparison_text(const Figure& figure, const ComparedFigure* compared) {
  if (!compared) return "-";
  const auto with_sign = [&](double value) {
    const std::string text = value_text(figure, value);
    return text.starts_with('-') ? text : "+" + text;
  };
  const PairedDifference& paired = compared->paired;
  return concat(with_sign(paired.difference), " (", with_sign(paired.low), " to ",
                with_sign(paired.high), "), p ", html_number(compared->holm_p, 4), "; seeds alone ",
                html_number(compared->seeds_p, 4));
}

TextTable figures_table(const ExperimentSummary& summary) {
  const std::vector<const Figure*> columns = columns_of(summary, false);
  TextTable table{{"setting"}, {}};
  for (const Figure* figure : columns) table.head.emplace_back(figure->title);
  table.head.emplace_back("seeds");
  for (const SettingSummary& setting : summary.settings) {
    std::vector<std::string>& row = table.rows.emplace_back(1, setting.name);
    for (const Figure* figure : columns) {
      row.push_back(figure_text(*figure, found_in(setting.figures, figure->key)));
    }
    row.push_back(concat(setting.finished, " of ", setting.runs));
  }
  return table;
}

TextTable comparison_table(const TableHead& head, const ExperimentSummary& summary) {
  const std::vector<const Figure*> columns = columns_of(summary, true);
  TextTable table{{"against " + head.spec->base}, {}};
  for (const Figure* figure : columns) table.head.emplace_back(figure->title);
  for (const SettingSummary& setting : summary.settings) {
    if (setting.against_base.empty()) continue;
    std::vector<std::string>& row = table.rows.emplace_back(1, setting.name);
    for (const Figure* figure : columns) {
      row.push_back(comparison_text(*figure, found_in(setting.against_base, figure->key)));
    }
  }
  return table;
}

TextTable runs_table(const ExperimentSummary& summary) {
  TextTable table{{"run", "state", "accuracy %", "model's SHA-256, or why it failed"}, {}};
  for (const RunRecord& run : summary.runs) {
    const auto accuracy = run.figures.find("accuracy");
    table.rows.push_back(
        {run_folder(run), state_text(run),
         accuracy == run.figures.end() ? "" : html_number(accuracy->second),
         run.finished ? run.result.at("model").at("sha256").as_string() : run.failure});
  }
  return table;
}

std::string results_csv(const ExperimentSummary& summary) {
  std::string text = "setting,seed,state";
  for (const Figure& figure : experiment_figures()) text += concat(",", figure.key);
  text += ",steps,training_seconds,best_epoch,model_sha256,folder,failure\n";
  for (const RunRecord& run : summary.runs) {
    text += concat(csv_field(run.plan.setting), ",", run.plan.seed, ",", state_text(run));
    const Json* figures = run.result.find("figures");
    for (const Figure& figure : experiment_figures()) {
      text += concat(",", number_field(figures ? figures->find(figure.key) : nullptr));
    }
    const Json* training = run.result.find("training");
    const Json* best = training ? training->find("best") : nullptr;
    const Json* model = run.result.find("model");
    text += concat(",", number_field(training ? training->find("steps") : nullptr), ",",
                   number_field(training ? training->find("seconds") : nullptr), ",",
                   number_field(best ? best->find("epoch") : nullptr), ",",
                   model ? model->at("sha256").as_string() : std::string(), ",",
                   csv_field(run_folder(run)), ",", csv_field(run.failure), "\n");
  }
  return text;
}

Json results_json(const TableHead& head, const ExperimentSummary& summary) {
  Json settings = Json::array(), runs = Json::array(), seeds = Json::array();
  for (const SettingSummary& setting : summary.settings) settings.push(setting_json(setting));
  for (const RunRecord& run : summary.runs) runs.push(run_json(run));
  for (const int64_t seed : head.spec->seeds) seeds.push(seed);
  return Json::object()
      .set("name", head.spec->name)
      .set("base", head.spec->base)
      .set("seeds", std::move(seeds))
      .set("questions", summary.questions)
      .set("bootstrap", Json::object()
                            .set("replicates", head.bootstrap.replicates)
                            .set("seed", static_cast<int64_t>(head.bootstrap.seed)))
      .set("settings", std::move(settings))
      .set("runs", std::move(runs));
}

std::vector<std::string> table_notes(const TableHead& head, const ExperimentSummary& summary) {
  const ExperimentSpec& spec = *head.spec;
  std::string state = concat(summary.finished(), " of ", summary.runs.size(), " runs finished");
  if (summary.failed() > 0) state += concat(", ", summary.failed(), " failed");
  state += concat("; ", html_count(summary.questions), " questions");
  if (spec.passes > 0) state += concat("; ", spec.passes, " passes");
  if (spec.noise > 0) {
    state += concat("; noisy: deviation ", spec.noise, " on the regions' features");
  }
  std::vector<std::string> notes = {state + "."};
  if (spec.seeds.size() < 2) {
    notes.emplace_back(
        "One seed: there are no intervals and no comparison, for nothing tells how "
        "far another seed would have been from it.");
  } else {
    notes.emplace_back("Mean over seeds ± half the 95 % interval by Student's t.");
    notes.push_back(
        concat("Against ", spec.base, ": difference (95 % interval) and p by ",
               html_count(head.bootstrap.replicates),
               " replicates of the paired bootstrap over seeds and questions, p after "
               "Holm's correction for the settings compared. Of few seeds that p is too "
               "small where they differ much; seeds alone: Student's paired t-test "
               "over seeds, after Holm's correction too."));
  }
  if (const int64_t jobs = summary.most_jobs(); jobs > 1) {
    notes.push_back(
        concat("Up to ", jobs, " runs at once shared the machine: s/step tells little."));
  }
  return notes;
}

std::string results_markdown(const TableHead& head, const ExperimentSummary& summary) {
  const TextTable figures = figures_table(summary), compared = comparison_table(head, summary);
  std::string text = "# " + cell(head.spec->name) + "\n\n" +
                     markdown_table(figures, markdown_rule(figures.head.size())) + "\n";
  if (!compared.rows.empty()) {
    text += markdown_table(compared, markdown_rule(compared.head.size())) + "\n";
  }
  for (const std::string& note : table_notes(head, summary)) text += note + "\n\n";
  return text + markdown_table(runs_table(summary), "|---|---|---:|---|\n");
}

}  // namespace vqalign
