#include "vqalign/gui/views/start_page.h"

#include <QComboBox>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QPushButton>
#include <QScrollArea>
#include <QToolButton>
#include <QVBoxLayout>

#include "vqalign/figure/text_block.h"

namespace vqalign {
namespace {

constexpr int kThumbnail = 80;
constexpr int kButtonRoom = 16;
constexpr int kMostNameWidth = 160;

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

QString text_of(const std::filesystem::path& path) {
  return display_text(path.string());
}

QString path_text(const std::filesystem::path& path) {
  return QString::fromStdString(path.string());
}

}  // namespace

ElidedLabel::ElidedLabel() {
  setTextFormat(Qt::PlainText);
  setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
}

void ElidedLabel::show_text(const QString& text) {
  text_ = text;
  setToolTip(text);
  setText(fontMetrics().elidedText(text_, Qt::ElideRight, width()));
}

void ElidedLabel::resizeEvent(QResizeEvent* event) {
  QLabel::resizeEvent(event);
  setText(fontMetrics().elidedText(text_, Qt::ElideRight, width()));
}

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
  column->addWidget(make_photographs());
  if (!examples.empty()) {
    auto* heading = new QLabel(
        QString::fromUtf8("You can also drop or paste a picture here, or take an example:"));
    heading->setWordWrap(true);
    column->addWidget(heading);
    for (const Example& example : examples) column->addWidget(make_card(example));
  }
  no_photographs_ = new QLabel(QString::fromUtf8(
      "A model for photographs is made in one command: see Photographs in the README."));
  no_photographs_->setForegroundRole(QPalette::PlaceholderText);
  no_photographs_->setWordWrap(true);
  no_photographs_->hide();
  column->addWidget(no_photographs_);
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

QWidget* StartPage::make_photographs() {
  photographs_ = new QWidget;
  auto* open = new QPushButton(QString::fromUtf8("Open a photograph\u2026"));
  open->setMinimumWidth(open->sizeHint().width() + kButtonRoom);
  open->setToolTip(QString::fromUtf8("Opens it with a model that knows photographs"));
  connect(open, &QPushButton::clicked, this, [this] {
    const PhotoModel& model = photo_models_.at(std::size_t(photo_choice_->currentIndex()));
    Q_EMIT photograph_wanted(path_text(model.file));
  });
  photo_choice_ = new QComboBox;
  photo_choice_->setAccessibleName(QString::fromUtf8("Model for photographs"));
  photo_choice_->setSizeAdjustPolicy(QComboBox::AdjustToContents);
  connect(photo_choice_, &QComboBox::currentIndexChanged, this, &StartPage::follow_photo_model);
  photo_name_ = new QLabel;
  photo_name_->setTextFormat(Qt::PlainText);
  photo_data_ = new ElidedLabel;
  photo_data_->setForegroundRole(QPalette::PlaceholderText);
  auto* row = new QHBoxLayout(photographs_);
  row->setContentsMargins(0, 0, 0, 0);
  row->addWidget(open);
  row->addWidget(new QLabel(QString::fromUtf8("with")));
  row->addWidget(photo_choice_);
  row->addWidget(photo_name_);
  row->addWidget(photo_data_, 1);
  photographs_->hide();
  return photographs_;
}

void StartPage::offer_photographs(const std::vector<PhotoModel>& models) {
  if (models == photo_models_ && !models.empty()) return;
  photo_models_ = models;
  photo_choice_->clear();
  for (const PhotoModel& model : models) {
    photo_choice_->addItem(
        fontMetrics().elidedText(text_of(model.file.filename()), Qt::ElideMiddle, kMostNameWidth));
    photo_choice_->setItemData(photo_choice_->count() - 1, text_of(model.file), Qt::ToolTipRole);
  }
  photo_choice_->setVisible(models.size() > 1);
  photo_name_->setVisible(models.size() == 1);
  photographs_->setVisible(!models.empty());
  no_photographs_->setVisible(models.empty());
}

void StartPage::follow_photo_model(int index) {
  if (index < 0) return;
  const PhotoModel& model = photo_models_[std::size_t(index)];
  photo_name_->setText(photo_choice_->itemText(index));
  photo_name_->setToolTip(text_of(model.file));
  photo_choice_->setToolTip(photo_name_->toolTip());
  const QString data = display_text(model.trained_on);
  photo_data_->show_text(data.isEmpty() ? data : QString::fromUtf8("trained on ") + data);
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
