// What the window says of work that is under way.
#include <QStatusBar>

#include "vqalign/gui/app/main_window.h"

namespace vqalign {
namespace {

constexpr int kStatusMargin = 8;
constexpr int kBlink = 150;  // milliseconds before work is shown as such

constexpr const char* kAsking[] = {Inspector::kLoad, Inspector::kAsk, Inspector::kRelevance,
                                   Inspector::kEffects, Inspector::kPasses};

}  // namespace

void MainWindow::make_status_bar() {
  answer_ = new QLabel;
  answer_->setTextFormat(Qt::PlainText);
  answer_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
  model_ = new QLabel;
  progress_ = new QProgressBar;
  progress_->setFixedWidth(160);
  progress_->setAccessibleName(QString::fromUtf8("Progress"));
  progress_->hide();
  cancel_ = new QPushButton(QString::fromUtf8("Cancel"));
  cancel_->hide();
  connect(cancel_, &QPushButton::clicked, this, [this] { inspector_.cancel(); });
  statusBar()->setContentsMargins(kStatusMargin, 0, kStatusMargin, 0);
  statusBar()->addWidget(answer_, 1);
  statusBar()->addPermanentWidget(progress_);
  statusBar()->addPermanentWidget(cancel_);
  statusBar()->addPermanentWidget(model_);
  busy_soon_.setSingleShot(true);
  busy_soon_.setInterval(kBlink);
  connect(&busy_soon_, &QTimer::timeout, this, [this] {
    inspector_.set_waiting(model_jobs_.busy(QString::fromUtf8(Inspector::kAsk)));
    progress_->setRange(0, 0);
    progress_->show();
    cancel_->show();
  });
}

void MainWindow::connect_jobs(JobThread& jobs) {
  connect(&jobs, &JobThread::started, this, &MainWindow::follow_busy);
  connect(&jobs, &JobThread::finished, this, &MainWindow::follow_busy);
  connect(&jobs, &JobThread::cancelled, this, &MainWindow::follow_busy);
  connect(&jobs, &JobThread::failed, this, &MainWindow::follow_busy);
}

void MainWindow::follow_busy() {
  bool busy = file_jobs_.busy();
  for (const char* kind : kAsking) {
    busy = busy || model_jobs_.busy(QString::fromUtf8(kind));
  }
  if (busy) {
    if (!busy_soon_.isActive() && progress_->isHidden()) busy_soon_.start();
    return;
  }
  busy_soon_.stop();
  inspector_.set_waiting(false);
  progress_->hide();
  cancel_->hide();
}

}  // namespace vqalign
