#include "vqalign/core/formats/tensor_memory.h"
#include "vqalign/core/memory.h"
#include "vqalign/gui/app/program.h"

int main(int argc, char** argv) {
  vqalign::keep_freed_memory();
  vqalign::reuse_tensor_memory();
  return vqalign::run_gui(argc, argv);
}
