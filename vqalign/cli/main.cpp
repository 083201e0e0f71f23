#include "vqalign/cli/program.h"

int main(int argc, char** argv) {
  return vqalign::run_program(argc, argv);
}
