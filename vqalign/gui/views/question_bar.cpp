#include "vqalign/gui/views/question_bar.h"

#include <QApplication>
#include <QClipboard>
#include <QCompleter>
#include <QEvent>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QMimeData>
#include <algorithm>

namespace vqalign {
namespace {

constexpr qsizetype kMostKept = 200;
constexpr int kLongestQuestion = 10000;

}  // namespace

QuestionBar::QuestionBar(QWidget* parent)
    : QWidget(parent),
      field_(new QLineEdit),
      ask_(new QPushButton(QString::fromUtf8("&Ask"))),
      offered_(new QStringListModel(this)) {
  field_->setPlaceholderText(QString::fromUtf8("Type a question about the picture, then Return"));
  field_->setAccessibleName(QString::fromUtf8("Question"));
  field_->setMaxLength(kLongestQuestion);
  field_->setClearButtonEnabled(true);
  QFont large = field_->font();
  large.setPointSizeF(large.pointSizeF() * 1.2);
  field_->setFont(large);
  auto* completer = new QCompleter(offered_, this);
  completer->setCaseSensitivity(Qt::CaseInsensitive);
  completer->setFilterMode(Qt::MatchContains);
  field_->setCompleter(completer);
  field_->installEventFilter(this);
  ask_->setToolTip(QString::fromUtf8("Ask (Return)"));
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(8, 8, 8, 4);
  row->addWidget(field_, 1);
  row->addWidget(ask_);
  connect(field_, &QLineEdit::returnPressed, this, &QuestionBar::submit);
  connect(ask_, &QPushButton::clicked, this, &QuestionBar::submit);
}

QString QuestionBar::question() const {
  return field_->text().simplified();
}

void QuestionBar::set_question(const QString& question) {
  if (question == this->question()) return;
  field_->setText(question);
  field_->setCursorPosition(0);
}

void QuestionBar::set_history(const QStringList& history) {
  history_ = history.mid(0, kMostKept);
  at_ = -1;
  offer();
}

void QuestionBar::set_suggestions(const QStringList& questions) {
  suggestions_ = questions;
  offer();
}

void QuestionBar::offer() {
  QStringList all = suggestions_ + history_;
  all.removeDuplicates();
  offered_->setStringList(all);
}

void QuestionBar::submit() {
  const QString asked_now = question();
  at_ = -1;
  if (!asked_now.isEmpty()) {
    history_.removeAll(asked_now);
    history_.prepend(asked_now);
    history_ = history_.mid(0, kMostKept);
    offer();
  }
  Q_EMIT asked(asked_now);
}

void QuestionBar::walk(int steps) {
  const int to = std::clamp(at_ + steps, -1, int(history_.size()) - 1);
  if (to == at_) return;
  if (at_ == -1) typed_ = field_->text();
  at_ = to;
  field_->setText(at_ == -1 ? typed_ : history_[at_]);
}

bool QuestionBar::eventFilter(QObject* watched, QEvent* event) {
  const bool keyed = event->type() == QEvent::KeyPress || event->type() == QEvent::ShortcutOverride;
  if (watched == field_ && keyed && static_cast<QKeyEvent*>(event)->matches(QKeySequence::Paste)) {
    const QMimeData* data = QApplication::clipboard()->mimeData();
    if (data && (data->hasImage() || data->hasUrls())) {
      if (event->type() == QEvent::KeyPress) Q_EMIT paste_wanted();
      event->accept();
      return true;
    }
  }
  if (watched == field_ && event->type() == QEvent::KeyPress) {
    const int key = static_cast<QKeyEvent*>(event)->key();
    if (key == Qt::Key_Up || key == Qt::Key_Down) {
      walk(key == Qt::Key_Up ? 1 : -1);
      return true;
    }
  }
  return QWidget::eventFilter(watched, event);
}

}  // namespace vqalign
