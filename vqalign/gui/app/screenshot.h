#pragma once

#include <QApplication>
#include <filesystem>

namespace vqalign {

class MainWindow;

/// Runs the application until the window has settled and everything in it is drawn, saves it as PNG
/// (atomically) and returns the exit status; 1, with one line on stderr, when something that the
/// window was asked to show failed. Error when the file cannot be written.
int take_screenshot(QApplication& application, MainWindow& window,
                    const std::filesystem::path& file);

}  // namespace vqalign
