#define VQALIGN_KERNEL_TABLE kAvx512Table
#include "vqalign/attention/kernels_impl.h"
