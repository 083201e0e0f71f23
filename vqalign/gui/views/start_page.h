#pragma once

#include <QLabel>
#include <QWidget>
#include <vector>

#include "vqalign/gui/models/examples.h"
#include "vqalign/inspect/photo_models.h"

class QComboBox;

namespace vqalign {

/// A line that is elided where it has no room; its tooltip is all of it.
class ElidedLabel : public QLabel {
  Q_OBJECT

 public:
  ElidedLabel();
  void show_text(const QString& text);

 protected:
  void resizeEvent(QResizeEvent* event) override;

 private:
  QString text_;
};

/// What is seen before there is a picture: ways to get one, and examples that are asked by a click.
class StartPage : public QWidget {
  Q_OBJECT

 public:
  explicit StartPage(const std::vector<Example>& examples, QWidget* parent = nullptr);

  /// Offers to open a photograph with one of these models, the first unless another is chosen. Of
  /// none a line below the examples tells how to get one.
  void offer_photographs(const std::vector<PhotoModel>& models);

 Q_SIGNALS:
  void open_wanted();
  void draw_wanted();
  void browse_wanted();
  void photograph_wanted(const QString& model);
  /// An empty question: the picture alone.
  void asked(const QString& picture, const QString& question);

 private:
  QWidget* make_actions();
  QWidget* make_photographs();
  QWidget* make_card(const Example& example);
  void follow_photo_model(int index);

  std::vector<PhotoModel> photo_models_;
  QWidget* photographs_ = nullptr;
  QComboBox* photo_choice_ = nullptr;  ///< shown where there are several
  QLabel* photo_name_ = nullptr;       ///< shown where there is one
  ElidedLabel* photo_data_ = nullptr;
  QLabel* no_photographs_ = nullptr;
};

}  // namespace vqalign
