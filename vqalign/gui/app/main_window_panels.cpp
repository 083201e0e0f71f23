// The panels around the picture, and how they are laid out at first.
#include <QAction>
#include <QDockWidget>
#include <QScrollArea>
#include <QTabBar>
#include <QTimer>
#include <QVBoxLayout>

#include "vqalign/gui/app/main_window.h"
#include "vqalign/gui/browser/browser_view.h"
#include "vqalign/gui/sketch/sketch_view.h"
#include "vqalign/gui/views/answers_view.h"
#include "vqalign/gui/views/detail_panels.h"
#include "vqalign/gui/views/heads_panel.h"
#include "vqalign/gui/views/matrix_box.h"
#include "vqalign/gui/views/passes_box.h"
#include "vqalign/gui/views/reliability_panel.h"

namespace vqalign {

QDockWidget* MainWindow::add_panel(QWidget* widget, const char* name, const char* title,
                                   const char* keys, Qt::DockWidgetArea area) {
  auto* dock = new QDockWidget(QString::fromUtf8(title), this);
  dock->setObjectName(QString::fromUtf8(name));
  dock->setWidget(widget);
  auto* show = new QAction(dock->windowTitle(), this);
  show->setShortcut(QKeySequence(QString::fromUtf8(keys)));
  show->setCheckable(true);
  // A panel that lies behind another comes to the front before it is hidden.
  connect(show, &QAction::triggered, this, [this, dock, show] {
    if (dock->isVisible() && !dock->visibleRegion().isEmpty()) {
      dock->hide();
    } else {
      show_panel(dock->objectName());
    }
    show->setChecked(dock->isVisible());
  });
  connect(dock, &QDockWidget::visibilityChanged, show,
          [dock, show] { show->setChecked(!dock->isHidden()); });
  panel_actions_ << show;
  addDockWidget(area, dock);
  panels_[dock->objectName()] = dock;
  return dock;
}

void MainWindow::make_docks() {
  answers_ = new AnswersView(inspector_);
  heads_ = new HeadsPanel(inspector_);
  log_ = new LogPanel;
  reliability_ = new ReliabilityPanel(inspector_);
  browser_ = new BrowserView(model_jobs_);
  sketch_ = new SketchView;
  auto* scrolled = new QScrollArea;
  scrolled->setWidgetResizable(true);
  scrolled->setFrameShape(QFrame::NoFrame);
  scrolled->setFocusPolicy(Qt::NoFocus);
  scrolled->setWidget(answers_);
  auto* answers = new QWidget;
  auto* column = new QVBoxLayout(answers);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  column->addWidget(new PassesBox(inspector_));
  column->addWidget(scrolled, 1);
  add_panel(answers, "answers", "Answers", "Ctrl+1", Qt::RightDockWidgetArea);
  add_panel(heads_, "heads", "Heads", "Ctrl+2", Qt::RightDockWidgetArea);
  add_panel(new MatrixBox(inspector_), "matrix", "Matrix", "Ctrl+3", Qt::RightDockWidgetArea);
  add_panel(new HeadPanel(inspector_), "head", "Head", "Ctrl+4", Qt::RightDockWidgetArea);
  add_panel(new NumbersPanel(inspector_), "numbers", "Numbers", "Ctrl+5", Qt::RightDockWidgetArea);
  add_panel(new ModelPanel(inspector_), "model", "Model", "Ctrl+6", Qt::RightDockWidgetArea);
  add_panel(log_, "log", "Log", "Ctrl+7", Qt::RightDockWidgetArea);
  add_panel(reliability_, "reliability", "How well calibrated", "Ctrl+Shift+W",
            Qt::RightDockWidgetArea);
  add_panel(browser_, "browser", "Browse", "Ctrl+8", Qt::BottomDockWidgetArea);
  add_panel(sketch_, "sketch", "Draw your own", "Ctrl+9", Qt::LeftDockWidgetArea);
}

/// The layout at first: answers above, all other panels as tabs below them.
void MainWindow::arrange() {
  for (const char* name : {"matrix", "head", "numbers", "model", "log", "reliability"}) {
    tabifyDockWidget(panels_[QString::fromUtf8("heads")], panels_[QString::fromUtf8(name)]);
  }
  for (QTabBar* tabs : findChildren<QTabBar*>()) {
    tabs->setAccessibleName(QString::fromUtf8("Panels"));
    tabs->setElideMode(Qt::ElideNone);
    tabs->setUsesScrollButtons(true);
  }
  for (QDockWidget* dock : panels_) {
    dock->setFloating(false);
    const bool hidden = dock->objectName() == QString::fromUtf8("browser") ||
                        dock->objectName() == QString::fromUtf8("sketch");
    dock->setVisible(!hidden);
  }
  panels_[QString::fromUtf8("heads")]->raise();
  resizeDocks({panels_[QString::fromUtf8("answers")]}, {640}, Qt::Horizontal);
  resizeDocks({panels_[QString::fromUtf8("answers")], panels_[QString::fromUtf8("heads")]},
              {250, 480}, Qt::Vertical);
}

bool MainWindow::show_panel(const QString& name) {
  QDockWidget* dock = panels_.value(name);
  if (!dock) return false;
  dock->show();
  dock->raise();
  return true;
}

/// A floating panel would lie behind a window that is shown after it.
void MainWindow::showEvent(QShowEvent* event) {
  QMainWindow::showEvent(event);
  for (QDockWidget* dock : panels_) {
    if (dock->isFloating() && dock->isVisible()) QTimer::singleShot(0, dock, &QWidget::raise);
  }
}

}  // namespace vqalign
