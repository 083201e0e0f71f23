#include "vqalign/gui/app/theme.h"

#include <QApplication>
#include <QPainter>
#include <QPalette>
#include <QProxyStyle>
#include <QStyleOption>
#include <QToolTip>

#include "vqalign/figure/palette.h"

namespace vqalign {
namespace {

constexpr Theme kThemes[] = {Theme::kSystem, Theme::kLight, Theme::kDark};

/// Fusion, with the borders that it makes invisible on dark grounds.
class OutlinedStyle : public QProxyStyle {
 public:
  OutlinedStyle() : QProxyStyle(QString::fromUtf8("Fusion")) {}

  void drawPrimitive(PrimitiveElement element, const QStyleOption* option, QPainter* painter,
                     const QWidget* widget) const override {
    QProxyStyle::drawPrimitive(element, option, painter, widget);
    if (element != PE_IndicatorCheckBox && element != PE_FrameLineEdit) return;
    if (option->state & State_HasFocus) return;
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setBrush(Qt::NoBrush);
    painter->setPen(option->palette.color(QPalette::Dark));
    painter->drawRoundedRect(QRectF(option->rect).adjusted(0.5, 0.5, -0.5, -0.5), 2, 2);
    painter->restore();
  }
};

QPalette widget_palette(const Palette& colours) {
  QPalette palette;
  palette.setColor(QPalette::Window, colours.page);
  palette.setColor(QPalette::WindowText, colours.text);
  palette.setColor(QPalette::Base, colours.card);
  palette.setColor(QPalette::AlternateBase, colours.track);
  palette.setColor(QPalette::Text, colours.text);
  palette.setColor(QPalette::Button, colours.track);
  palette.setColor(QPalette::ButtonText, colours.text);
  palette.setColor(QPalette::BrightText, colours.accent);
  palette.setColor(QPalette::ToolTipBase, colours.tag);
  palette.setColor(QPalette::ToolTipText, colours.tag_text);
  palette.setColor(QPalette::PlaceholderText, colours.muted);
  palette.setColor(QPalette::Link, colours.bar);
  palette.setColor(QPalette::Highlight, colours.bar);
  palette.setColor(QPalette::HighlightedText,
                   colours.page.lightness() < 128 ? colours.page : colours.card);
  palette.setColor(QPalette::Light, colours.card);
  palette.setColor(QPalette::Midlight, colours.track);
  palette.setColor(QPalette::Mid, colours.line);
  palette.setColor(QPalette::Dark, colours.muted);
  palette.setColor(QPalette::Shadow, colours.tag);
  for (const QPalette::ColorRole role :
       {QPalette::WindowText, QPalette::Text, QPalette::ButtonText}) {
    palette.setColor(QPalette::Disabled, role, colours.muted);
  }
  return palette;
}

}  // namespace

QString theme_name(Theme theme) {
  switch (theme) {
    case Theme::kSystem:
      return QString::fromUtf8("system");
    case Theme::kLight:
      return QString::fromUtf8("light");
    case Theme::kDark:
      return QString::fromUtf8("dark");
  }
  return {};
}

std::optional<Theme> theme_from(const QString& name) {
  for (const Theme theme : kThemes) {
    if (theme_name(theme) == name) return theme;
  }
  return {};
}

void apply_theme(Theme theme) {
  static const bool desktop_is_dark =
      QApplication::palette().color(QPalette::Window).lightness() < 128;
  const bool dark = theme == Theme::kDark || (theme == Theme::kSystem && desktop_is_dark);
  QApplication::setStyle(new OutlinedStyle);
  const QPalette palette = widget_palette(dark ? dark_palette() : light_palette());
  QApplication::setPalette(palette);
  QToolTip::setPalette(palette);
}

}  // namespace vqalign
