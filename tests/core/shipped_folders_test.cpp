#include "vqalign/core/shipped_folders.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "vqalign/core/error.h"

namespace vqalign {
namespace {

namespace fs = std::filesystem;

TEST(ShippedFolders, WeightsThatAreNowhereAreNamedWithWhatInstallsThem) {
  try {
    pretrained_weights("efficientnet-lite9", "efficientnet-lite9.pth");
    FAIL() << "found";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 ".deps/pretrained/efficientnet-lite9.pth: the weights of efficientnet-lite9 are "
                 "not there");
    EXPECT_EQ(error.hint(),
              "scripts/setup --pretrained installs them, or VQALIGN_PRETRAINED names the folder "
              "that has them");
  }
}

TEST(ShippedFolders, TheVariableNamesAFolderThatComesFirst) {
  const fs::path folder = fs::path(testing::TempDir()) / "vqalign_pretrained";
  fs::create_directories(folder);
  std::ofstream(folder / "efficientnet-lite9.pth") << "x";
  ::setenv("VQALIGN_PRETRAINED", folder.c_str(), 1);
  EXPECT_EQ(pretrained_folders().front(), folder.lexically_normal());
  EXPECT_EQ(pretrained_weights("efficientnet-lite9", "efficientnet-lite9.pth"),
            folder / "efficientnet-lite9.pth");
  ::unsetenv("VQALIGN_PRETRAINED");
  for (const fs::path& found : pretrained_folders()) EXPECT_TRUE(fs::is_directory(found)) << found;
}

TEST(ShippedFolders, AVariableThatNamesNoFolderIsToldWithBoth) {
  const std::string nowhere = (fs::path(testing::TempDir()) / "vqalign_nowhere").string();
  ::setenv("VQALIGN_PRETRAINED", nowhere.c_str(), 1);
  try {
    pretrained_weights("efficientnet-lite9", "efficientnet-lite9.pth");
    ADD_FAILURE() << "passed over";
  } catch (const Error& error) {
    EXPECT_EQ(error.what(), nowhere +
                                ": is no folder, and VQALIGN_PRETRAINED names it as the one with "
                                "weights of pretrained encoders");
    EXPECT_EQ(error.hint(), "name one that is there, or unset the variable");
  }
  ::setenv("VQALIGN_PRETRAINED", "", 1);
  EXPECT_NO_THROW(pretrained_folders());
  ::unsetenv("VQALIGN_PRETRAINED");
}

}  // namespace
}  // namespace vqalign
