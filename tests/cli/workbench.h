#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "program_run.h"

namespace vqalign::test {

/// A small dataset and a small model trained on it, made once by the program itself and shared by
/// all tests, which must not write there.
struct Workbench {
  std::filesystem::path data;   ///< 64 train, 32 val and 8 test questions
  std::filesystem::path model;  ///< two epochs of a tiny network
  ProgramRun drawing;
  ProgramRun training;

  std::string questions() const {
    return (data / "v2_OpenEnded_mscoco_val2014_questions.json").string();
  }
  std::string annotations() const { return (data / "v2_mscoco_val2014_annotations.json").string(); }
};

const Workbench& workbench();

/// --set options of a network that trains in a moment.
std::vector<std::string> tiny_network();

/// `first` and the options of tiny_network().
std::vector<std::string> with_tiny_network(std::vector<std::string> first);

/// A copy of the workbench's dataset, to be damaged.
std::filesystem::path dataset_copy(const std::string& name);

}  // namespace vqalign::test
