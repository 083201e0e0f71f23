#pragma once

#include <memory>

namespace vqalign {

/// Qt's fonts and painting without a display, for programs that show no window: a QGuiApplication
/// on the "offscreen" platform. At most one may live, and none beside an application of the
/// caller's own. Qt's messages are dropped, and numbers stay as the C locale writes them. Error
/// when no font is installed.
class OffscreenGui {
 public:
  OffscreenGui();
  ~OffscreenGui();
  OffscreenGui(const OffscreenGui&) = delete;
  OffscreenGui& operator=(const OffscreenGui&) = delete;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace vqalign
