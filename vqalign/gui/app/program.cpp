#include "vqalign/gui/app/program.h"

#include <CLI/CLI.hpp>
#include <QApplication>
#include <QSettings>
#include <clocale>
#include <csignal>
#include <cstdio>

#include "vqalign/core/error.h"
#include "vqalign/gui/app/main_window.h"
#include "vqalign/gui/app/screenshot.h"
#include "vqalign/inspect/shipped_files.h"

namespace vqalign {
namespace {

struct GuiArguments {
  std::string image, question, model, session, evaluation, screenshot, panel;
  std::string theme;
  std::string size;
};

void define(CLI::App& app, GuiArguments& arguments) {
  app.set_version_flag("--version", "vqalign-gui " VQALIGN_VERSION, "print the version");
  app.set_help_flag("-h,--help", "print this help");
  const auto text = [&app](const char* name, std::string& target, const char* help,
                           const char* type) {
    return app.add_option(name, target, help)->type_name(type);
  };
  text("IMAGE", arguments.image, "a picture to begin with", "");
  text("QUESTION", arguments.question, "a question about it, in quotes", "");
  text("--model", arguments.model, "model file (default: the shipped one)", "M.safetensors");
  text("--session", arguments.session, "opens the view that a session keeps", "F.json");
  text("--evaluation", arguments.evaluation,
       "shows how well the model is calibrated by what vqalign eval --passes N --verdicts wrote",
       "F.npz");
  text("--screenshot", arguments.screenshot,
       "asks, waits until every view is drawn, saves the window and leaves", "F.png");
  text("--panel", arguments.panel, "the panel in front: heads, matrix, head, numbers, model, ...",
       "NAME");
  text("--theme", arguments.theme, "system, light or dark (default: as last time)", "NAME");
  text("--size", arguments.size, "size of the window in pixels", "WxH");
  app.footer(
      "Example:\n"
      "  vqalign-gui examples/scenes/stars.png \"What is the shape of the red object?\"");
}

/// "1280x800", each side from 300 to 8000.
QSize parse_size(const std::string& text) {
  int width = 0, height = 0, end = 0;
  const bool read = std::sscanf(text.c_str(), "%dx%d%n", &width, &height, &end) == 2;
  const auto allowed = [](int side) { return side >= 300 && side <= 8000; };
  if (!read || std::size_t(end) != text.size() || !allowed(width) || !allowed(height)) {
    throw UsageError(
        concat("--size is \"", text, "\", allowed is WxH, such as 1280x800, each 300 to 8000"));
  }
  return {width, height};
}

Theme chosen_theme(const GuiArguments& arguments) {
  QString name = QString::fromStdString(arguments.theme);
  if (name.isEmpty() && arguments.screenshot.empty()) {
    const QSettings settings(QString::fromUtf8("vqalign"), QString::fromUtf8("vqalign"));
    return theme_from(settings.value(QString::fromUtf8("theme")).toString())
        .value_or(Theme::kSystem);
  }
  if (name.isEmpty()) name = QString::fromUtf8("light");
  return theme_from(name).value_or(Theme::kLight);
}

void open_arguments(MainWindow& window, const GuiArguments& arguments) {
  const std::filesystem::path model = model_or_shipped(arguments.model);
  window.open_model(QString::fromStdString(model.string()));
  if (!arguments.session.empty()) {
    window.open_session(QString::fromStdString(arguments.session));
  }
  if (!arguments.image.empty()) {
    window.open_picture(QString::fromStdString(arguments.image),
                        QString::fromStdString(arguments.question));
  }
  const bool draws = arguments.panel == "sketch" && arguments.image.empty();
  if (draws && arguments.session.empty()) window.begin_sketch();
  if (!arguments.evaluation.empty()) {
    window.open_evaluation(QString::fromStdString(arguments.evaluation));
  }
  if (!arguments.panel.empty()) window.show_panel(QString::fromStdString(arguments.panel));
}

/// What needs no window to be seen as wrong.
void check_arguments(const GuiArguments& arguments) {
  const std::string& file = arguments.screenshot;
  if (!file.empty() && !file.ends_with(".png")) {
    throw UsageError(concat("--screenshot ", file, ": is written as .png"),
                     "vqalign figure writes .svg, .json and .csv too");
  }
  if (!arguments.session.empty() && !arguments.image.empty()) {
    throw UsageError("a session has its own picture and question: leave out IMAGE and QUESTION");
  }
  if (!arguments.size.empty()) parse_size(arguments.size);
  if (!arguments.theme.empty() && !theme_from(QString::fromStdString(arguments.theme))) {
    throw UsageError(
        concat("--theme is \"", arguments.theme, "\", allowed is system, light or dark"));
  }
}

int show(QApplication& application, const GuiArguments& arguments) {
  WindowOptions options;
  options.keeps_settings = arguments.screenshot.empty();
  options.theme = chosen_theme(arguments);
  const QSize size = arguments.size.empty() ? QSize() : parse_size(arguments.size);
  MainWindow window(options);
  if (size.isValid()) window.resize(size);
  if (!arguments.panel.empty() && !window.has_panel(QString::fromStdString(arguments.panel))) {
    throw UsageError(concat("--panel ", arguments.panel,
                            ": there is no such panel; there are answers, heads, matrix, head, "
                            "numbers, model, log, reliability, browser and sketch"));
  }
  window.show();
  open_arguments(window, arguments);
  if (arguments.screenshot.empty()) return application.exec();
  return take_screenshot(application, window, arguments.screenshot);
}

int start(char** argv, const GuiArguments& arguments) {
  if (!arguments.screenshot.empty()) {
    // What Qt says of a desktop that is not there.
    qInstallMessageHandler([](QtMsgType, const QMessageLogContext&, const QString&) {});
  }
  // Qt would read options of its own from the same arguments.
  int qt_argc = 1;
  QApplication application(qt_argc, argv);
  QApplication::setApplicationName(QString::fromUtf8("vqalign"));
  QApplication::setDesktopFileName(QString::fromUtf8("vqalign"));
  // The application took over the user's locale, which may write 0,5 for 0.5.
  std::setlocale(LC_NUMERIC, "C");
  QLocale::setDefault(QLocale::c());
  return show(application, arguments);
}

/// Qt ends the program where it finds no display; better to say so, and a screenshot needs none.
void check_display(bool screenshot) {
  for (const char* variable : {"QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"}) {
    if (!qEnvironmentVariableIsEmpty(variable)) return;
  }
  if (!screenshot) {
    throw Error(
        "there is no display to show a window on (neither DISPLAY nor WAYLAND_DISPLAY is set)",
        "vqalign ask and vqalign figure need none, nor does --screenshot");
  }
  qputenv("QT_QPA_PLATFORM", "offscreen");
}

int fail_with(int status, const std::string& message, const std::string& hint) {
  std::fprintf(stderr, "vqalign-gui: %s%s%s\n", message.c_str(), hint.empty() ? "" : "; ",
               hint.c_str());
  return status;
}

}  // namespace

int run_gui(int argc, char** argv) {
  CLI::App app{"Asks about pictures and shows where every head looks.", "vqalign-gui"};
  GuiArguments arguments;
  define(app, arguments);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    std::printf("%s", app.help().c_str());
    return 0;
  } catch (const CLI::CallForVersion& version) {
    std::printf("%s\n", version.what());
    return 0;
  } catch (const CLI::ParseError& error) {
    return fail_with(2, error.what(), "see vqalign-gui --help");
  }
  try {
    check_arguments(arguments);
    check_display(!arguments.screenshot.empty());
    return start(argv, arguments);
  } catch (const UsageError& error) {
    return fail_with(2, error.what(), error.hint());
  } catch (const Error& error) {
    return fail_with(1, error.what(), error.hint());
  } catch (const std::exception& error) {
    return fail_with(1, concat("internal error, please report it: ", error.what()), {});
  }
}

}  // namespace vqalign
