#pragma once

#include <QColor>

namespace vqalign {

/// The figure's colours besides the colour map.
struct Palette {
  QColor page, card, line;
  QColor text, muted;
  QColor bar, pale_bar, track;
  QColor accent;  ///< of what is selected, pointed at or spoken of
  QColor tag, tag_text;
  QColor warning, warning_ground, warning_line;
};

inline const Palette& light_palette() {
  static const Palette palette{.page = QColor(0xf2, 0xf4, 0xf7),
                               .card = QColor(0xff, 0xff, 0xff),
                               .line = QColor(0xe1, 0xe5, 0xea),
                               .text = QColor(0x1a, 0x20, 0x2c),
                               .muted = QColor(0x66, 0x70, 0x80),
                               .bar = QColor(0x1f, 0x5f, 0xbf),
                               .pale_bar = QColor(0x9c, 0xba, 0xe3),
                               .track = QColor(0xec, 0xef, 0xf3),
                               .accent = QColor(0xc2, 0x41, 0x0c),
                               .tag = QColor(0x11, 0x18, 0x27),
                               .tag_text = QColor(0xff, 0xff, 0xff),
                               .warning = QColor(0x7a, 0x4a, 0x05),
                               .warning_ground = QColor(0xff, 0xf5, 0xdd),
                               .warning_line = QColor(0xf0, 0xd4, 0x90)};
  return palette;
}

inline const Palette& dark_palette() {
  static const Palette palette{.page = QColor(0x12, 0x15, 0x1a),
                               .card = QColor(0x1c, 0x20, 0x27),
                               .line = QColor(0x35, 0x3b, 0x46),
                               .text = QColor(0xe8, 0xeb, 0xf0),
                               .muted = QColor(0x9c, 0xa6, 0xb4),
                               .bar = QColor(0x5b, 0x9d, 0xf5),
                               .pale_bar = QColor(0x35, 0x55, 0x84),
                               .track = QColor(0x2a, 0x2f, 0x38),
                               .accent = QColor(0xfb, 0x92, 0x3c),
                               .tag = QColor(0x11, 0x18, 0x27),
                               .tag_text = QColor(0xff, 0xff, 0xff),
                               .warning = QColor(0xf5, 0xcf, 0x85),
                               .warning_ground = QColor(0x3a, 0x2d, 0x12),
                               .warning_line = QColor(0x7a, 0x5c, 0x1e)};
  return palette;
}

}  // namespace vqalign
