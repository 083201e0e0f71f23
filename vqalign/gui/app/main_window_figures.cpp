// What goes out of the window: figures, numbers, commands, sessions.
#include <QApplication>
#include <QClipboard>
#include <QFileDialog>
#include <QFileInfo>
#include <QMimeData>
#include <QPainter>
#include <QStatusBar>

#include "vqalign/figure/draw_figure.h"
#include "vqalign/figure/figure_options.h"
#include "vqalign/figure/png_bytes.h"
#include "vqalign/figure/write_figure.h"
#include "vqalign/gui/app/main_window.h"
#include "vqalign/gui/views/canvas.h"

namespace vqalign {
namespace {

constexpr int kTold = 4000;  // milliseconds

FigureSubject subject_of(const Inspector& inspector) {
  return {*inspector.inspection(), inspector.relevance(), inspector.over_passes(),
          inspector.picture(), inspector.model().hash};
}

/// The file's name, with the ending that the chosen filter stands for where it has none.
QString with_ending(const QString& file, const QString& filter) {
  if (file.isEmpty() || !QFileInfo(file).suffix().isEmpty()) return file;
  const qsizetype star = filter.indexOf(QString::fromUtf8("*."));
  return star < 0 ? file : file + filter.mid(star + 1).chopped(1);
}

}  // namespace

void MainWindow::save_figure(const QString& file, const std::string& view) {
  if (!inspector_.inspection()) {
    return tell(QString::fromUtf8("There is nothing to draw yet"),
                QString::fromUtf8("ask a question first"));
  }
  const FigureSubject subject = subject_of(inspector_);
  std::error_code missing;
  if (std::filesystem::equivalent(file.toStdString(), inspector_.state().picture, missing)) {
    return tell(file + QString::fromUtf8(" is the picture itself"),
                QString::fromUtf8("choose another name for the figure"));
  }
  const FigureOptions options = figure_options(inspector_.drawn_state(), view, theme_of(*this));
  file_jobs_.submit_kept(QString::fromUtf8("figure"), [this, file, subject, options](Job& job) {
    write_figure(file.toStdString(), subject, options);
    job.deliver(
        [this, file] { statusBar()->showMessage(QString::fromUtf8("Written: ") + file, kTold); });
  });
}

void MainWindow::choose_figure_file(const std::string& view) {
  QString chosen;
  const QString file = QFileDialog::getSaveFileName(
      this, QString::fromUtf8("Save figure"), QString::fromUtf8("figure.svg"),
      QString::fromUtf8("Vector (*.svg);;Picture (*.png);;Numbers (*.json);;Table (*.csv)"),
      &chosen);
  if (!file.isEmpty()) save_figure(with_ending(file, chosen), view);
}

void MainWindow::copy_figure() {
  if (!inspector_.inspection()) return;
  const FigureSubject subject = subject_of(inspector_);
  const FigureOptions options =
      figure_options(inspector_.drawn_state(), "summary", theme_of(*this));
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
  const FigureSubject subject = subject_of(inspector_);
  const FigureOptions options =
      figure_options(inspector_.drawn_state(), "summary", theme_of(*this));
  QApplication::clipboard()->setText(QString::fromStdString(figure_csv(subject, options)));
  statusBar()->showMessage(QString::fromUtf8("Numbers copied as CSV"), kTold);
}

void MainWindow::copy_command() {
  if (!inspector_.inspection()) return;
  const QString command = QString::fromStdString(figure_command(
      inspector_.drawn_state(), "summary", theme_of(*this), inspector_.model().file));
  QApplication::clipboard()->setText(command);
  statusBar()->showMessage(QString::fromUtf8("Copied: ") + command, kTold);
}

void MainWindow::save_session(const QString& file) {
  Session session{inspector_.model().file, inspector_.state()};
  const std::filesystem::path to = file.toStdString();
  const std::filesystem::path drawn = session.state.picture;
  // A picture that was drawn or pasted lasts no longer than the window, so the session keeps a
  // copy.
  const bool passing =
      !drawn.empty() && QString::fromStdString(drawn.string()).startsWith(scratch_.path());
  if (passing) session.state.picture = std::filesystem::path(to).replace_extension(".png");
  file_jobs_.submit_kept(QString::fromUtf8("save session"),
                         [this, file, to, session, drawn, passing](Job& job) {
                           if (passing)
                             write_bytes(session.state.picture, png_bytes(QImage(drawn.c_str())));
                           write_session(to, session);
                           job.deliver([this, file] {
                             statusBar()->showMessage(QString::fromUtf8("Written: ") + file, kTold);
                           });
                         });
}

void MainWindow::choose_session_file() {
  const QString file = QFileDialog::getSaveFileName(this, QString::fromUtf8("Save session"),
                                                    QString::fromUtf8("session.json"),
                                                    QString::fromUtf8("Sessions (*.json)"));
  if (!file.isEmpty()) save_session(file);
}

}  // namespace vqalign
