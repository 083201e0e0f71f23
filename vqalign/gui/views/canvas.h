#pragma once

#include <QPainter>
#include <QString>
#include <QWidget>

#include "vqalign/figure/figure_options.h"
#include "vqalign/gui/models/inspector.h"

namespace vqalign {

/// "dark" where the widget's palette is, else "light": figure.theme.
std::string theme_of(const QWidget& widget);

/// A view that paints what the inspector holds: repaints when its state or answer changes, shows
/// where the keyboard is, and says what it is on (as accessible description and as tip).
class Canvas : public QWidget {
  Q_OBJECT

 public:
  /// `name`: what a screen reader calls the view.
  /// `empty`: what is written in it before there is an answer.
  Canvas(Inspector& inspector, const QString& name, const QString& empty,
         QWidget* parent = nullptr);

 protected:
  Inspector& inspector() { return inspector_; }
  const Inspector& inspector() const { return inspector_; }
  /// What the state is drawn with.
  FigureOptions options() const;

  /// Paints the view's content; the ground is painted already, and there is an inspection.
  virtual void paint(QPainter& painter) = 0;
  /// What is written where there is no inspection yet.
  virtual void paint_empty(QPainter& painter);
  /// An arrow key was pressed: one of dx and dy is 1 or -1. Whether the view has a use for it.
  virtual bool walk(int dx, int dy);
  /// Tells a screen reader what the keyboard or the pointer is on.
  void say(const QString& text);
  /// The same beside the pointer.
  void show_tip(QPoint at, const QString& text);

  void paintEvent(QPaintEvent* event) final;
  /// Arrow keys walk; views take the others first.
  void keyPressEvent(QKeyEvent* event) override;
  void focusInEvent(QFocusEvent* event) override;
  void focusOutEvent(QFocusEvent* event) override;

 private:
  Inspector& inspector_;
  QString empty_;
};

}  // namespace vqalign
