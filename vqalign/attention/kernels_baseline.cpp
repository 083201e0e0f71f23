#define VQALIGN_KERNEL_TABLE kBaselineTable
#include "vqalign/attention/kernels_impl.h"
