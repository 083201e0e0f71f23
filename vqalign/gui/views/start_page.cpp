#include "vqalign/gui/views/start_page.h"

#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>
#include <QToolButton>
#include <QVBoxLayout>

namespace vqalign {
namespace {

constexpr int kThumbnail = 80;
constexpr int kButtonRoom = 16;

/// A question that is asked by a click; elided where it has no room.
class QuestionButton : public QPushButton {
 public:
  explicit QuestionButton(const QString& question) : question_(question) {
    setAccessibleName(question);
    setToolTip(question);
    setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
    setStyleSheet(QString::fromUtf8("text-align: left; padding: 3px 8px;"));
    setText(question);
  }

 protected:
  void resizeEvent(QResizeEvent* event) override {
    QPushButton::resizeEvent(event);
    setText(fontMetrics().elidedText(question_, Qt::ElideRight, width() - 2 * kButtonRoom));
  }

 private:
  QString question_;
};

QString path_text(const std::filesystem::path& path) {
  return QString::fromStdString(path.string());
}

}  // namespace

StartPage::StartPage(const std::vector<Example>& examples, QWidget* parent) : QWidget(parent) {
  auto* title =
      new QLabel(QString::fromUtf8("Ask about a picture, and see where every head looks"));
  QFont large = title->font();
  large.setPointSizeF(large.pointSizeF() * 1.5);
  large.setBold(true);
  title->setFont(large);
  title->setWordWrap(true);
  auto* inside = new QWidget;
  auto* column = new QVBoxLayout(inside);
  column->setContentsMargins(24, 16, 24, 12);
  column->setSpacing(10);
  column->addWidget(title);
  column->addWidget(make_actions());
  if (!examples.empty()) {
    auto* heading = new QLabel(
        QString::fromUtf8("You can also drop or paste a picture here, or take an example:"));
    heading->setWordWrap(true);
    column->addWidget(heading);
    for (const Example& example : examples) column->addWidget(make_card(example));
  }
  column->addStretch();
  auto* scroll = new QScrollArea;
  scroll->setWidgetResizable(true);
  scroll->setFrameShape(QFrame::NoFrame);
  scroll->setFocusPolicy(Qt::NoFocus);
  scroll->setWidget(inside);
  auto* whole = new QVBoxLayout(this);
  whole->setContentsMargins(0, 0, 0, 0);
  whole->addWidget(scroll);
}

QWidget* StartPage::make_actions() {
  auto* actions = new QWidget;
  auto* row = new QHBoxLayout(actions);
  row->setContentsMargins(0, 0, 0, 0);
  const auto button = [&](const char* text, const char* tip, void (StartPage::*signal)()) {
    auto* made = new QPushButton(QString::fromUtf8(text));
    made->setToolTip(QString::fromUtf8(tip));
    made->setMinimumWidth(made->sizeHint().width() + kButtonRoom);
    connect(made, &QPushButton::clicked, this, signal);
    row->addWidget(made);
  };
  button("Open a picture\u2026", "JPEG, PNG, BMP, TIFF or WebP", &StartPage::open_wanted);
  button("Draw your own", "Put coloured shapes into a picture and ask about it",
         &StartPage::draw_wanted);
  button("Browse a dataset\u2026", "A folder in VQA v2 layout, with results if there are some",
         &StartPage::browse_wanted);
  row->addStretch();
  return actions;
}

QWidget* StartPage::make_card(const Example& example) {
  const QString picture = path_text(example.picture);
  const QString name = QFileInfo(picture).completeBaseName();
  auto* card = new QWidget;
  auto* row = new QHBoxLayout(card);
  row->setContentsMargins(0, 0, 0, 0);
  auto* thumbnail = new QToolButton;
  thumbnail->setIcon(QIcon(picture));
  thumbnail->setIconSize({kThumbnail, kThumbnail});
  thumbnail->setAutoRaise(true);
  thumbnail->setAccessibleName(QString::fromUtf8("Example picture: ") + name);
  thumbnail->setToolTip(QString::fromUtf8("Open it and ask something of your own"));
  connect(thumbnail, &QToolButton::clicked, this,
          [this, picture] { Q_EMIT asked(picture, QString()); });
  row->addWidget(thumbnail, 0, Qt::AlignTop);
  auto* questions = new QVBoxLayout;
  questions->setSpacing(4);
  for (const QString& question : example.questions) {
    auto* ask = new QuestionButton(question);
    connect(ask, &QPushButton::clicked, this,
            [this, picture, question] { Q_EMIT asked(picture, question); });
    questions->addWidget(ask);
  }
  questions->addStretch();
  row->addLayout(questions, 1);
  return card;
}

}  // namespace vqalign
