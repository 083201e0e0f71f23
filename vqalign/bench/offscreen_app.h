#pragma once

#include <QApplication>
#include <memory>

namespace vqalign {

/// A QApplication without a display. At most one may live.
class OffscreenApp {
 public:
  OffscreenApp() {
    qputenv("QT_QPA_PLATFORM", "offscreen");
    qInstallMessageHandler([](QtMsgType, const QMessageLogContext&, const QString&) {});
    application_ = std::make_unique<QApplication>(arguments_, names_);
    std::setlocale(LC_NUMERIC, "C");
  }
  ~OffscreenApp() {
    application_.reset();
    qInstallMessageHandler(nullptr);
  }
  OffscreenApp(const OffscreenApp&) = delete;
  OffscreenApp& operator=(const OffscreenApp&) = delete;

 private:
  int arguments_ = 1;
  char name_[14] = "vqalign-bench";
  char* names_[2] = {name_, nullptr};
  std::unique_ptr<QApplication> application_;
};

}  // namespace vqalign
