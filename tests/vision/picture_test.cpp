#include "vqalign/vision/picture.h"

#include <gtest/gtest.h>

#include <zlib.h>
#include <opencv2/imgproc.hpp>

#include "picture_files.h"
#include "vqalign/vision/picture_header.h"

namespace vqalign {
namespace {

using namespace testing_pictures;

TEST(Picture, LosslessFormatsComeBackExactly) {
  const cv::Mat bgr = distinct_pixels(7, 5);
  for (const std::string extension : {".png", ".bmp", ".tiff"}) {
    SCOPED_TRACE(extension);
    const auto path = write_bytes("a" + extension, encode(extension, bgr));
    expect_equal(read_picture(path), bgr);
    EXPECT_EQ(read_picture_size(path), std::make_pair(int64_t{7}, int64_t{5}));
  }
  const auto webp = write_bytes("a.webp", encode(".webp", bgr, {cv::IMWRITE_WEBP_QUALITY, 101}));
  expect_equal(read_picture(webp), bgr);
  EXPECT_EQ(read_picture_size(webp), std::make_pair(int64_t{7}, int64_t{5}));
}

TEST(Picture, LossyFormatsComeBackClosely) {
  cv::Mat bgr(40, 60, CV_8UC3, cv::Scalar(40, 120, 200));
  for (const std::string extension : {".jpg", ".webp"}) {
    SCOPED_TRACE(extension);
    const auto path = write_bytes("a" + extension, encode(extension, bgr));
    expect_equal(read_picture(path), bgr, 6);
    EXPECT_EQ(read_picture_size(path), std::make_pair(int64_t{60}, int64_t{40}));
  }
}

// Files of tests/oracle/cmyk_pictures.py.
TEST(Picture, PrintersColours) {
  cv::Mat bgr(32, 32, CV_8UC3, cv::Scalar(255, 255, 255));
  bgr(cv::Rect(0, 0, 16, 16)) = cv::Scalar(0, 0, 255);
  bgr(cv::Rect(16, 0, 16, 16)) = cv::Scalar(0, 255, 0);
  bgr(cv::Rect(0, 16, 16, 16)) = cv::Scalar(255, 0, 0);
  for (const char* name : {"cmyk.jpg", "cmyk.tiff"}) {
    SCOPED_TRACE(name);
    const std::filesystem::path folder = VQALIGN_SOURCE_DIR "/tests/vision/pictures";
    expect_equal(read_picture(folder / name), bgr, 6);
  }
}

TEST(Picture, OnePixel) {
  const cv::Mat bgr(1, 1, CV_8UC3, cv::Scalar(1, 2, 3));
  EXPECT_EQ(read_picture(write_bytes("a.png", encode(".png", bgr))).rgb,
            (std::vector<uint8_t>{3, 2, 1}));
}

TEST(Picture, FormatIsRecognisedByContentNotByName) {
  const cv::Mat bgr = distinct_pixels(4, 3);
  expect_equal(read_picture(write_bytes("named.jpg", encode(".png", bgr))), bgr);
}

TEST(Picture, GreyBecomesThreeEqualChannels) {
  const cv::Mat grey = (cv::Mat_<uint8_t>(1, 3) << 0, 77, 255);
  for (const std::string extension : {".png", ".bmp", ".tiff"}) {
    EXPECT_EQ(read_picture(write_bytes("a" + extension, encode(extension, grey))).rgb,
              (std::vector<uint8_t>{0, 0, 0, 77, 77, 77, 255, 255, 255}));
  }
}

TEST(Picture, SixteenBitsAreScaledToTheFullRange) {
  const cv::Mat grey = (cv::Mat_<uint16_t>(1, 4) << 0, 257 * 100, 65535, 32768);
  for (const std::string extension : {".png", ".tiff"}) {
    const Picture picture = read_picture(write_bytes("a" + extension, encode(extension, grey)));
    EXPECT_EQ(rgb_at(picture, 0, 0)[0], 0);
    EXPECT_EQ(rgb_at(picture, 1, 0)[0], 100);
    EXPECT_EQ(rgb_at(picture, 2, 0)[0], 255);
    EXPECT_NEAR(rgb_at(picture, 3, 0)[0], 128, 1);
  }
  cv::Mat colour(1, 1, CV_16UC3, cv::Scalar(257 * 10, 257 * 20, 257 * 30));
  EXPECT_EQ(read_picture(write_bytes("c.png", encode(".png", colour))).rgb,
            (std::vector<uint8_t>{30, 20, 10}));
}

TEST(Picture, AlphaLiesOverWhite) {
  cv::Mat bgra(1, 3, CV_8UC4);
  bgra.at<cv::Vec4b>(0, 0) = {10, 20, 30, 255};
  bgra.at<cv::Vec4b>(0, 1) = {10, 20, 30, 0};
  bgra.at<cv::Vec4b>(0, 2) = {0, 100, 200, 51};
  const std::vector<uint8_t> wanted{30, 20, 10, 255, 255, 255, 244, 224, 204};
  EXPECT_EQ(read_picture(write_bytes("a.png", encode(".png", bgra))).rgb, wanted);

  cv::Mat deep;
  bgra.convertTo(deep, CV_16U, 257);
  EXPECT_EQ(read_picture(write_bytes("d.png", encode(".png", deep))).rgb, wanted);
}

std::string png_chunk(const std::string& type, const std::string& body) {
  const std::string checked = type + body;
  const auto crc =
      crc32(0, reinterpret_cast<const Bytef*>(checked.data()), static_cast<uInt>(checked.size()));
  return u32(static_cast<uint32_t>(body.size()), false) + checked +
         u32(static_cast<uint32_t>(crc), false);
}

// A PNG of one row, from its raw samples.
std::string raw_png(uint32_t width, int depth, int colour_type, const std::string& extra,
                    const std::string& row) {
  const std::string raw = '\0' + row;
  std::string packed(compressBound(raw.size()), '\0');
  uLongf size = packed.size();
  compress(reinterpret_cast<Bytef*>(packed.data()), &size,
           reinterpret_cast<const Bytef*>(raw.data()), raw.size());
  packed.resize(size);
  const std::string header = u32(width, false) + u32(1, false) + static_cast<char>(depth) +
                             static_cast<char>(colour_type) + std::string(3, '\0');
  return "\x89PNG\r\n\x1a\n" + png_chunk("IHDR", header) + extra + png_chunk("IDAT", packed) +
         png_chunk("IEND", "");
}

TEST(Picture, PaletteAndGreyAlphaPngs) {
  const std::string palette = png_chunk("PLTE", std::string("\x01\x02\x03\x0A\x14\x1E", 6));
  EXPECT_EQ(
      read_picture(write_bytes("p.png", raw_png(2, 8, 3, palette, std::string("\x01\0", 2)))).rgb,
      (std::vector<uint8_t>{10, 20, 30, 1, 2, 3}));
  const std::string see_through = palette + png_chunk("tRNS", std::string("\xFF\0", 2));
  EXPECT_EQ(
      read_picture(write_bytes("t.png", raw_png(2, 8, 3, see_through, std::string("\x01\0", 2))))
          .rgb,
      (std::vector<uint8_t>{255, 255, 255, 1, 2, 3}));
  EXPECT_EQ(read_picture(write_bytes("ga.png", raw_png(2, 8, 4, "", "\x40\xFF\x40\x01"))).rgb,
            (std::vector<uint8_t>{64, 64, 64, 254, 254, 254}));
  EXPECT_EQ(read_picture(write_bytes("bit.png", raw_png(8, 1, 0, "", "\x50"))).rgb,
            (std::vector<uint8_t>{0, 0, 0, 255, 255, 255, 0, 0, 0, 255, 255, 255,
                                  0, 0, 0, 0,   0,   0,   0, 0, 0, 0,   0,   0}));
}

// Chunks as of the PNG specification's third edition: two frames, the second in an fdAT.
TEST(Picture, OfAnAnimatedPngTheStillPictureIsRead) {
  const auto frame = [](uint32_t number) {
    return png_chunk("fcTL", u32(number, false) + u32(2, false) + u32(1, false) +
                                 std::string("\0\0\0\0\0\0\0\0\0\1\0\x0A\0\0", 14));
  };
  const std::string moves = png_chunk("acTL", u32(2, false) + u32(0, false)) + frame(0);
  std::string png = raw_png(2, 8, 0, moves, "\x10\x20");
  png.insert(png.size() - 12, frame(1) + png_chunk("fdAT", u32(2, false) + "another picture"));
  EXPECT_EQ(read_picture(write_bytes("apng.png", png)).rgb,
            (std::vector<uint8_t>{16, 16, 16, 32, 32, 32}));
}

// Where EXIF 2.3 says the stored row r and column c belong in the upright picture.
cv::Mat stored_for(const cv::Mat& upright, int orientation) {
  const bool swapped = orientation >= 5;
  const int rows = swapped ? upright.cols : upright.rows;
  const int columns = swapped ? upright.rows : upright.cols;
  cv::Mat stored(rows, columns, upright.type());
  for (int r = 0; r < rows; ++r) {
    for (int c = 0; c < columns; ++c) {
      int x = 0, y = 0;
      switch (orientation) {
        case 1:
          x = c, y = r;
          break;
        case 2:
          x = columns - 1 - c, y = r;
          break;
        case 3:
          x = columns - 1 - c, y = rows - 1 - r;
          break;
        case 4:
          x = c, y = rows - 1 - r;
          break;
        case 5:
          x = r, y = c;
          break;
        case 6:
          x = rows - 1 - r, y = c;
          break;
        case 7:
          x = rows - 1 - r, y = columns - 1 - c;
          break;
        default:
          x = r, y = columns - 1 - c;
          break;
      }
      stored.at<cv::Vec3b>(r, c) = upright.at<cv::Vec3b>(y, x);
    }
  }
  return stored;
}

// The extended container: a lossless picture and an EXIF chunk behind it.
std::string webp_with_exif(const cv::Mat& pixels, const std::string& exif) {
  const auto minus_one = [](int size) {
    return u32(static_cast<uint32_t>(size - 1), true).substr(0, 3);
  };
  const auto chunk = [](const std::string& type, std::string body) {
    const auto length = static_cast<uint32_t>(body.size());
    if (body.size() % 2 == 1) body += '\0';
    return type + u32(length, true) + body;
  };
  constexpr std::size_t kContainer = 12;
  const std::string simple = encode(".webp", pixels, {cv::IMWRITE_WEBP_QUALITY, 101});
  const std::string sizes = minus_one(pixels.cols) + minus_one(pixels.rows);
  const std::string body = "WEBP" + chunk("VP8X", u32(0x08, true) + sizes) +
                           simple.substr(kContainer) + chunk("EXIF", exif);
  return "RIFF" + u32(static_cast<uint32_t>(body.size()), true) + body;
}

class Orientation : public testing::TestWithParam<int> {};

TEST_P(Orientation, JpegIsTurnedUpright) {
  // Blocks of 8 x 8 equal pixels survive JPEG nearly unchanged.
  cv::Mat upright;
  cv::resize(distinct_pixels(5, 3), upright, {40, 24}, 0, 0, cv::INTER_NEAREST);
  const std::string jpeg =
      encode(".jpg", stored_for(upright, GetParam()), {cv::IMWRITE_JPEG_QUALITY, 100});
  for (const bool little : {true, false}) {
    const auto path =
        write_bytes("a.jpg", jpeg_with_exif(jpeg, static_cast<uint32_t>(GetParam()), little));
    const Picture picture = read_picture(path);
    ASSERT_EQ(picture.width, 40);
    ASSERT_EQ(picture.height, 24);
    EXPECT_EQ(read_picture_size(path), std::make_pair(int64_t{40}, int64_t{24}));
    // Colour is stored at half size; the middles of the blocks are what can be trusted.
    for (int y = 4; y < 24; y += 8) {
      for (int x = 4; x < 40; x += 8) {
        const auto& wanted = upright.at<cv::Vec3b>(y, x);
        for (int channel = 0; channel < 3; ++channel) {
          EXPECT_NEAR(rgb_at(picture, x, y)[static_cast<std::size_t>(channel)], wanted[2 - channel],
                      14);
        }
      }
    }
  }
}

TEST_P(Orientation, LosslessFormatsAreTurnedUpright) {
  const cv::Mat upright = distinct_pixels(5, 3);
  const cv::Mat stored = stored_for(upright, GetParam());
  const auto orientation = static_cast<uint32_t>(GetParam());
  for (const bool little : {true, false}) {
    expect_equal(read_picture(write_bytes("a.tiff", tiff(stored, orientation, little))), upright);
    std::string png = encode(".png", stored);
    constexpr std::size_t kAfterHeader = 33;
    png.insert(kAfterHeader, png_chunk("eXIf", exif_block(orientation, little)));
    const auto path = write_bytes("a.png", png);
    expect_equal(read_picture(path), upright);
    EXPECT_EQ(read_picture_size(path), std::make_pair(int64_t{5}, int64_t{3}));
    const auto webp =
        write_bytes("a.webp", webp_with_exif(stored, exif_block(orientation, little)));
    expect_equal(read_picture(webp), upright);
    EXPECT_EQ(read_picture_size(webp), std::make_pair(int64_t{5}, int64_t{3}));
  }
}

INSTANTIATE_TEST_SUITE_P(AllEight, Orientation, testing::Range(1, 9));

TEST(Picture, OrientationOutOfRangeIsUpright) {
  const cv::Mat bgr = distinct_pixels(5, 3);
  for (const uint32_t orientation : {0u, 9u, 65535u}) {
    std::string png = encode(".png", bgr);
    png.insert(33, png_chunk("eXIf", exif_block(orientation, true)));
    expect_equal(read_picture(write_bytes("a.png", png)), bgr);
  }
}

TEST(Picture, SizeBehindALongColourProfile) {
  const std::string jpeg = encode(".jpg", distinct_pixels(9, 6));
  std::string profile;
  for (int i = 0; i < 6; ++i) profile += "\xFF\xE2" + u16(60002, false) + std::string(60000, 'x');
  const auto path = write_bytes("a.jpg", jpeg.substr(0, 2) + profile + jpeg.substr(2));
  EXPECT_EQ(read_picture_size(path), std::make_pair(int64_t{9}, int64_t{6}));
  EXPECT_EQ(read_picture(path).width, 9);
}

TEST(Picture, WriteThenRead) {
  const Picture picture = read_picture(write_bytes("a.png", encode(".png", distinct_pixels(6, 4))));
  const auto path = temporary_file("b.png");
  write_png(path, picture);
  const Picture again = read_picture(path);
  EXPECT_EQ(again.width, 6);
  EXPECT_EQ(again.height, 4);
  EXPECT_EQ(again.rgb, picture.rgb);
  EXPECT_THROW(write_png(temporary_file("no/such/folder/b.png"), picture), Error);
}

}  // namespace
}  // namespace vqalign
