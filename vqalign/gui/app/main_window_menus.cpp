// Menus, their shortcuts, and what is kept between two starts.
#include <QAction>
#include <QActionGroup>
#include <QDockWidget>
#include <QFileInfo>
#include <QMenuBar>
#include <QSettings>

#include "vqalign/gui/app/help_dialog.h"
#include "vqalign/gui/app/main_window.h"
#include "vqalign/gui/models/edit_state.h"
#include "vqalign/gui/views/picture_view.h"
#include "vqalign/gui/views/question_bar.h"

namespace vqalign {
namespace {

constexpr qsizetype kMostRecent = 9;

/// Puts a file at the head of a list of recent ones, where it stands once.
void put_first(const QString& file, QStringList& recent) {
  recent.removeAll(file);
  recent.prepend(file);
  recent = recent.mid(0, kMostRecent);
}

struct FigureChoice {
  const char* text;
  const char* view;
  const char* keys;
};

constexpr FigureChoice kFigureChoices[] = {
    {"&Summary\u2026", "summary", "Ctrl+E"}, {"&Picture and legend\u2026", "overlay", ""},
    {"&Answers\u2026", "answers", ""},       {"&Heads\u2026", "heads", ""},
    {"&Matrix\u2026", "matrix", ""},         {"For a pap&er\u2026", "paper", "Ctrl+Shift+E"}};

template <typename Slot>
QAction* add_to(QMenu& menu, MainWindow* window, const char* text, const char* keys, Slot slot) {
  auto* action = menu.addAction(QString::fromUtf8(text));
  if (*keys) action->setShortcut(QKeySequence(QString::fromUtf8(keys)));
  QObject::connect(action, &QAction::triggered, window, slot);
  return action;
}

QString settings_name() {
  return QString::fromUtf8("vqalign");
}

}  // namespace

void MainWindow::make_menus() {
  const auto menu = [this](const char* title) -> QMenu& {
    return *menuBar()->addMenu(QString::fromUtf8(title));
  };
  make_file_menu(menu("&File"));
  make_edit_menu(menu("&Edit"));
  make_view_menu(menu("&View"));
  make_go_menu(menu("&Go"));
  make_help_menu(menu("&Help"));
}

void MainWindow::make_file_menu(QMenu& menu) {
  add_to(menu, this, "&Open picture\u2026", "Ctrl+O", &MainWindow::choose_picture);
  auto* recent = menu.addMenu(QString::fromUtf8("Open &recent"));
  connect(recent, &QMenu::aboutToShow, this, [this, recent] { fill_recent(*recent); });
  add_to(menu, this, "Open &model\u2026", "Ctrl+M", &MainWindow::choose_model);
  add_to(menu, this, "&Browse dataset\u2026", "Ctrl+D", &MainWindow::choose_dataset);
  add_to(menu, this, "Re&load picture", "F5", &MainWindow::reload);
  menu.addSeparator();
  add_to(menu, this, "Open sess&ion\u2026", "Ctrl+Shift+O", &MainWindow::choose_session);
  add_to(menu, this, "Save s&ession\u2026", "Ctrl+S", &MainWindow::choose_session_file);
  make_figure_menu(*menu.addMenu(QString::fromUtf8("Save &figure")));
  menu.addSeparator();
  add_to(menu, this, "&Quit", "Ctrl+Q", [this] { close(); });
}

void MainWindow::make_figure_menu(QMenu& menu) {
  for (const FigureChoice& choice : kFigureChoices) {
    add_to(menu, this, choice.text, choice.keys,
           [this, view = choice.view] { choose_figure_file(view); });
  }
}

void MainWindow::make_edit_menu(QMenu& menu) {
  auto* undo = inspector_.undo_stack().createUndoAction(this, QString::fromUtf8("&Undo"));
  undo->setShortcut(QKeySequence::Undo);
  auto* redo = inspector_.undo_stack().createRedoAction(this, QString::fromUtf8("&Redo"));
  redo->setShortcuts(
      {QKeySequence(QString::fromUtf8("Ctrl+Shift+Z")), QKeySequence(QString::fromUtf8("Ctrl+Y"))});
  menu.addActions({undo, redo});
  menu.addSeparator();
  add_to(menu, this, "Copy &figure", "Ctrl+Shift+C", &MainWindow::copy_figure);
  add_to(menu, this, "Copy &numbers", "Ctrl+Shift+N", &MainWindow::copy_numbers);
  add_to(menu, this, "Copy as c&ommand", "Ctrl+Shift+K", &MainWindow::copy_command);
  add_to(menu, this, "&Paste picture, file or question", "Ctrl+V", &MainWindow::paste);
  menu.addSeparator();
  // Esc is the window's own key, so that it closes menus and lists first.
  add_to(menu, this, "Rese&t what is seen\tEsc", "", [this] { reset_view(inspector_); });
}

void MainWindow::make_view_menu(QMenu& menu) {
  menu.addActions(panel_actions_);
  menu.addSeparator();
  add_to(menu, this, "Zoom &in", "Ctrl++",
         [this] { picture_->zoom_by(1.25, QRectF(picture_->rect()).center()); });
  add_to(menu, this, "Zoom &out", "Ctrl+-",
         [this] { picture_->zoom_by(0.8, QRectF(picture_->rect()).center()); });
  add_to(menu, this, "&Fit picture", "Ctrl+0", [this] { picture_->zoom_to_fit(); });
  menu.addSeparator();
  auto* themes = menu.addMenu(QString::fromUtf8("&Theme"));
  auto* group = new QActionGroup(this);
  for (const auto& [text, theme] :
       {std::pair{"&System", Theme::kSystem}, {"&Light", Theme::kLight}, {"&Dark", Theme::kDark}}) {
    auto* action = add_to(*themes, this, text, "", [this, theme = theme] { set_theme(theme); });
    action->setCheckable(true);
    action->setChecked(options_.theme == theme);
    group->addAction(action);
  }
  add_to(menu, this, "&Reset layout", "", &MainWindow::arrange);
  auto* full = add_to(menu, this, "Full s&creen", "F11",
                      [this] { setWindowState(windowState() ^ Qt::WindowFullScreen); });
  full->setCheckable(true);
}

void MainWindow::make_go_menu(QMenu& menu) {
  auto* back = add_to(menu, this, "&Back", "Alt+Left", [this] { inspector_.go(-1); });
  auto* forward = add_to(menu, this, "&Forward", "Alt+Right", [this] { inspector_.go(1); });
  const auto follow = [this, back, forward] {
    back->setEnabled(inspector_.can_go(-1));
    forward->setEnabled(inspector_.can_go(1));
  };
  connect(&inspector_, &Inspector::history_changed, this, follow);
  follow();
  add_to(menu, this, "To the &question", "Ctrl+L", [this] {
    question_->field().setFocus();
    question_->field().selectAll();
  });
}

void MainWindow::make_help_menu(QMenu& menu) {
  add_to(menu, this, "&Help", "F1", &MainWindow::show_help);
}

void MainWindow::show_help() {
  auto* help = new HelpDialog(this);
  help->setAttribute(Qt::WA_DeleteOnClose);
  help->show();
}

void MainWindow::set_theme(Theme theme) {
  options_.theme = theme;
  apply_theme(theme);
}

void MainWindow::remember_recent(const QString& file) {
  if (file.isEmpty() || file.startsWith(scratch_.path())) return;
  put_first(file, recent_);
}

void MainWindow::remember_model(const QString& file) {
  if (file.isEmpty()) return;
  put_first(file, recent_models_);
}

void MainWindow::fill_recent(QMenu& menu) {
  menu.clear();
  for (qsizetype i = 0; i < recent_.size(); ++i) {
    const QString file = recent_[i];
    auto* action = add_to(menu, this, "", "", [this, file] { open_picture(file); });
    action->setText(QString::fromUtf8("&%1 %2").arg(i + 1).arg(QFileInfo(file).fileName()));
    action->setToolTip(file);
    action->setEnabled(QFileInfo::exists(file));
  }
  if (recent_.isEmpty()) menu.addAction(QString::fromUtf8("Nothing yet"))->setEnabled(false);
}

void MainWindow::read_settings() {
  const QSettings settings(settings_name(), settings_name());
  restoreGeometry(settings.value(QString::fromUtf8("geometry")).toByteArray());
  restoreState(settings.value(QString::fromUtf8("layout")).toByteArray());
  recent_ = settings.value(QString::fromUtf8("recent")).toStringList();
  recent_models_ = settings.value(QString::fromUtf8("models")).toStringList();
  question_->set_history(settings.value(QString::fromUtf8("questions")).toStringList());
}

void MainWindow::write_settings() {
  QSettings settings(settings_name(), settings_name());
  settings.setValue(QString::fromUtf8("geometry"), saveGeometry());
  settings.setValue(QString::fromUtf8("layout"), saveState());
  settings.setValue(QString::fromUtf8("recent"), recent_);
  settings.setValue(QString::fromUtf8("models"), recent_models_);
  settings.setValue(QString::fromUtf8("questions"), question_->history());
  settings.setValue(QString::fromUtf8("theme"), theme_name(options_.theme));
}

}  // namespace vqalign
