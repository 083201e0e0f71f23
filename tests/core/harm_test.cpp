#include "vqalign/core/harm.h"

#include <gtest/gtest.h>

#include "vqalign/core/error.h"

namespace vqalign {
namespace {

const std::vector<std::string> kKinds = {"blur", "noise"};

TEST(Harm, IsReadFromTheCommandLine) {
  const Harm harm = parse_harm("noise:5", kKinds, "--corrupt");
  EXPECT_EQ(harm.kind, "noise");
  EXPECT_EQ(harm.severity, 5);
  EXPECT_EQ(harm.text(), "noise:5");
  EXPECT_TRUE(harm.any());
  EXPECT_FALSE(Harm().any());
  EXPECT_FALSE((Harm{"blur", 0}).any());
}

TEST(Harm, NamesWhatIsWrong) {
  for (const char* text : {"blur", "blur:", "blur:0", "blur:6", "blur:-1", "blur:two", "blur:2x",
                           "blur:1:2", "blur: 1", "blur:99999999999999999999"}) {
    EXPECT_THROW(parse_harm(text, kKinds, "--corrupt"), UsageError) << text;
  }
  try {
    parse_harm("blurr:2", kKinds, "--corrupt");
    FAIL();
  } catch (const UsageError& error) {
    EXPECT_EQ(std::string(error.what()), "--corrupt: there is no kind \"blurr\"");
    EXPECT_EQ(error.hint(), "did you mean blur?");
  }
  EXPECT_THROW(parse_harm("", kKinds, "--corrupt"), UsageError);
}

}  // namespace
}  // namespace vqalign
