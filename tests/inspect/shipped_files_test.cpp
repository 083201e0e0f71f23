#include "vqalign/inspect/shipped_files.h"

#include <gtest/gtest.h>

#include "vqalign/core/error.h"

namespace vqalign {
namespace {

TEST(ShippedFiles, WeightsThatAreNowhereAreNamedWithWhatInstallsThem) {
  try {
    pretrained_weights("efficientnet-lite9", "efficientnet-lite9.pth");
    FAIL() << "found";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 ".deps/pretrained/efficientnet-lite9.pth: the weights of efficientnet-lite9 are "
                 "not there");
    EXPECT_EQ(error.hint(), "scripts/setup --pretrained installs them");
  }
}

}  // namespace
}  // namespace vqalign
