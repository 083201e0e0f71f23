#include "vqalign/gui/app/screenshot.h"

#include <QTimer>
#include <cstdio>

#include "vqalign/figure/png_bytes.h"
#include "vqalign/gui/app/main_window.h"

namespace vqalign {
namespace {

constexpr int kBetweenLooks = 20;  // milliseconds
constexpr int kQuietLooks = 5;     // settled so often in a row, layouts have come to rest too

}  // namespace

int take_screenshot(QApplication& application, MainWindow& window,
                    const std::filesystem::path& file) {
  QString problem;
  QObject::connect(&window, &MainWindow::problem, &window,
                   [&](const QString& message, const QString& hint) {
                     problem = hint.isEmpty() ? message : message + QString::fromUtf8("; ") + hint;
                   });
  int quiet = 0;
  QTimer look;
  QObject::connect(&look, &QTimer::timeout, &window, [&] {
    quiet = window.settled() ? quiet + 1 : 0;
    if (quiet >= kQuietLooks) application.quit();
  });
  look.start(kBetweenLooks);
  QApplication::exec();
  if (!problem.isEmpty()) {
    std::fprintf(stderr, "vqalign-gui: %s\n", problem.toUtf8().constData());
    return 1;
  }
  write_bytes(file, png_bytes(window.grab().toImage()));
  return 0;
}

}  // namespace vqalign
