// The desktop app, offscreen: how long a person waits.
#include <CLI/App.hpp>
#include <QApplication>
#include <QLineEdit>
#include <QMouseEvent>
#include <QProcess>
#include <QTemporaryDir>
#include <QThread>
#include <fstream>
#include <memory>

#include "vqalign/bench/app_model.h"
#include "vqalign/bench/benchmark.h"
#include "vqalign/bench/offscreen_app.h"
#include "vqalign/bench/temporary_folder.h"
#include "vqalign/bench/timing.h"
#include "vqalign/core/error.h"
#include "vqalign/gui/app/main_window.h"
#include "vqalign/gui/models/edit_state.h"
#include "vqalign/gui/views/heads_panel.h"
#include "vqalign/gui/views/picture_view.h"
#include "vqalign/gui/views/question_bar.h"
#include "vqalign/gui/views/words_view.h"
#include "vqalign/inspect/shipped_files.h"

namespace vqalign {
namespace {

constexpr int64_t kQuestionsForMemory = 1000;
constexpr const char* kQuestions[] = {"what colour is the large thing",
                                      "is the red thing to the left of the large one",
                                      "what is the colour of the thing to the left"};

/// Counts the frames that a widget paints.
class PaintCounter : public QObject {
 public:
  explicit PaintCounter(QWidget& widget) { widget.installEventFilter(this); }
  int64_t frames() const { return frames_; }

 protected:
  bool eventFilter(QObject*, QEvent* event) override {
    if (event->type() == QEvent::Paint) ++frames_;
    return false;
  }

 private:
  int64_t frames_ = 0;
};

double resident_megabytes() {
  std::ifstream statm("/proc/self/statm");
  double pages = 0, resident = 0;
  statm >> pages >> resident;
  return resident * 4096 / 1e6;
}

/// A window with a model and a picture, driven as a person does.
class DrivenWindow {
 public:
  DrivenWindow(const std::filesystem::path& model, const std::filesystem::path& picture)
      : window_({.keeps_settings = false, .theme = Theme::kLight}),
        view_(find<PictureView>()),
        painted_(view_) {
    QObject::connect(&window_, &MainWindow::problem, &window_,
                     [this](const QString& message) { problem_ = message.toStdString(); });
    window_.resize(1280, 800);
    window_.show();
    window_.open_model(QString::fromStdString(model.string()));
    settle();
    window_.open_picture(QString::fromStdString(picture.string()),
                         QString::fromUtf8(kQuestions[0]));
    settle();
  }

  /// From Return to the last frame.
  double ask(std::size_t question) {
    QLineEdit& field = find<QuestionBar>().field();
    field.setText(QString::fromUtf8(kQuestions[question % std::size(kQuestions)]));
    return seconds_of([&] {
      QKeyEvent press(QEvent::KeyPress, Qt::Key_Return, {});
      QApplication::sendEvent(&field, &press);
      settle();
    });
  }

  /// The pointer moves to a word; all that lights up is drawn.
  double hover(std::size_t word) {
    WordsView& words = find<WordsView>();
    const QPointF at = words.word_box(word % 5).center();
    return seconds_of([&] {
      QMouseEvent move(QEvent::MouseMove, at, words.mapToGlobal(at), Qt::NoButton, {}, {});
      QApplication::sendEvent(&words, &move);
      draw();
    });
  }

  /// A head is switched off, or on again, and the answer drawn.
  double toggle() {
    const ModelCard& card = window_.inspector().card();
    const HeadSite last{AttentionFamily::kGuided, card.layers - 1, card.heads - 1};
    return seconds_of([&] {
      toggle_silenced(window_.inspector(), last);
      settle();
    });
  }

  int64_t regions() {
    return static_cast<int64_t>(window_.inspector().inspection()->seen_regions.size());
  }

 private:
  template <typename View>
  View& find() {
    return *window_.findChild<View*>();
  }
  void settle() {
    // Waiting without turning in circles: the model has every core.
    while (!window_.settled()) QApplication::processEvents(QEventLoop::WaitForMoreEvents);
    if (!problem_.empty()) fail(problem_);
    draw();
  }
  /// Until what was asked for is on screen.
  void draw() {
    const int64_t before = painted_.frames();
    view_.update();
    while (view_.isVisible() && painted_.frames() == before) QApplication::processEvents();
    QApplication::processEvents();
  }

  std::string problem_;
  MainWindow window_;
  PictureView& view_;
  PaintCounter painted_;
};

void add_row(Report& report, const char* model, const char* what, std::vector<double> seconds,
             double wanted) {
  report.add({model, what, quantile(seconds, 0.5) * 1e3, quantile(seconds, 1) * 1e3, wanted});
}

void measure_window(Report& report, BenchContext& context, const char* name, DrivenWindow& window,
                    double answer_wanted, double toggle_wanted) {
  const auto rounds = static_cast<std::size_t>(context.repetitions(20));
  std::vector<double> asked, hovered, toggled;
  context.progress.begin(name, int64_t(rounds), "rounds");
  for (std::size_t round = 0; round < rounds; ++round) {
    context.cancel.check();
    asked.push_back(window.ask(round + 1));
    for (std::size_t word = 0; word < 5; ++word) hovered.push_back(window.hover(round + word));
    toggled.push_back(window.toggle());
    window.toggle();
    context.progress.update(int64_t(round + 1));
  }
  add_row(report, name, "Return to all views drawn", asked, answer_wanted);
  add_row(report, name, "a word hovered, drawn", hovered, 16);
  add_row(report, name, "a head switched off, answer drawn", toggled, toggle_wanted);
}

/// The whole program: start, model, start page drawn, saved as a picture, end.
std::vector<double> time_starts(BenchContext& context) {
  const QString program =
      QCoreApplication::applicationDirPath() + QString::fromUtf8("/vqalign-gui");
  const QTemporaryDir folder;
  std::vector<double> seconds;
  for (int64_t round = 0; round < std::min<int64_t>(context.repetitions(5), 5); ++round) {
    context.cancel.check();
    seconds.push_back(seconds_of([&] {
      const int status = QProcess::execute(
          program, {QString::fromUtf8("--screenshot"), folder.filePath("start.png")});
      if (status != 0) fail(program.toStdString(), ": ended with status ", status);
    }));
  }
  return seconds;
}

void measure_memory(Report& report, BenchContext& context, DrivenWindow& window) {
  const auto questions = context.options.repetitions > 0 ? 20 : kQuestionsForMemory;
  for (std::size_t i = 0; i < 100 && int64_t(i) < questions; ++i) window.ask(i);
  const double before = resident_megabytes();
  context.progress.begin("memory", questions, "questions");
  for (int64_t i = 0; i < questions; ++i) {
    context.cancel.check();
    window.ask(std::size_t(i));
    context.progress.update(i + 1);
  }
  const double after = resident_megabytes();
  report.add({"shipped",
              concat("megabytes more after ", questions,
                     " questions (first, last: ", int64_t(before), ", ", int64_t(after), ")"),
              after - before, after - before, Json()});
}

Report measure(BenchContext& context) {
  const int64_t threads = prepare_torch(context.options);
  const OffscreenApp application;
  const TemporaryFolder folder;
  Report report("app", Json::object().set("threads", threads).set("window", "1280 x 800"),
                {{"model", "model"},
                 {"what", "what"},
                 {"milliseconds", "ms", 1},
                 {"slowest", "slowest", 1},
                 {"wanted", "wanted"}});
  add_row(report, "shipped", "start, model, window drawn, saved, end", time_starts(context), 1500);
  {
    const std::filesystem::path picture = shipped_examples() / "stars.png";
    DrivenWindow window(shipped_model(), picture);
    measure_window(report, context, "shipped", window, 100, 50);
    measure_memory(report, context, window);
  }
  DrivenWindow large(write_large_model(folder.path()), write_square_picture(folder.path()));
  const std::string name = concat("mcan-small, ", large.regions(), " regions");
  measure_window(report, context, name.c_str(), large, 400, 250);
  return report;
}

}  // namespace

BenchAction define_app(CLI::App& app) {
  app.footer("example:\n  vqalign-bench app --repetitions 5");
  return [](BenchContext& context) { return measure(context); };
}

}  // namespace vqalign
