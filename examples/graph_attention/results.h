#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "training.h"

namespace graph_attention {

/// The runs of one way of aligning, a seed each, in the order of the seeds.
struct Setting {
  std::string name;
  std::vector<Run> runs;
};

/// The two-sided p-value of the paired t-test: whether the mean of these differences, at least two,
/// is 0. 1 where all are 0, 0 where all are alike otherwise.
double paired_p_value(const std::vector<double>& differences);

/// A row a setting: means over seeds with 95 % intervals of Student's t, of test and validation
/// accuracy; against the first setting, seed by seed, the mean difference of test accuracies, its
/// interval and paired_p_value(); epochs and seconds a seed. Markdown.
std::string results_table(const std::vector<Setting>& settings);

/// A row a run, written atomically: setting, seed, test, validation, validation_loss, best_epoch,
/// epochs, seconds.
void write_runs(const std::filesystem::path& path, const std::vector<Setting>& settings);

}  // namespace graph_attention
