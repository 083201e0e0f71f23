// What comes into the window: pictures, models, sessions, datasets; by dialog, drop or paste.
#include <QApplication>
#include <QClipboard>
#include <QDragEnterEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QMimeData>

#include "vqalign/core/digest.h"
#include "vqalign/figure/png_bytes.h"
#include "vqalign/gui/app/main_window.h"
#include "vqalign/gui/browser/browser_view.h"
#include "vqalign/gui/models/path_of.h"
#include "vqalign/gui/sketch/sketch_samples.h"
#include "vqalign/gui/sketch/sketch_view.h"
#include "vqalign/gui/views/detail_panels.h"
#include "vqalign/gui/views/question_bar.h"
#include "vqalign/gui/views/reliability_panel.h"
#include "vqalign/gui/views/start_page.h"
#include "vqalign/train/question_verdicts.h"

namespace vqalign {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPictures = "Pictures (*.jpg *.jpeg *.png *.bmp *.tif *.tiff *.webp)";
constexpr const char* kAll = ";;All files (*)";

/// Whether a JSON file is a session rather than a results file: its root is an object.
bool looks_like_session(const QString& path) {
  QFile file(path);
  if (!file.open(QIODevice::ReadOnly)) return false;
  return file.read(256).trimmed().startsWith('{');
}

}  // namespace

void MainWindow::load_model(const fs::path& file, SourceMaker make) {
  const fs::path whole = file.empty() ? file : fs::absolute(file).lexically_normal();
  inspector_.load([file = whole, make = std::move(make)] {
    LoadedModel model{make(), file, {}};
    // The file is read once more for the hash, which figures tell.
    if (!file.empty()) model.hash = file_sha256(file);
    return model;
  });
}

void MainWindow::open_model(const QString& file) {
  load_model(path_of(file), [path = path_of(file)]() -> std::shared_ptr<AnswerSource> {
    return std::make_shared<Answerer>(path);
  });
}

void MainWindow::open_picture(const QString& file, const QString& question) {
  const QString asked = question.isEmpty() ? question_->question() : question;
  const fs::path path = fs::absolute(path_of(file)).lexically_normal();
  inspector_.ask(path, asked.toStdString());
  question_->field().setFocus();
}

void MainWindow::open_session(const QString& file) {
  file_jobs_.submit(QString::fromUtf8("open session"), [this, file](Job& job) {
    const Session session = read_session(path_of(file));
    job.deliver([this, session] {
      const bool other = session.model != inspector_.model().file && !session.model.empty();
      if (other) open_model(QString::fromStdString(session.model.string()));
      question_->set_question(QString::fromStdString(session.state.question));
      // A model that is loaded later drops what belongs to another; the session's comes after it.
      model_jobs_.submit(QString::fromUtf8("restore"), [this, session](Job& restore) {
        restore.deliver([this, session] { inspector_.restore(session.state); });
      });
    });
  });
}

void MainWindow::open_dataset(const QString& folder, const QString& results) {
  show_panel(QString::fromUtf8("browser"));
  browser_->open_dataset(folder);
  if (!results.isEmpty()) browser_->open_results(results);
}

void MainWindow::open_evaluation(const QString& file) {
  show_panel(QString::fromUtf8("reliability"));
  file_jobs_.submit(QString::fromUtf8("open evaluation"), [this, file](Job& job) {
    const QuestionVerdicts verdicts = read_verdicts(path_of(file));
    if (verdicts.confidences.empty()) {
      throw Error(file.toStdString() + ": has no confidences",
                  "vqalign eval --passes N --verdicts F.npz writes them");
    }
    job.deliver([this, file, verdicts] {
      reliability_->set_evaluation(
          {QFileInfo(file).fileName() + QString::fromUtf8(", means over passes with dropout"),
           verdicts.model_sha256, verdicts.confidences, verdicts.pass_accuracies});
    });
  });
}

void MainWindow::show_browsed_reliability() {
  Evaluation evaluation{QString::fromUtf8("The answers in Browse, one pass each")};
  if (browser_->answers_of_source()) evaluation.model_hash = inspector_.model().hash;
  for (const Record& record : browser_->model().records().rows) {
    if (record.confidence < 0 || record.accuracy < 0) continue;
    evaluation.confidences.push_back(record.confidence);
    evaluation.accuracies.push_back(record.accuracy);
  }
  if (evaluation.confidences.empty()) {
    return tell(
        QString::fromUtf8("Browse has no answers of the model whose truth is known"),
        QString::fromUtf8("open a dataset with annotations there and let the model predict"));
  }
  reliability_->set_evaluation(evaluation);
}

void MainWindow::open_anything(const QString& path) {
  const QFileInfo file(path);
  const QString suffix = file.suffix().toLower();
  if (file.isDir()) return open_dataset(path);
  if (suffix == QString::fromUtf8("safetensors")) return open_model(path);
  if (suffix == QString::fromUtf8("npz")) return open_evaluation(path);
  if (suffix == QString::fromUtf8("json")) {
    if (looks_like_session(path)) return open_session(path);
    show_panel(QString::fromUtf8("browser"));
    return browser_->open_results(path);
  }
  open_picture(path);
}

bool MainWindow::open_image(const QImage& image) {
  if (image.isNull() || !scratch_.isValid()) return false;
  const QString file = scratch_.filePath(QString::fromUtf8("pasted-%1.png").arg(++pasted_));
  file_jobs_.submit(QString::fromUtf8("paste"), [this, file, image](Job& job) {
    write_bytes(path_of(file), png_bytes(image));
    job.deliver([this, file] { open_picture(file); });
  });
  return true;
}

void MainWindow::use_sketch(const QImage& image) {
  if (!scratch_.isValid()) return;
  const fs::path file = path_of(scratch_.filePath(QString::fromUtf8("drawn.png")));
  file_jobs_.submit(QString::fromUtf8("sketch"), [this, file, image](Job& job) {
    write_bytes(file, png_bytes(image));
    job.deliver([this, file] {
      if (inspector_.state().picture == file) return inspector_.picture_changed();
      inspector_.ask(file, question_->question().toStdString());
    });
  });
}

void MainWindow::begin_sketch() {
  show_panel(QString::fromUtf8("sketch"));
  if (sketch_->sketch().shapes.empty()) sketch_->set_sketch(sketch_samples().front().sketch);
  if (question_->question().isEmpty()) {
    question_->set_question(QString::fromUtf8("What colour is the circle?"));
  }
  use_sketch(sketch_->image());
}

bool MainWindow::take_mime(const QMimeData& data) {
  for (const QUrl& url : data.urls()) {
    if (url.isLocalFile()) {
      open_anything(url.toLocalFile());
      return true;
    }
  }
  if (data.hasImage()) return open_image(qvariant_cast<QImage>(data.imageData()));
  if (data.hasUrls()) {
    tell(QString::fromUtf8("%1 is not on this computer").arg(data.urls().front().toString()),
         QString::fromUtf8("save the picture first, or copy it and paste it"));
    return true;
  }
  return false;
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event) {
  if (event->mimeData()->hasUrls() || event->mimeData()->hasImage()) event->acceptProposedAction();
}

void MainWindow::dropEvent(QDropEvent* event) {
  if (take_mime(*event->mimeData())) event->acceptProposedAction();
}

void MainWindow::paste() {
  const QMimeData* data = QApplication::clipboard()->mimeData();
  if (data && take_mime(*data)) return;
  if (data && data->hasText()) {
    question_->set_question(data->text().simplified());
    question_->field().setFocus();
    return;
  }
  tell(QString::fromUtf8("There is no picture, file or text to paste"), {});
}

void MainWindow::reload() {
  if (!inspector_.state().picture.empty()) inspector_.picture_changed();
}

void MainWindow::choose_picture() {
  const QString file = QFileDialog::getOpenFileName(this, QString::fromUtf8("Open a picture"), {},
                                                    QString::fromUtf8(kPictures) + kAll);
  if (!file.isEmpty()) open_picture(file);
}

void MainWindow::choose_photograph(const QString& model) {
  const QString file = QFileDialog::getOpenFileName(this, QString::fromUtf8("Open a photograph"),
                                                    {}, QString::fromUtf8(kPictures) + kAll);
  if (file.isEmpty()) return;
  const fs::path wanted = path_of(model);
  if (inspector_.model().file != wanted) open_model(model);
  // Where the model cannot be loaded, that is told, and no other answers in its place.
  model_jobs_.submit(QString::fromUtf8("photograph"), [this, wanted, file](Job& job) {
    job.deliver([this, wanted, file] {
      if (inspector_.model().file == wanted) open_picture(file);
    });
  });
}

void MainWindow::look_for_photo_models() {
  std::vector<fs::path> files;
  if (!inspector_.model().file.empty()) files.push_back(inspector_.model().file);
  for (const QString& file : recent_models_) files.push_back(path_of(file));
  file_jobs_.submit(QString::fromUtf8("look for models"),
                    [this, files, folders = options_.model_folders](Job& job) {
                      const std::vector<PhotoModel> models = find_photo_models(files, folders);
                      job.deliver([this, models] { start_->offer_photographs(models); });
                    });
}

void MainWindow::choose_model() {
  const QString file = QFileDialog::getOpenFileName(
      this, QString::fromUtf8("Open a model"), {},
      QString::fromUtf8("Models (*.safetensors)") + QString::fromUtf8(kAll));
  if (!file.isEmpty()) open_model(file);
}

void MainWindow::choose_dataset() {
  const QString folder =
      QFileDialog::getExistingDirectory(this, QString::fromUtf8("Open a dataset folder"));
  if (!folder.isEmpty()) open_dataset(folder);
}

void MainWindow::choose_session() {
  const QString file = QFileDialog::getOpenFileName(this, QString::fromUtf8("Open a session"), {},
                                                    QString::fromUtf8("Sessions (*.json)"));
  if (!file.isEmpty()) open_session(file);
}

void MainWindow::choose_evaluation() {
  const QString file = QFileDialog::getOpenFileName(this, QString::fromUtf8("Open an evaluation"),
                                                    {}, QString::fromUtf8("Verdicts (*.npz)"));
  if (!file.isEmpty()) open_evaluation(file);
}

void MainWindow::connect_pages() {
  connect(reliability_, &ReliabilityPanel::file_wanted, this, &MainWindow::choose_evaluation);
  connect(reliability_, &ReliabilityPanel::browser_wanted, this,
          &MainWindow::show_browsed_reliability);
  connect(start_, &StartPage::open_wanted, this, &MainWindow::choose_picture);
  connect(start_, &StartPage::browse_wanted, this, &MainWindow::choose_dataset);
  connect(start_, &StartPage::draw_wanted, this, &MainWindow::begin_sketch);
  connect(start_, &StartPage::photograph_wanted, this, &MainWindow::choose_photograph);
  connect(start_, &StartPage::asked, this, [this](const QString& file, const QString& question) {
    if (!question.isEmpty()) question_->set_question(question);
    open_picture(file, question);
  });
  connect(question_, &QuestionBar::asked, this, &MainWindow::ask);
  connect(question_, &QuestionBar::paste_wanted, this, &MainWindow::paste);
  connect(browser_, &BrowserView::row_opened, this,
          [this](const QString& file, const QString& question, const QStringList& others) {
            known_questions_[file] = others;
            open_picture(file, question);
          });
  // The browser shows its own problems; here they are kept.
  connect(browser_, &BrowserView::problem, this,
          [this](const QString& message, const QString& hint) {
            log_->add(QString::fromUtf8("error"), message, hint);
            Q_EMIT problem(message, hint);
          });
  connect(sketch_, &SketchView::picture_changed, this, &MainWindow::use_sketch);
  connect(sketch_, &SketchView::problem, this, &MainWindow::tell);
}

}  // namespace vqalign
