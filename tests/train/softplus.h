#pragma once

#include <cmath>

namespace vqalign {

/// ln(1 + e^x), what a wrong or unsure logit costs.
inline double softplus(double x) {
  return std::log1p(std::exp(x));
}

}  // namespace vqalign
