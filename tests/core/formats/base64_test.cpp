#include "vqalign/core/formats/base64.h"

#include <gtest/gtest.h>

#include <string>

namespace vqalign {
namespace {

std::string decoded(std::string_view text, std::size_t bytes) {
  std::string out(bytes, '?');
  return decode_base64(text, out.data(), bytes) ? out : "refused";
}

TEST(Base64, TheStandardsOwnExamples) {
  // RFC 4648, section 10.
  EXPECT_EQ(decoded("", 0), "");
  EXPECT_EQ(decoded("Zg==", 1), "f");
  EXPECT_EQ(decoded("Zm8=", 2), "fo");
  EXPECT_EQ(decoded("Zm9v", 3), "foo");
  EXPECT_EQ(decoded("Zm9vYg==", 4), "foob");
  EXPECT_EQ(decoded("Zm9vYmE=", 5), "fooba");
  EXPECT_EQ(decoded("Zm9vYmFy", 6), "foobar");
  EXPECT_EQ(encode_base64(""), "");
  EXPECT_EQ(encode_base64("f"), "Zg==");
  EXPECT_EQ(encode_base64("fo"), "Zm8=");
  EXPECT_EQ(encode_base64("foo"), "Zm9v");
  EXPECT_EQ(encode_base64("foob"), "Zm9vYg==");
  EXPECT_EQ(encode_base64("fooba"), "Zm9vYmE=");
  EXPECT_EQ(encode_base64("foobar"), "Zm9vYmFy");
}

TEST(Base64, EveryCharacterOfTheAlphabet) {
  // Sextets 0, 1, .. 63 in order are these 48 bytes (Python's base64.b64decode).
  const std::string bytes(
      "\x00\x10\x83\x10\x51\x87\x20\x92\x8b\x30\xd3\x8f\x41\x14\x93\x51\x55\x97\x61\x96\x9b\x71\xd7"
      "\x9f\x82\x18\xa3\x92\x59\xa7\xa2\x9a\xab\xb2\xdb\xaf\xc3\x1c\xb3\xd3\x5d\xb7\xe3\x9e\xbb\xf3"
      "\xdf\xbf",
      48);
  EXPECT_EQ(decoded("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", 48), bytes);
  EXPECT_EQ(encode_base64(bytes),
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
}

TEST(Base64, RefusesWhatIsNone) {
  EXPECT_EQ(decoded("Zm9v", 2), "refused");
  EXPECT_EQ(decoded("Zm9v", 4), "refused");
  EXPECT_EQ(decoded("Zm9", 2), "refused");
  EXPECT_EQ(decoded("Zg==", 3), "refused");
  EXPECT_EQ(decoded("Zg=v", 1), "refused");
  EXPECT_EQ(decoded("Zm8v", 2), "refused");
  for (int c = 0; c < 256; ++c) {
    const bool fine = std::isalnum(c) || c == '+' || c == '/';
    for (std::size_t place = 0; place < 4; ++place) {
      std::string text = "AAAAAAAA";
      text[4 + place] = static_cast<char>(c);
      EXPECT_EQ(decoded(text, 6) == "refused", !fine) << c << " at " << place;
    }
  }
}

}  // namespace
}  // namespace vqalign
