#include "vqalign/gui/app/screenshot.h"

#include <QBuffer>
#include <QTimer>
#include <cstdio>

#include "vqalign/core/atomic_file.h"
#include "vqalign/core/error.h"
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
  QBuffer buffer;
  buffer.open(QIODevice::WriteOnly);
  if (!window.grab().save(&buffer, "PNG")) fail(file.string(), ": cannot be encoded as PNG");
  write_file_atomic(file,
                    std::string_view(buffer.data().constData(), std::size_t(buffer.data().size())));
  return 0;
}

}  // namespace vqalign
