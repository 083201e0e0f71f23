#include "vqalign/bench/program.h"
#include "vqalign/core/formats/tensor_memory.h"
#include "vqalign/core/memory.h"

int main(int argc, char** argv) {
  vqalign::keep_freed_memory();
  vqalign::reuse_tensor_memory();
  return vqalign::run_bench(argc, argv);
}
