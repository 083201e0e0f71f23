#pragma once

#include <QLineEdit>
#include <QPushButton>
#include <QStringList>
#include <QStringListModel>
#include <QWidget>

namespace vqalign {

/// The question field. Suggests what was asked before and the questions that are known for the
/// picture; Up and Down in the field walk through the history.
class QuestionBar : public QWidget {
  Q_OBJECT

 public:
  explicit QuestionBar(QWidget* parent = nullptr);

  QString question() const;
  void set_question(const QString& question);
  /// Newest first; at most some hundred are kept.
  const QStringList& history() const { return history_; }
  void set_history(const QStringList& history);
  /// Questions of a dataset or example about the picture that is shown.
  void set_suggestions(const QStringList& questions);
  QLineEdit& field() { return *field_; }

 Q_SIGNALS:
  void asked(const QString& question);
  /// A picture or file is to be pasted, which a text field cannot take.
  void paste_wanted();

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  void submit();
  void walk(int steps);
  void offer();

  QLineEdit* field_;
  QPushButton* ask_;
  QStringListModel* offered_;
  QStringList history_;
  QStringList suggestions_;
  int at_ = -1;  // in history_; -1: what is being typed
  QString typed_;
};

}  // namespace vqalign
