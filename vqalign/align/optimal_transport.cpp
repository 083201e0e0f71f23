#include "vqalign/align/optimal_transport.h"

#include "vqalign/align/composite.h"

namespace vqalign {

torch::Tensor optimal_transport(const HeadSets& sets, const SinkhornOptions& options) {
  return composite::optimal_transport(checked(sets), options);
}

}  // namespace vqalign
