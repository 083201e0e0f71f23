#include "vqalign/align/mmd.h"

#include "vqalign/align/composite.h"

namespace vqalign {

torch::Tensor mmd(const HeadSets& sets) {
  return composite::mmd(checked(sets));
}

}  // namespace vqalign
