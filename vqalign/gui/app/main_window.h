#pragma once

#include <QHash>
#include <QLabel>
#include <QMainWindow>
#include <QProgressBar>
#include <QPushButton>
#include <QStackedWidget>
#include <QTemporaryDir>
#include <QTimer>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "vqalign/gui/app/theme.h"
#include "vqalign/gui/models/inspector.h"
#include "vqalign/gui/models/job_thread.h"
#include "vqalign/inspect/photo_models.h"

class QMenu;
class QMimeData;

namespace vqalign {

class AnswersView;
class BrowserView;
class HeadsPanel;
class LogPanel;
class NoticeBar;
class PictureView;
class QuestionBar;
class ReliabilityPanel;
class SketchView;
class StartPage;
class WordsView;

/// How a window starts.
struct WindowOptions {
  /// Whether layout, history, recent files and models, and theme are read and kept (QSettings).
  bool keeps_settings = true;
  Theme theme = Theme::kSystem;
  /// Where models for photographs are looked for, besides the one in use and recent ones.
  std::vector<std::filesystem::path> model_folders = vqalign::model_folders();
};

/// The app's window: the picture with its question and words, answers beside it, and panels of
/// heads, matrix, numbers, model and log around them. All of them show one Inspector.
class MainWindow : public QMainWindow {
  Q_OBJECT

 public:
  explicit MainWindow(const WindowOptions& options, QWidget* parent = nullptr);
  ~MainWindow() override;

  using SourceMaker = std::function<std::shared_ptr<AnswerSource>()>;

  Inspector& inspector() { return inspector_; }
  /// Loads the model that `make` gives; `file` is its name for sessions and commands.
  void load_model(const std::filesystem::path& file, SourceMaker make);
  void open_model(const QString& file);
  /// With the question of the field, when `question` is empty and there is one.
  void open_picture(const QString& file, const QString& question = {});
  void open_session(const QString& file);
  void open_dataset(const QString& folder, const QString& results = {});
  /// Shows the reliability diagram of what `vqalign eval --passes N --verdicts` wrote.
  void open_evaluation(const QString& file);
  /// That of the model's own answers in the browser.
  void show_browsed_reliability();
  /// A picture, model, session, results file, evaluation or dataset folder, by what it is.
  void open_anything(const QString& path);
  /// Writes a figure of what is seen; `view` is figure.view.
  void save_figure(const QString& file, const std::string& view);
  void save_session(const QString& file);
  /// Shows the sketch panel and asks about what is drawn there; a ready sketch where nothing is.
  void begin_sketch();
  void copy_figure();
  void copy_numbers();
  void copy_command();
  void paste();
  void show_help();
  void set_theme(Theme theme);
  /// Brings a panel to the front by its object name: "heads", "matrix", "head", "numbers", "model",
  /// "log", "reliability", "browser", "sketch".
  bool show_panel(const QString& name);
  bool has_panel(const QString& name) const { return panels_.contains(name); }

  /// Nothing is being computed, and all views show what belongs to the state.
  bool settled() const;

 Q_SIGNALS:
  /// Each message once, also those that are shown inside a panel.
  void problem(const QString& message, const QString& hint);

 protected:
  void dragEnterEvent(QDragEnterEvent* event) override;
  void dropEvent(QDropEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void showEvent(QShowEvent* event) override;
  void closeEvent(QCloseEvent* event) override;

 private:
  QWidget* make_inspection_page();
  QWidget* scrolled_words();
  void make_docks();
  QDockWidget* add_panel(QWidget* widget, const char* name, const char* title, const char* keys,
                         Qt::DockWidgetArea area);
  void make_menus();
  void make_file_menu(QMenu& menu);
  void make_edit_menu(QMenu& menu);
  void make_view_menu(QMenu& menu);
  void make_go_menu(QMenu& menu);
  void make_help_menu(QMenu& menu);
  void make_figure_menu(QMenu& menu);
  void make_status_bar();
  void connect_inspector();
  void connect_jobs(JobThread& jobs);
  void connect_pages();

  void choose_picture();
  /// A picture, by dialog, to be asked about with that model.
  void choose_photograph(const QString& model);
  void look_for_photo_models();
  void choose_model();
  void choose_dataset();
  void choose_session();
  void choose_evaluation();
  void choose_session_file();
  void choose_figure_file(const std::string& view);
  void reload();
  bool take_mime(const QMimeData& data);
  bool open_image(const QImage& image);
  void use_sketch(const QImage& image);
  void ask(const QString& question);
  void tell(const QString& message, const QString& hint);
  void tell_warnings(const std::vector<std::string>& warnings);
  void follow_state();
  void follow_inspection();
  void follow_busy();
  void remember_recent(const QString& file);
  void remember_model(const QString& file);
  void fill_recent(QMenu& menu);
  void read_settings();
  void write_settings();
  void arrange();

  WindowOptions options_;
  QTemporaryDir scratch_;
  int pasted_ = 0;
  QStringList recent_;
  QStringList recent_models_;
  std::string field_question_;                   // what was last put into the question field
  QStringList told_warnings_;                    // of the answer that is shown
  QHash<QString, QStringList> known_questions_;  // by picture

  JobThread model_jobs_;
  JobThread file_jobs_;
  Inspector inspector_{model_jobs_};

  QStackedWidget* pages_ = nullptr;
  StartPage* start_ = nullptr;
  NoticeBar* notice_ = nullptr;
  QuestionBar* question_ = nullptr;
  WordsView* words_ = nullptr;
  PictureView* picture_ = nullptr;
  AnswersView* answers_ = nullptr;
  HeadsPanel* heads_ = nullptr;
  LogPanel* log_ = nullptr;
  ReliabilityPanel* reliability_ = nullptr;
  BrowserView* browser_ = nullptr;
  SketchView* sketch_ = nullptr;
  QHash<QString, QDockWidget*> panels_;
  QList<QAction*> panel_actions_;  // in the order of their keys

  QLabel* answer_ = nullptr;
  QLabel* model_ = nullptr;
  QProgressBar* progress_ = nullptr;
  QPushButton* cancel_ = nullptr;
  QTimer busy_soon_;
};

}  // namespace vqalign
