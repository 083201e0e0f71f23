// What a program outside the project needs: a header without LibTorch and one with it.
#include <cstdio>

#include "vqalign/attention/dropout.h"
#include "vqalign/core/error.h"
#include "vqalign/core/options.h"

int main() {
  vqalign::DropoutStreams streams(7);
  const torch::Tensor kept = vqalign::dropout(at::ones({64, 64}), 0.5, streams);
  const double mean = kept.mean().item<double>();
  if (mean < 0.8 || mean > 1.2 || streams.next() != 1) return 1;
  if (vqalign::nearest_name("layres", {"heads", "layers"}) != "layers") return 1;
  std::puts("vqalign found");
  return 0;
}
