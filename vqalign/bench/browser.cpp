// The batch browser at VQA v2's size.
#include <CLI/App.hpp>
#include <QApplication>
#include <QScrollBar>
#include <QTableView>

#include "vqalign/bench/benchmark.h"
#include "vqalign/bench/offscreen_app.h"
#include "vqalign/bench/temporary_folder.h"
#include "vqalign/bench/timing.h"
#include "vqalign/core/philox.h"
#include "vqalign/data/vqa_files.h"
#include "vqalign/gui/browser/browser_view.h"

namespace vqalign {
namespace {

constexpr int64_t kQuestionsAnImage = 5;
constexpr const char* kColours[] = {"red", "green", "blue", "yellow", "black", "white"};

/// A dataset without pictures, and answers to it of which some are right.
void write_dataset(const std::filesystem::path& folder, int64_t rows) {
  Random random(1);
  std::vector<Question> questions;
  std::vector<Annotation> annotations;
  std::vector<Result> results;
  for (int64_t i = 0; i < rows; ++i) {
    const int64_t image = 1 + i / kQuestionsAnImage;
    const std::string truth = kColours[random.below(std::size(kColours))];
    questions.push_back({i, image, "what colour is thing number " + std::to_string(i % 977)});
    Annotation annotation{i, image, "what colour", "other", truth, {}};
    for (int64_t k = 1; k <= 10; ++k) annotation.answers.push_back({k, truth, "yes"});
    annotations.push_back(std::move(annotation));
    results.push_back({i, kColours[random.below(std::size(kColours))]});
  }
  std::filesystem::create_directories(folder / "val2014");
  write_questions(folder / "v2_OpenEnded_mscoco_val2014_questions.json", questions, "val2014");
  write_annotations(folder / "v2_mscoco_val2014_annotations.json", annotations, "val2014");
  write_results(folder / "results.json", results);
}

/// The browser's window, driven.
class DrivenBrowser {
 public:
  DrivenBrowser(const std::filesystem::path& folder, int64_t rows) : browser_(jobs_) {
    browser_.resize(1200, 800);
    browser_.show();
    browser_.open_dataset(QString::fromStdString(folder.string()));
    browser_.open_results(QString::fromStdString((folder / "results.json").string()));
    while (int64_t(browser_.model().summary().scored) < rows) QApplication::processEvents();
  }

  double filter(const RecordFilter& filter) {
    return seconds_of([&] {
      browser_.set_filter(filter);
      draw();
    });
  }
  double sort(int column) {
    return seconds_of([&] {
      table().sortByColumn(column, Qt::DescendingOrder);
      draw();
    });
  }
  double scroll(double place) {
    QScrollBar& bar = *table().verticalScrollBar();
    return seconds_of([&] {
      bar.setValue(int(place * bar.maximum()));
      draw();
    });
  }

 private:
  QTableView& table() { return *browser_.findChild<QTableView*>(); }
  void draw() {
    QApplication::processEvents();
    browser_.grab();
  }

  JobThread jobs_;
  BrowserView browser_;
};

Report measure_browser(BenchContext& context, int64_t rows) {
  const OffscreenApp application;
  const TemporaryFolder folder;
  write_dataset(folder.path(), rows);
  DrivenBrowser browser(folder.path(), rows);
  const int64_t rounds = context.repetitions(10);
  std::vector<double> filtered, sorted, scrolled;
  context.progress.begin("browsing", rounds, "rounds");
  for (int64_t round = 0; round < rounds; ++round) {
    context.cancel.check();
    RecordFilter filter;
    filter.text = kColours[round % int64_t(std::size(kColours))];
    filter.rightness = Rightness::kWrong;
    filtered.push_back(browser.filter(filter));
    browser.filter({});
    sorted.push_back(browser.sort(int(1 + round % 6)));
    for (const double place : {0.3, 0.31, 0.9, 0.1}) scrolled.push_back(browser.scroll(place));
    context.progress.update(round + 1);
  }
  Report report("browser", Json::object().set("questions", rows),
                {{"what", "what"}, {"milliseconds", "ms", 1}, {"slowest", "slowest", 1}});
  const auto add = [&](const char* what, const std::vector<double>& seconds) {
    report.add({what, quantile(seconds, 0.5) * 1e3, quantile(seconds, 1) * 1e3});
  };
  add("filter by words and result, drawn", filtered);
  add("sort by a column, drawn", sorted);
  add("scroll to another place, drawn", scrolled);
  return report;
}

}  // namespace

BenchAction define_browser(CLI::App& app) {
  const auto rows = std::make_shared<int64_t>(200'000);
  add_count(app, "--rows", *rows, 10, 10'000'000, "questions of the dataset");
  app.footer("example:\n  vqalign-bench browser --rows 20000");
  return [rows](BenchContext& context) { return measure_browser(context, *rows); };
}

}  // namespace vqalign
