#include "vqalign/train/experiment/results.h"

#include "vqalign/core/atomic_file.h"
#include "vqalign/core/error.h"
#include "vqalign/train/experiment/plots.h"

namespace vqalign {

void write_experiment_results(const std::filesystem::path& out, const TableHead& head,
                              const ExperimentSummary& summary) {
  write_file_atomic(out / "results.csv", results_csv(summary));
  write_json(out / "results.json", results_json(head, summary));
  write_file_atomic(out / "results.md", results_markdown(head, summary));
  for (const Figure& figure : experiment_figures()) {
    if (!summary.has(figure)) continue;
    write_file_atomic(out / concat("plot-", figure.key, ".svg"), figure_plot(figure, summary));
  }
  write_file_atomic(out / "results.html", results_page(head, summary));
}

}  // namespace vqalign
