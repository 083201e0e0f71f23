#include "vqalign/figure/offscreen.h"

#include <QFontDatabase>
#include <QGuiApplication>
#include <clocale>

#include "vqalign/core/error.h"

namespace vqalign {

struct OffscreenGui::State {
  int argument_count = 1;
  char name[8] = "vqalign";
  char* arguments[2] = {name, nullptr};
  std::unique_ptr<QGuiApplication> application;
};

OffscreenGui::OffscreenGui() : state_(new State) {
  // A platform of the user's own choice may need a display, and Qt ends the program without one.
  qputenv("QT_QPA_PLATFORM", "offscreen");
  qInstallMessageHandler([](QtMsgType, const QMessageLogContext&, const QString&) {});
  state_->application =
      std::make_unique<QGuiApplication>(state_->argument_count, state_->arguments);
  // The application took over the user's locale, which may write 0,5 for 0.5.
  std::setlocale(LC_NUMERIC, "C");
  if (QFontDatabase::families().isEmpty()) {
    throw Error("no font is installed to draw with", "install one, such as fonts-dejavu-core");
  }
}

OffscreenGui::~OffscreenGui() {
  state_->application.reset();
  qInstallMessageHandler(nullptr);
}

}  // namespace vqalign
