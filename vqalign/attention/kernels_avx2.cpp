#define VQALIGN_KERNEL_TABLE kAvx2Table
#include "vqalign/attention/kernels_impl.h"
