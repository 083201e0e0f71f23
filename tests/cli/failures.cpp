#include "failures.h"

#include <gtest/gtest.h>

namespace vqalign::test {

namespace fs = std::filesystem;

void expect_failure(const std::vector<std::string>& arguments, const std::vector<std::string>& said,
                    const RunSettings& settings) {
  std::string line;
  for (const std::string& argument : arguments) line += argument + " ";
  SCOPED_TRACE(line);
  const ProgramRun run = run_vqalign(arguments, settings);
  EXPECT_EQ(run.status, 1);
  EXPECT_EQ(run.out, "");
  EXPECT_EQ(line_count(run.err), 1u) << run.err;
  EXPECT_TRUE(run.err.starts_with("vqalign: ")) << run.err;
  EXPECT_EQ(run.err.find("internal error"), std::string::npos) << run.err;
  for (const std::string& part : said) {
    EXPECT_NE(run.err.find(part), std::string::npos) << part << "\nnot in: " << run.err;
  }
}

std::vector<std::string> evaluation(const fs::path& data, const fs::path& model) {
  return {"eval", "--quiet", "--data", data, "--split", "val", "--model", model};
}

std::string good_results() {
  static const std::string file = [] {
    const std::string made = fresh_folder("good_results") / "results.json";
    run_vqalign({"predict", "--quiet", "--model", workbench().model, "--data",
                 workbench().data.string(), "--split", "val", "--out", made});
    return made;
  }();
  return file;
}

}  // namespace vqalign::test
