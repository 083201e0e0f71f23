#pragma once

#include <string>

#include "vqalign/core/progress.h"

namespace vqalign {

/// One stage of progress over works that report stages of their own, each of which fills a part of
/// it whose size is told beforehand.
class WeightedSteps : public Progress {
 public:
  explicit WeightedSteps(Progress& whole) : whole_(whole) {}

  /// The stage as a whole, of so many steps.
  void begin(const std::string& stage, int64_t steps) { whole_.begin(stage, steps, "steps"); }
  /// The last part is finished, and the next has so many steps; `note` says what it is.
  void next(int64_t steps, const std::string& note);

  // What the works report.
  void begin(const std::string& stage, int64_t total, const std::string& unit,
             int64_t done) override;
  void update(int64_t done, const std::string& note) override;
  /// Ends the whole stage when no work is at it.
  void end() override;

 private:
  Progress& whole_;
  std::string note_;
  int64_t before_ = 0;  ///< steps of the finished parts
  int64_t steps_ = 0;   ///< of the current part
  int64_t total_ = 0;   ///< of the work at it
  bool working_ = false;
};

}  // namespace vqalign
