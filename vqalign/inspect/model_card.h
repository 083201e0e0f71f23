#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "vqalign/attention/head_site.h"

namespace vqalign {

/// What a loaded model is, for people.
struct ModelCard {
  std::string file;
  int64_t parameters = 0;
  int64_t layers = 0;
  int64_t heads = 0;
  FamilyShape pretrained;  ///< of its encoder of questions, where that was trained before
  int64_t hidden = 0;
  int64_t words = 0;
  int64_t longest_question = 0;  ///< in words; those beyond are not read
  int64_t answers = 0;
  std::string structure;                                     ///< "encoder-decoder" or "stacking"
  std::string calibration;                                   ///< of its probabilities; empty: none
  std::string domain;                                        ///< what pictures it knows
  std::vector<std::pair<std::string, std::string>> trained;  ///< how: names and values as text
};

}  // namespace vqalign
