// Files that are no good pictures: each an Error of one line naming the file, none a crash.

#include <gtest/gtest.h>

#include "picture_files.h"
#include "vqalign/vision/picture_format.h"
#include "vqalign/vision/picture_header.h"

namespace vqalign {
namespace {

using namespace testing_pictures;
using testing::Test;

struct Damage {
  std::string name;
  std::string file;
  std::string bytes;
  std::string message;  // a part of what is said
};

void PrintTo(const Damage& damage, std::ostream* out) {
  *out << damage.name;
}

cv::Mat busy_picture() {
  cv::Mat bgr(48, 64, CV_8UC3);
  cv::randu(bgr, 0, 256);
  return bgr;
}

std::string cut(const std::string& bytes, double share) {
  return bytes.substr(0, static_cast<std::size_t>(static_cast<double>(bytes.size()) * share));
}

std::string with_u32(std::string bytes, std::size_t at, uint32_t value, bool little) {
  return bytes.replace(at, 4, u32(value, little));
}

// Puts another size into a JPEG's frame header.
std::string jpeg_of_size(uint32_t width, uint32_t height) {
  std::string jpeg = encode(".jpg", busy_picture());
  const std::size_t frame = jpeg.find("\xFF\xC0");
  return jpeg.replace(frame + 5, 4, u16(height, false) + u16(width, false));
}

/// An extended WebP's header with the flag of an animation, before a picture.
std::string animated_webp(const std::string& webp) {
  const std::string flags("VP8X\x0A\0\0\0\2\0\0\0\x3F\0\0\x2F\0\0", 18);
  return webp.substr(0, 12) + flags + webp.substr(12);
}

/// Pictures that others read.
std::vector<Damage> foreign_pictures() {
  const std::string webp = encode(".webp", busy_picture());
  return {
      {"Gif", "a.gif", "GIF89a" + std::string(40, '\1'), "a GIF picture, which is not read"},
      {"Heic", "a.heic",
       "\1\1\1\x18"
       "ftypheic" +
           std::string(40, '\1'),
       "a HEIC picture"},
      {"HeicNamedJpeg", "a.jpg",
       "\1\1\1\x18"
       "ftypmif1" +
           std::string(40, '\1'),
       "a HEIF picture"},
      {"Avif", "a.avif",
       "\1\1\1\x18"
       "ftypavif" +
           std::string(40, '\1'),
       "an AVIF picture"},
      {"HeicCutInItsMark", "a.heic",
       "\1\1\1\x18"
       "ftyph",
       "no picture of a known format"},
      {"WebpAnimated", "a.webp", animated_webp(webp), "an animated WebP picture"},
  };
}

std::vector<Damage> damages() {
  const cv::Mat bgr = busy_picture();
  const std::string png = encode(".png", bgr);
  const std::string jpeg = encode(".jpg", bgr);
  const std::string progressive = encode(".jpg", bgr, {cv::IMWRITE_JPEG_PROGRESSIVE, 1});
  const std::string bmp = encode(".bmp", bgr);
  const std::string webp = encode(".webp", bgr);
  const std::string tif = tiff(bgr, 1, true);
  // A JPEG whose EXIF block holds a whole JPEG, as thumbnails do, and which then ends too early.
  const std::string thumbnail =
      cut(jpeg.substr(0, 2) + "\xFF\xE1" + u16(static_cast<uint32_t>(jpeg.size()) + 2, false) +
              jpeg + jpeg.substr(2),
          0.9);
  return {
      {"Empty", "a.png", "", "empty"},
      {"OneByte", "a.png", "x", "no picture of a known format"},
      {"Text", "a.jpg", "this is no picture", "no picture of a known format"},
      {"PngSignatureAlone", "a.png", png.substr(0, 8), "0 x 0"},
      {"PngHeaderAlone", "a.png", png.substr(0, 33), "truncated"},
      {"PngHalf", "a.png", cut(png, 0.5), "truncated"},
      {"PngWithoutEnd", "a.png", png.substr(0, png.size() - 12), "truncated"},
      {"PngLacksItsLastByte", "a.png", png.substr(0, png.size() - 1), "truncated"},
      {"PngDamagedInside", "a.png", std::string(png).replace(png.size() / 2, 4, "abcd"), "damaged"},
      {"PngZeroWide", "a.png", with_u32(png, 16, 0, false), "0 x 48"},
      {"PngHuge", "a.png", with_u32(with_u32(png, 16, 20000, false), 20, 20000, false),
       "20000 x 20000"},
      {"PngEnormous", "a.png",
       with_u32(with_u32(png, 16, 0xFFFFFFFF, false), 20, 0xFFFFFFFF, false), "megapixels"},
      {"PngOneRowTooMany", "a.png", with_u32(with_u32(png, 16, 1, false), 20, 100000001, false),
       "megapixels"},
      {"JpegStartAlone", "a.jpg", jpeg.substr(0, 3), "0 x 0"},
      {"JpegHalf", "a.jpg", cut(jpeg, 0.5), "truncated"},
      {"JpegWithoutEnd", "a.jpg", jpeg.substr(0, jpeg.size() - 2), "truncated"},
      {"JpegProgressiveTruncated", "a.jpg", cut(progressive, 0.8), "truncated"},
      {"JpegTruncatedWithThumbnail", "a.jpg", thumbnail, "truncated"},
      {"JpegHuge", "a.jpg", jpeg_of_size(65500, 65500), "65500 x 65500"},
      {"JpegZeroHigh", "a.jpg", jpeg_of_size(64, 0), "64 x 0"},
      {"BmpHalf", "a.bmp", cut(bmp, 0.5), "truncated"},
      {"BmpHeaderAlone", "a.bmp", bmp.substr(0, 20), "0"},
      {"BmpHuge", "a.bmp", with_u32(with_u32(bmp, 18, 1 << 20, true), 22, 1 << 20, true),
       "megapixels"},
      {"BmpLowest", "a.bmp", with_u32(bmp, 22, 0x80000000, true), "megapixels"},
      {"TiffHalf", "a.tiff", cut(tif, 0.5), "truncated"},
      {"TiffHeaderAlone", "a.tiff", tif.substr(0, 8), "truncated or damaged"},
      {"TiffStripBeyondTheEnd", "a.tiff", with_u32(tif, 8 + 2 + 5 * 12 + 8, 1 << 30, true),
       "truncated"},
      {"TiffFloat", "a.tiff", encode(".tiff", cv::Mat(4, 4, CV_32FC1, cv::Scalar(0.5))),
       "expected 8-bit or 16-bit"},
      {"WebpHalf", "a.webp", cut(webp, 0.5), "truncated"},
      {"WebpHeaderAlone", "a.webp", webp.substr(0, 12), "0 x 0"},
  };
}

class DamagedPicture : public testing::TestWithParam<Damage> {};

TEST_P(DamagedPicture, IsAnErrorNamingTheFile) {
  const auto path = write_bytes(GetParam().file, GetParam().bytes);
  const std::string message = error_of(path);
  EXPECT_NE(message.find(path.string()), std::string::npos) << message;
  EXPECT_NE(message.find(GetParam().message), std::string::npos) << message;
  EXPECT_EQ(message.find('\n'), std::string::npos) << message;
}

TEST(DamagedPicture, IsFoundWithoutDecodingWhereItsFileIsCutOff) {
  int cut_off = 0;
  for (const Damage& damage : damages()) {
    if (damage.message != "truncated") continue;
    ++cut_off;
    const auto path = write_bytes(damage.file, damage.bytes);
    try {
      check_picture_ends(path);
      ADD_FAILURE() << damage.name << " is taken for whole";
    } catch (const Error& error) {
      const std::string message = path.string() + ": the picture is truncated";
      EXPECT_TRUE(std::string(error.what()).starts_with(message)) << error.what();
    }
  }
  EXPECT_GT(cut_off, 8);
}

TEST(DamagedPicture, NoWholePictureIsTakenForCutOff) {
  const cv::Mat bgr = busy_picture();
  for (const char* kind : {".jpg", ".png", ".bmp", ".webp", ".tiff"}) {
    const std::string whole = encode(kind, bgr);
    EXPECT_NO_THROW(check_picture_ends(write_bytes(concat("a", kind), whole))) << kind;
    if (std::string(kind) == ".tiff") continue;
    // Some cameras fill up their files.
    const std::string filled = whole + std::string(300, '\0');
    EXPECT_NO_THROW(check_picture_ends(write_bytes(concat("b", kind), filled))) << kind;
  }
  EXPECT_NO_THROW(check_picture_ends(
      write_bytes("c.jpg", encode(".jpg", bgr, {cv::IMWRITE_JPEG_PROGRESSIVE, 1}))));
  EXPECT_THROW(check_picture_ends(write_bytes("d.jpg", "")), Error);
  EXPECT_THROW(check_picture_ends(temporary_file("missing.png")), Error);
}

INSTANTIATE_TEST_SUITE_P(Foreign, DamagedPicture, testing::ValuesIn(foreign_pictures()),
                         [](const auto& info) { return info.param.name; });
INSTANTIATE_TEST_SUITE_P(Table, DamagedPicture, testing::ValuesIn(damages()),
                         [](const auto& info) { return info.param.name; });

TEST(DamagedPicture, ForeignOnesLookLikePicturesToo) {
  for (const Damage& damage : foreign_pictures()) {
    EXPECT_EQ(looks_like_picture(damage.bytes), damage.name != "HeicCutInItsMark") << damage.name;
  }
  for (const char* kind : {".jpg", ".png", ".bmp", ".webp", ".tiff"}) {
    EXPECT_TRUE(looks_like_picture(encode(kind, busy_picture()))) << kind;
  }
  for (const char* text : {"", "B", "RIFF", "image_id\timage_w", "{\"questions\": []}"}) {
    EXPECT_FALSE(looks_like_picture(text)) << text;
  }
}

TEST(DamagedPicture, MissingFileAndFolder) {
  const auto missing = temporary_file("missing.png");
  EXPECT_NE(error_of(missing).find("missing.png"), std::string::npos);
  EXPECT_NE(error_of(missing.parent_path()).find(missing.parent_path().string()),
            std::string::npos);
  EXPECT_THROW(read_picture_size(missing), Error);
}

// Whatever is cut off or overwritten, the reader answers with a picture or an Error.
TEST(DamagedPicture, NoCutAndNoByteCrashes) {
  cv::Mat bgr = distinct_pixels(9, 7);
  const std::vector<std::pair<std::string, std::string>> files{
      {"a.png", encode(".png", bgr)},   {"a.jpg", jpeg_with_exif(encode(".jpg", bgr), 6, true)},
      {"a.bmp", encode(".bmp", bgr)},   {"a.tiff", tiff(bgr, 8, false)},
      {"a.webp", encode(".webp", bgr)},
  };
  int errors = 0;
  for (const auto& [name, bytes] : files) {
    for (std::size_t at = 0; at < std::min<std::size_t>(bytes.size(), 400); ++at) {
      for (const char value : {'\0', '\x7F', '\xFF'}) {
        std::string changed = bytes;
        changed[at] = value;
        errors += error_of(write_bytes(name, changed)).empty() ? 0 : 1;
      }
      EXPECT_FALSE(error_of(write_bytes(name, bytes.substr(0, at))).empty()) << name << " " << at;
    }
  }
  EXPECT_GT(errors, 100);
}

TEST(DamagedPicture, TheLargestPictureIsRead) {
  // 100 megapixels of one colour fit into a small file.
  const auto path =
      write_bytes("a.png", encode(".png", cv::Mat(10000, 10000, CV_8UC1, cv::Scalar(7))));
  const Picture picture = read_picture(path);
  EXPECT_EQ(picture.width * picture.height, 100'000'000);
  EXPECT_EQ(picture.rgb.back(), 7);
  const auto larger =
      write_bytes("b.png", encode(".png", cv::Mat(10000, 10001, CV_8UC1, cv::Scalar(7))));
  EXPECT_NE(error_of(larger).find("10001 x 10000"), std::string::npos);
}

}  // namespace
}  // namespace vqalign
