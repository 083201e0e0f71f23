#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

namespace vqalign::scenes {

/// A shape at a chosen place. Plain values: this header reaches no OpenCV.
struct PlacedShape {
  int shape = 0;      ///< index into shape_names() (scenes_objects.h)
  int colour = 0;     ///< index into colour_names()
  double x = 0;       ///< of the shape's centre, in pixels from the picture's left edge
  double y = 0;       ///< from its upper edge
  double extent = 0;  ///< pixels of the longer side when upright
  double angle = 0;   ///< radians, clockwise
};

/// The size of most generated pictures.
inline constexpr int kUsualSide = 144;
/// The middle one of the tones of plain backgrounds, which are near grey.
inline constexpr uint8_t kUsualTone = 168;

using Rgb = std::array<uint8_t, 3>;

/// What colour_names()[colour] looks like; the generator's own pictures vary it a little.
Rgb colour_rgb(int colour);

/// Draws pictures by the generator's code: the same outlines, colours and soft edges. Keeps the
/// stamps of the last one, so that a picture in which little has changed is drawn in a fraction of
/// a millisecond.
class PicturePainter {
 public:
  PicturePainter();
  ~PicturePainter();
  PicturePainter(PicturePainter&&) noexcept;
  PicturePainter& operator=(PicturePainter&&) noexcept;

  /// The shapes over a plain background, later ones over earlier ones. Centres are moved to the
  /// nearest place where the generator would draw (half a pixel at most). Returns
  /// height * width * 3 bytes, R G B.
  std::vector<uint8_t> draw(int width, int height, const Rgb& background,
                            const std::vector<PlacedShape>& shapes);

 private:
  struct Kept;
  std::unique_ptr<Kept> kept_;
};

/// A shape alone, in the middle of a transparent square.
struct ShapeIcon {
  int side = 0;
  std::vector<uint8_t> rgba;  ///< side * side * 4 bytes, not premultiplied
};

/// `shape` as PicturePainter draws it; its place does not matter.
ShapeIcon draw_alone(const PlacedShape& shape);

/// Whether the shape, drawn, covers at least half of the pixel that (x, y) lies in.
bool covers(const PlacedShape& shape, double x, double y);

/// Shapes as the generator scatters them in a picture of kUsualSide by kUsualSide: a pure function
/// of the seed. At least one and at most `most` (2 to 10) of them.
std::vector<PlacedShape> sample_picture(uint64_t seed, int most);

}  // namespace vqalign::scenes
