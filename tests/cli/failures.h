#pragma once

#include "workbench.h"

namespace vqalign::test {

/// The run failed with one line that holds all of `said`, and nothing on stdout.
void expect_failure(const std::vector<std::string>& arguments, const std::vector<std::string>& said,
                    const RunSettings& settings = {});

/// Scores a model on a dataset's val split.
std::vector<std::string> evaluation(const std::filesystem::path& data,
                                    const std::filesystem::path& model);

/// A results file that answers every val question.
std::string good_results();

/// A damaged file and what must be said of it.
struct BadText {
  std::string name;
  std::string text;
  std::string said;
};

}  // namespace vqalign::test
