#pragma once

#include <torch/types.h>

#include <string>
#include <vector>

namespace vqalign {

/// The least compute capability of a GPU, times ten: bfloat16 in hardware, and what the kernels of
/// this project are compiled for.
inline constexpr int kLeastCapability = 80;

/// What NVIDIA's driver, asked without LibTorch, tells of this machine.
struct GpuDriver {
  struct Gpu {
    std::string name;
    int capability = 0;  ///< compute capability times ten: 90 for 9.0
  };
  bool installed = false;
  int version = 0;  ///< the newest CUDA that it serves: 12040 for 12.4
  std::vector<Gpu> gpus;
};

GpuDriver gpu_driver();

/// Why GPU `index` cannot be computed on by a LibTorch made for CUDA `torch_version` (13000 for
/// 13.0); empty: nothing that the driver could tell speaks against it.
std::string gpu_problem(int index, const GpuDriver& driver, int torch_version);

/// Wrong usage when `name`, the value of --device, is none of cpu, cuda and cuda:N, or names a GPU
/// where this build's LibTorch has no CUDA, where there is none of that number, where the driver is
/// too old, or one below kLeastCapability.
void check_device(const std::string& name);

/// The device of a checked name. On a GPU LibTorch is set to give the same numbers on every run of
/// the same program there (algorithms without an order of their own are refused, cuBLAS keeps to
/// one workspace) and to multiply float32 in float32, not in TF32. Call it before any work there.
torch::Device prepare_device(const std::string& name);

/// A prepared device as a report names it: "cpu", or the GPU's name and number.
std::string device_title(torch::Device device);

/// Waits until the device has done what it was given.
void finish_work(torch::Device device);

/// What LibTorch's allocator holds on a GPU.
struct DeviceBytes {
  int64_t allocated = 0;  ///< in tensors
  int64_t peak = 0;       ///< most of that since restart_peak()
  int64_t reserved = 0;   ///< taken from the driver, tensors or not
};
DeviceBytes device_bytes(torch::Device device);
void restart_peak(torch::Device device);

}  // namespace vqalign
