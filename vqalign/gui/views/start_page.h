#pragma once

#include <QWidget>
#include <vector>

#include "vqalign/gui/models/examples.h"

namespace vqalign {

/// What is seen before there is a picture: ways to get one, and examples that are asked by a click.
class StartPage : public QWidget {
  Q_OBJECT

 public:
  explicit StartPage(const std::vector<Example>& examples, QWidget* parent = nullptr);

 Q_SIGNALS:
  void open_wanted();
  void draw_wanted();
  void browse_wanted();
  /// An empty question: the picture alone.
  void asked(const QString& picture, const QString& question);

 private:
  QWidget* make_actions();
  QWidget* make_card(const Example& example);
};

}  // namespace vqalign
