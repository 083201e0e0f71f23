#include "results.h"

#include <cmath>
#include <cstdio>

#include "vqalign/core/atomic_file.h"
#include "vqalign/core/comparison.h"
#include "vqalign/core/csv.h"
#include "vqalign/core/error.h"
#include "vqalign/core/statistics.h"

namespace graph_attention {

namespace {

std::string decimals(double value, int count, bool sign = false) {
  char text[64];
  std::snprintf(text, sizeof text, sign ? "%+.*f" : "%.*f", count, value);
  return text;
}

std::vector<double> column(const Setting& setting, double (*value)(const Run&)) {
  std::vector<double> values;
  for (const Run& run : setting.runs) values.push_back(value(run));
  return values;
}

std::string mean_text(const std::vector<double>& values) {
  const auto interval = vqalign::mean_interval(values);
  const std::string mean = decimals(interval.mean, 2);
  return interval.half_width ? mean + " ± " + decimals(*interval.half_width, 2) : mean;
}

std::string difference_text(const Setting& setting, const Setting& base) {
  std::vector<double> differences;
  for (std::size_t i = 0; i < setting.runs.size(); ++i) {
    differences.push_back(setting.runs[i].test - base.runs[i].test);
  }
  const auto interval = vqalign::mean_interval(differences);
  std::string text = decimals(interval.mean, 2, true);
  if (interval.half_width) {
    text += " ± " + decimals(*interval.half_width, 2) + ", p " +
            decimals(paired_p_value(differences), 3);
  }
  return text;
}

double mean_of(const Setting& setting, double (*value)(const Run&)) {
  return vqalign::mean_interval(column(setting, value)).mean;
}

}  // namespace

double paired_p_value(const std::vector<double>& differences) {
  const auto interval = vqalign::mean_interval(differences);
  double squares = 0;
  for (const double difference : differences) squares += std::pow(difference - interval.mean, 2);
  if (squares == 0) return interval.mean == 0 ? 1 : 0;
  const double count = static_cast<double>(differences.size());
  const double freedom = count - 1;
  const double t_squared = interval.mean * interval.mean * count * freedom / squares;
  return vqalign::incomplete_beta(freedom / 2, 0.5, freedom / (freedom + t_squared));
}

std::string results_table(const std::vector<Setting>& settings) {
  const std::string against = settings.front().name;
  std::string text = "| align | test | against " + against +
                     " | validation | epochs | s/seed |\n"
                     "|---|---:|---:|---:|---:|---:|\n";
  for (const Setting& setting : settings) {
    const bool first = &setting == &settings.front();
    text += vqalign::concat(
        "| ", setting.name, " | ", mean_text(column(setting, [](const Run& r) { return r.test; })),
        " | ", first ? "" : difference_text(setting, settings.front()), " | ",
        mean_text(column(setting, [](const Run& r) { return r.validation; })), " | ",
        decimals(mean_of(setting, [](const Run& r) { return double(r.epochs); }), 0), " | ",
        decimals(mean_of(setting, [](const Run& r) { return r.seconds; }), 1), " |\n");
  }
  return text;
}

void write_runs(const std::filesystem::path& path, const std::vector<Setting>& settings) {
  std::string text = "setting,seed,test,validation,validation_loss,best_epoch,epochs,seconds\n";
  for (const Setting& setting : settings) {
    for (const Run& run : setting.runs) {
      text += vqalign::concat(vqalign::csv_field(setting.name), ",", run.seed, ",",
                              decimals(run.test, 2), ",", decimals(run.validation, 2), ",",
                              decimals(run.validation_loss, 4), ",", run.best_epoch, ",",
                              run.epochs, ",", decimals(run.seconds, 2), "\n");
    }
  }
  vqalign::write_file_atomic(path, text);
}

}  // namespace graph_attention
