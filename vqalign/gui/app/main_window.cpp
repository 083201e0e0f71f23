#include "vqalign/gui/app/main_window.h"

#include <QCloseEvent>
#include <QDockWidget>
#include <QKeyEvent>
#include <QScreen>
#include <QScrollArea>
#include <QTabBar>
#include <QVBoxLayout>

#include "vqalign/figure/text_block.h"
#include "vqalign/gui/browser/browser_view.h"
#include "vqalign/gui/models/edit_state.h"
#include "vqalign/gui/models/examples.h"
#include "vqalign/gui/sketch/sketch_view.h"
#include "vqalign/gui/views/answers_view.h"
#include "vqalign/gui/views/detail_panels.h"
#include "vqalign/gui/views/heads_panel.h"
#include "vqalign/gui/views/legend_view.h"
#include "vqalign/gui/views/matrix_box.h"
#include "vqalign/gui/views/notice_bar.h"
#include "vqalign/gui/views/picture_view.h"
#include "vqalign/gui/views/question_bar.h"
#include "vqalign/gui/views/start_page.h"
#include "vqalign/gui/views/view_controls.h"
#include "vqalign/gui/views/words_view.h"
#include "vqalign/inspect/shipped_files.h"

/// A static library's resources are registered only when asked for, and outside of namespaces.
static void register_resources() {
  Q_INIT_RESOURCE(vqalign);
}

namespace vqalign {
namespace {

constexpr int kMostWordsHeight = 150;

/// A damaged examples file costs the examples, not the start.
std::vector<Example> examples_or_none() {
  try {
    return read_examples(shipped_examples());
  } catch (const Error&) {
    return {};
  }
}

}  // namespace

MainWindow::MainWindow(const WindowOptions& options, QWidget* parent)
    : QMainWindow(parent), options_(options) {
  register_resources();
  setWindowIcon(QIcon(QString::fromUtf8(":/vqalign/vqalign.svg")));
  setObjectName(QString::fromUtf8("vqalign"));
  setWindowTitle(QString::fromUtf8("vqalign"));
  setAcceptDrops(true);
  setDockNestingEnabled(true);
  apply_theme(options_.theme);
  const std::vector<Example> examples = examples_or_none();
  for (const Example& example : examples) {
    known_questions_[QString::fromStdString(example.picture.string())] = example.questions;
  }
  pages_ = new QStackedWidget;
  start_ = new StartPage(examples);
  pages_->addWidget(start_);
  pages_->addWidget(make_inspection_page());
  notice_ = new NoticeBar;
  auto* centre = new QWidget;
  auto* column = new QVBoxLayout(centre);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  column->addWidget(notice_);
  column->addWidget(pages_, 1);
  setCentralWidget(centre);
  make_docks();
  make_menus();
  make_status_bar();
  connect_inspector();
  connect_jobs(model_jobs_);
  connect_jobs(file_jobs_);
  connect(
      &file_jobs_, &JobThread::failed, this,
      [this](const QString&, const QString& message, const QString& hint) { tell(message, hint); });
  connect_pages();
  resize(QSize(1280, 800).boundedTo(screen()->availableSize()));
  arrange();
  if (options_.keeps_settings) read_settings();
  look_for_photo_models();
  follow_state();
}

MainWindow::~MainWindow() {
  // Views use the inspector and the job threads, which are members: views go first.
  delete takeCentralWidget();
  qDeleteAll(panels_);
  panels_.clear();
}

QWidget* MainWindow::make_inspection_page() {
  question_ = new QuestionBar;
  words_ = new WordsView(inspector_);
  picture_ = new PictureView(inspector_);
  auto* page = new QWidget;
  auto* column = new QVBoxLayout(page);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  column->addWidget(question_);
  column->addWidget(new ViewControls(inspector_));
  column->addWidget(scrolled_words());
  column->addWidget(picture_, 1);
  column->addWidget(new LegendView(inspector_));
  return page;
}

/// Long questions scroll, so that the picture keeps its room.
QWidget* MainWindow::scrolled_words() {
  auto* area = new QScrollArea;
  area->setWidgetResizable(true);
  area->setFrameShape(QFrame::NoFrame);
  area->setFocusPolicy(Qt::NoFocus);
  area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  area->setWidget(words_);
  connect(words_, &WordsView::fitted, area,
          [area](int height) { area->setFixedHeight(std::min(height, kMostWordsHeight)); });
  return area;
}

void MainWindow::connect_inspector() {
  connect(&inspector_, &Inspector::state_changed, this, &MainWindow::follow_state);
  connect(&inspector_, &Inspector::inspection_changed, this, &MainWindow::follow_inspection);
  connect(&inspector_, &Inspector::picture_shown, this, [this] {
    if (!inspector_.falling_back()) {
      remember_recent(QString::fromStdString(inspector_.state().picture.string()));
    }
    follow_state();
  });
  connect(&inspector_, &Inspector::history_changed, this, &MainWindow::follow_state);
  connect(&inspector_, &Inspector::problem, this, &MainWindow::tell);
  connect(&inspector_, &Inspector::model_changed, this, [this] {
    browser_->set_answer_source(inspector_.source());
    model_->setText(display_text(inspector_.model().file.filename().string()));
    model_->setToolTip(display_text(inspector_.model().file.string()));
    remember_model(QString::fromStdString(inspector_.model().file.string()));
    look_for_photo_models();
  });
}

bool MainWindow::settled() const {
  return !model_jobs_.busy() && !file_jobs_.busy() && !inspector_.stale();
}

void MainWindow::tell(const QString& message, const QString& hint) {
  log_->add(QString::fromUtf8("error"), message, hint);
  notice_->tell(message, hint);
  Q_EMIT problem(message, hint);
}

void MainWindow::follow_state() {
  const ViewState& state = inspector_.state();
  pages_->setCurrentIndex(state.picture.empty() ? 0 : 1);
  const QString name = display_text(state.picture.filename().string());
  setWindowTitle(name.isEmpty() ? QString::fromUtf8("vqalign")
                                : name + QString::fromUtf8(" \u2014 vqalign"));
  // What is being typed is nobody else's to change; another question of the state is.
  const bool another = !state.question.empty() && state.question != field_question_;
  if (another && !inspector_.falling_back()) {
    question_->set_question(QString::fromStdString(state.question));
  }
  field_question_ = state.question;
  question_->set_suggestions(
      known_questions_.value(QString::fromStdString(state.picture.string())));
}

void MainWindow::follow_inspection() {
  const auto inspection = inspector_.inspection();
  if (!inspection || inspection->evidence.answers.empty()) {
    answer_->clear();
    return;
  }
  notice_->hide();
  const AnswerEvidence& evidence = inspection->evidence;
  const RankedAnswer& best = evidence.answers.front();
  answer_->setText(
      QString::fromUtf8("%1, %2 \u00b7 answered in %3 ms")
          .arg(display_text(best.text), percent_text(best.probability, 1))
          .arg(evidence.encode_milliseconds + evidence.answer_milliseconds, 0, 'f', 1));
  answer_->setToolTip(QString::fromUtf8("Picture encoded in %1 ms, answered in %2 ms")
                          .arg(evidence.encode_milliseconds, 0, 'f', 1)
                          .arg(evidence.answer_milliseconds, 0, 'f', 1));
  tell_warnings(evidence.warnings);
}

/// All of them in one message; kept in the log once for as long as they stay the same.
void MainWindow::tell_warnings(const std::vector<std::string>& warnings) {
  QStringList texts;
  for (const std::string& warning : warnings) texts << display_text(warning);
  if (!texts.isEmpty()) notice_->tell(texts.join(u'\n'), {});
  if (texts != told_warnings_) {
    for (const QString& text : texts) log_->add(QString::fromUtf8("warning"), text, {});
  }
  told_warnings_ = texts;
}

void MainWindow::ask(const QString& question) {
  if (inspector_.state().picture.empty()) {
    return tell(QString::fromUtf8("There is no picture to ask about yet"),
                QString::fromUtf8("open or drop one, or take an example"));
  }
  if (question.isEmpty()) {
    return tell(QString::fromUtf8("The question is empty"), QString::fromUtf8("type one first"));
  }
  inspector_.ask(inspector_.state().picture, question.toStdString());
}

void MainWindow::keyPressEvent(QKeyEvent* event) {
  if (event->key() == Qt::Key_Escape) return reset_view(inspector_);
  QMainWindow::keyPressEvent(event);
}

void MainWindow::closeEvent(QCloseEvent* event) {
  if (options_.keeps_settings) write_settings();
  QMainWindow::closeEvent(event);
}

}  // namespace vqalign
