#pragma once

#include <ATen/autocast_mode.h>
#include <c10/core/Device.h>

#include <string>

namespace vqalign {

/// bfloat16 or float16 autocast for a scope, where `precision` asks for it
/// (TrainOptions::precision, "float32", "bfloat16", "float16" or "auto"); else nothing. "auto" asks
/// for bfloat16 on GPUs and on processors that compute with it natively.
class Autocast {
 public:
  Autocast(const std::string& precision, c10::Device device);
  ~Autocast();
  Autocast(const Autocast&) = delete;
  Autocast& operator=(const Autocast&) = delete;

 private:
  bool active_;
  at::DeviceType type_;
};

/// UsageError where the processor would only emulate the number type asked for, at a third of
/// float32's speed or less. `name`: of the option.
void check_precision(const std::string& name, const std::string& precision, c10::Device device);

}  // namespace vqalign
