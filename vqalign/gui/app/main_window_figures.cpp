// What goes out of the window: figures, numbers, commands, sessions.
#include <QApplication>
#include <QClipboard>
#include <QFileDialog>
#include <QMimeData>
#include <QPainter>
#include <QStatusBar>

#include "vqalign/figure/draw_figure.h"
#include "vqalign/figure/figure_options.h"
#include "vqalign/figure/write_figure.h"
#include "vqalign/gui/app/main_window.h"
#include "vqalign/gui/views/canvas.h"

namespace vqalign {
namespace {

constexpr int kTold = 4000;  // milliseconds

FigureSubject subject_of(const Inspector& inspector, const std::string& hash) {
  return {*inspector.inspection(), inspector.relevance(), inspector.picture(), hash};
}

}  // namespace

void MainWindow::save_figure(const QString& file, const std::string& view) {
  if (!inspector_.inspection()) {
    return tell(QString::fromUtf8("There is nothing to draw yet"),
                QString::fromUtf8("ask a question first"));
  }
  const FigureSubject subject = subject_of(inspector_, model_hash_ ? *model_hash_ : "");
  const FigureOptions options = figure_options(inspector_.state(), view, theme_of(*this));
  file_jobs_.submit(QString::fromUtf8("figure"), [this, file, subject, options](Job& job) {
    write_figure(file.toStdString(), subject, options);
    job.deliver(
        [this, file] { statusBar()->showMessage(QString::fromUtf8("Written: ") + file, kTold); });
  });
}

void MainWindow::choose_figure_file(const std::string& view) {
  const QString file = QFileDialog::getSaveFileName(
      this, QString::fromUtf8("Save figure"), QString::fromUtf8("figure.svg"),
      QString::fromUtf8("Vector (*.svg);;Picture (*.png);;Numbers (*.json);;Table (*.csv)"));
  if (!file.isEmpty()) save_figure(file, view);
}

void MainWindow::copy_figure() {
  if (!inspector_.inspection()) return;
  const FigureSubject subject = subject_of(inspector_, model_hash_ ? *model_hash_ : "");
  const FigureOptions options = figure_options(inspector_.state(), "summary", theme_of(*this));
  QImage image(figure_size(subject, options), QImage::Format_RGB32);
  image.fill(Qt::white);
  QPainter painter(&image);
  draw_figure(painter, QRectF(image.rect()), subject, options);
  painter.end();
  auto* data = new QMimeData;
  data->setImageData(image);
  data->setText(QString::fromStdString(figure_csv(subject, options)));
  QApplication::clipboard()->setMimeData(data);
  statusBar()->showMessage(QString::fromUtf8("Figure copied, with its numbers as text"), kTold);
}

void MainWindow::copy_numbers() {
  if (!inspector_.inspection()) return;
  const FigureSubject subject = subject_of(inspector_, model_hash_ ? *model_hash_ : "");
  const FigureOptions options = figure_options(inspector_.state(), "summary", theme_of(*this));
  QApplication::clipboard()->setText(QString::fromStdString(figure_csv(subject, options)));
  statusBar()->showMessage(QString::fromUtf8("Numbers copied as CSV"), kTold);
}

void MainWindow::copy_command() {
  if (!inspector_.inspection()) return;
  const QString command =
      QString::fromStdString(figure_command(inspector_.state(), "summary", model_file_));
  QApplication::clipboard()->setText(command);
  statusBar()->showMessage(QString::fromUtf8("Copied: ") + command, kTold);
}

void MainWindow::save_session(const QString& file) {
  const Session session{model_file_, inspector_.state()};
  file_jobs_.submit(QString::fromUtf8("session"), [this, file, session](Job& job) {
    write_session(file.toStdString(), session);
    job.deliver(
        [this, file] { statusBar()->showMessage(QString::fromUtf8("Written: ") + file, kTold); });
  });
}

void MainWindow::choose_session_file() {
  const QString file = QFileDialog::getSaveFileName(this, QString::fromUtf8("Save session"),
                                                    QString::fromUtf8("session.json"),
                                                    QString::fromUtf8("Sessions (*.json)"));
  if (!file.isEmpty()) save_session(file);
}

}  // namespace vqalign
