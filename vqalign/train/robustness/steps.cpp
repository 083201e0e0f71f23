#include "vqalign/train/robustness/steps.h"

#include <cmath>

namespace vqalign {

void WeightedSteps::next(int64_t steps, const std::string& note) {
  before_ += steps_;
  steps_ = steps;
  note_ = note;
  whole_.update(before_, note_);
}

void WeightedSteps::begin(const std::string&, int64_t total, const std::string&, int64_t done) {
  total_ = total;
  working_ = true;
  update(done, {});
}

void WeightedSteps::update(int64_t done, const std::string&) {
  if (total_ <= 0) return;
  const double share = static_cast<double>(done) / static_cast<double>(total_);
  whole_.update(before_ + std::llround(share * static_cast<double>(steps_)), note_);
}

void WeightedSteps::end() {
  if (!working_) whole_.end();
  working_ = false;
}

}  // namespace vqalign
