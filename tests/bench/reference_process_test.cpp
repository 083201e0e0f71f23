#include "vqalign/bench/reference_process.h"

#include <gtest/gtest.h>

#include <fstream>

#include "vqalign/bench/temporary_folder.h"
#include "vqalign/core/error.h"

namespace vqalign {
namespace {

namespace fs = std::filesystem;

/// A stand-in for Python that is called as PYTHON -Wignore SCRIPT: a shell script.
class ReferenceProcessTest : public testing::Test {
 protected:
  fs::path python(const std::string& body) const {
    const fs::path file = folder_.path() / "python";
    std::ofstream(file) << "#!/bin/sh\n" << body;
    fs::permissions(file, fs::perms::owner_all);
    return file;
  }
  TemporaryFolder folder_;
};

TEST_F(ReferenceProcessTest, TakesALineAndGivesOne) {
  ReferenceProcess process(python("read setup; echo '{\"torch\": \"2.0\"}'\n"
                                  "while read order; do echo \"{\\\"order\\\": $order, "
                                  "\\\"script\\\": \\\"$2\\\"}\"; done\n"),
                           "serve.py", Json::object().set("threads", 1));
  EXPECT_EQ(process.torch_version(), "2.0");
  for (const char* work : {"train", "ask"}) {
    const Json order = Json::object().set("work", work);
    const Json answer = process.ask(order);
    EXPECT_EQ(answer.at("order"), order);
    EXPECT_EQ(answer.at("script").as_string(), "serve.py");
  }
}

TEST_F(ReferenceProcessTest, TellsWhenPythonIsMissingOrEnds) {
  EXPECT_THROW(ReferenceProcess(folder_.path() / "none", "serve.py", Json::object()), UsageError);
  try {
    ReferenceProcess(python("exit 1\n"), "serve.py", Json::object());
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()), "the reference in Python ended without an answer");
    EXPECT_NE(error.hint().find("--python"), std::string::npos);
  }
  ReferenceProcess process(python("read setup; echo '{\"torch\": \"2.0\"}'; read order\n"),
                           "serve.py", Json::object());
  EXPECT_THROW(process.ask(Json::object()), Error);
  EXPECT_THROW(process.ask(Json::object()), Error);
}

TEST_F(ReferenceProcessTest, RefusesWhatIsNoJson) {
  EXPECT_THROW(ReferenceProcess(python("read setup; echo hello\n"), "serve.py", Json::object()),
               Error);
  EXPECT_THROW(ReferenceProcess(python("read setup; echo '{}'\n"), "serve.py", Json::object()),
               Error);
}

}  // namespace
}  // namespace vqalign
