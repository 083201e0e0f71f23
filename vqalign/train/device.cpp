#include "vqalign/train/device.h"

#include <ATen/Context.h>
#include <ATen/DeviceAccelerator.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <dlfcn.h>
#include <torch/cuda.h>

#include <charconv>
#include <cstdlib>
#include <memory>
#include <optional>

#include "vqalign/core/error.h"

namespace vqalign {
namespace {

constexpr const char* kOnCpu = "leave it out to compute on the CPU";

/// NVIDIA's driver. Loaded by hand: it is on machines with a GPU alone, and LibTorch's own words
/// for what is wrong do not tell one reason from another.
class DriverLibrary {
 public:
  DriverLibrary() : library_(::dlopen("libcuda.so.1", RTLD_LAZY | RTLD_LOCAL)) {}

  explicit operator bool() const { return library_ != nullptr; }

  /// Whether it has that function and the function succeeds.
  template <typename... Arguments>
  bool call(const char* name, Arguments... arguments) const {
    using Function = int (*)(Arguments...);
    const auto function = reinterpret_cast<Function>(::dlsym(library_, name));
    return function != nullptr && function(arguments...) == 0;
  }

 private:
  void* library_;  ///< stays loaded, as LibTorch needs it
};

/// Numbers of the driver's own header.
constexpr int kCapabilityMajor = 75;
constexpr int kCapabilityMinor = 76;

GpuDriver::Gpu describe_gpu(const DriverLibrary& driver, int index) {
  int device = 0, major = 0, minor = 0;
  char name[256] = "GPU";
  driver.call("cuDeviceGet", &device, index);
  driver.call("cuDeviceGetName", &name[0], int{sizeof name}, device);
  driver.call("cuDeviceGetAttribute", &major, kCapabilityMajor, device);
  driver.call("cuDeviceGetAttribute", &minor, kCapabilityMinor, device);
  return {name, 10 * major + minor};
}

std::string version_text(int version) {
  return concat(version / 1000, ".", version % 1000 / 10);
}

/// N of "cuda:N", 0 of "cuda", nothing of any other text.
std::optional<int> cuda_index(const std::string& name) {
  if (name == "cuda") return 0;
  if (!name.starts_with("cuda:")) return std::nullopt;
  const char* begin = name.data() + 5;
  const char* end = name.data() + name.size();
  int index = 0;
  const auto [stop, code] = std::from_chars(begin, end, index);
  if (code != std::errc{} || stop != end || index < 0) return std::nullopt;
  return index;
}

}  // namespace

GpuDriver gpu_driver() {
  const DriverLibrary library;
  GpuDriver driver;
  driver.installed = static_cast<bool>(library);
  if (!driver.installed) return driver;
  library.call("cuDriverGetVersion", &driver.version);
  int count = 0;
  if (!library.call("cuInit", 0U) || !library.call("cuDeviceGetCount", &count)) return driver;
  for (int i = 0; i < count; ++i) driver.gpus.push_back(describe_gpu(library, i));
  return driver;
}

std::string gpu_problem(int index, const GpuDriver& driver, int torch_version) {
  if (!driver.installed) return "this machine has no NVIDIA driver (libcuda.so.1)";
  // Within one major version an older driver serves newer libraries.
  if (driver.version / 1000 < torch_version / 1000) {
    return concat("the driver serves CUDA ", version_text(driver.version),
                  " at most, this build's LibTorch is made for ", version_text(torch_version));
  }
  if (driver.gpus.empty()) return "the driver finds no GPU";
  const auto count = static_cast<int>(driver.gpus.size());
  if (index >= count) return concat("the last GPU here is cuda:", count - 1);
  const GpuDriver::Gpu& gpu = driver.gpus[static_cast<std::size_t>(index)];
  if (gpu.capability >= kLeastCapability) return {};
  const auto text = [](int capability) { return concat(capability / 10, ".", capability % 10); };
  return concat(gpu.name, " has compute capability ", text(gpu.capability), ", the least is ",
                text(kLeastCapability));
}

void check_device(const std::string& name) {
  if (name == "cpu") return;
  const std::optional<int> index = cuda_index(name);
  if (!index) {
    throw UsageError(concat("--device is \"", name, "\", allowed is cpu, cuda or cuda:N"));
  }
  if (!at::detail::getCUDAHooks().hasCUDART()) {
    throw UsageError(concat("--device is ", name, ", but this build's LibTorch has no CUDA"),
                     kOnCpu);
  }
  const auto version = static_cast<int>(at::detail::getCUDAHooks().versionCUDART());
  std::string problem = gpu_problem(*index, gpu_driver(), version);
  if (problem.empty() && static_cast<int>(torch::cuda::device_count()) <= *index) {
    problem = "LibTorch cannot reach it";
  }
  if (!problem.empty()) throw UsageError(concat("--device is ", name, ", but ", problem), kOnCpu);
}

torch::Device prepare_device(const std::string& name) {
  const std::optional<int> index = cuda_index(name);
  if (!index) return torch::kCPU;
  at::Context& context = at::globalContext();
  context.setDeterministicAlgorithms(true, /*warn_only=*/false);
  // Nothing here reads memory that nobody wrote; filling it costs a pass over every tensor.
  context.setDeterministicFillUninitializedMemory(false);
  context.setDeterministicCuDNN(true);
  context.setBenchmarkCuDNN(false);
  context.setAllowTF32CuBLAS(false);
  context.setAllowTF32CuDNN(false);
  const torch::Device device(torch::kCUDA, static_cast<c10::DeviceIndex>(*index));
  at::accelerator::setDeviceIndex(device.index());
  // LibTorch asks for this variable at the first product alone. Left in place it would be parsed at
  // every one, for longer than a product takes; workspaces are LibTorch's own either way.
  ::setenv("CUBLAS_WORKSPACE_CONFIG", ":4096:8", /*overwrite=*/1);
  const torch::Tensor one = torch::ones({1, 1}, device);
  torch::mm(one, one);
  ::unsetenv("CUBLAS_WORKSPACE_CONFIG");
  return device;
}

std::string device_title(torch::Device device) {
  if (device.is_cpu()) return "cpu";
  const std::vector<GpuDriver::Gpu> gpus = gpu_driver().gpus;
  const auto index = static_cast<std::size_t>(device.index());
  return concat(index < gpus.size() ? gpus[index].name : "GPU", " (", device.str(), ")");
}

DeviceBytes device_bytes(torch::Device device) {
  const auto all = static_cast<std::size_t>(c10::CachingAllocator::StatType::AGGREGATE);
  const auto statistics = at::accelerator::getDeviceStats(device.index());
  const auto& allocated = statistics.allocated_bytes[all];
  return {allocated.current, allocated.peak, statistics.reserved_bytes[all].current};
}

void restart_peak(torch::Device device) {
  at::accelerator::resetPeakStats(device.index());
}

void finish_work(torch::Device device) {
  if (!device.is_cpu()) at::accelerator::synchronizeDevice(device.index());
}

}  // namespace vqalign
