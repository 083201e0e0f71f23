#pragma once

#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "vqalign/attention/tap.h"

namespace vqalign {

/// The squared MMD (mmd.h) between the queries and keys of one head, averaged over samples.
struct HeadMmd {
  std::string family;  ///< By family_name().
  int64_t layer = 0;
  int64_t head = 0;
  double value = 0.0;
};

/// How far queries and keys of a model lie apart.
struct AlignmentReport {
  /// The sum of `value` over all layers and heads of both self-attention families.
  double mmd_total = 0.0;
  /// Every head of every family seen, by family (as kAllFamilies has them), layer, head.
  std::vector<HeadMmd> heads;
};

/// Measures alignment over an evaluation: show it the taps of every batch, then read the report.
/// Samples of which a set is empty have no distance and are left out of the mean. Sums in double,
/// so that the report does not depend on the batch size but for float32's rounding of one value.
class AlignmentMeter {
 public:
  /// Adds all samples of a batch. Takes no part in autograd.
  void add(const std::vector<AttentionTap>& taps);

  AlignmentReport report() const;

 private:
  struct Sum {
    double value = 0.0;
    int64_t samples = 0;
  };
  std::map<std::tuple<AttentionFamily, int64_t, int64_t>, Sum> sums_;
};

}  // namespace vqalign
