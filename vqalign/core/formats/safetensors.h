#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "vqalign/core/formats/named_tensors.h"

namespace vqalign {

/// What a safetensors file holds: named tensors in file order, and string metadata.
struct Safetensors {
  NamedTensors tensors;
  std::map<std::string, std::string> metadata;

  /// Undefined when there is none of that name.
  torch::Tensor find(const std::string& name) const { return find_tensor(tensors, name); }
};

/// Reads by memory map: the tensors share the mapping (copy-on-write, private) and keep it alive.
/// Types F64 F32 F16 BF16 I64 I32 I16 I8 U8 BOOL. Every size and offset is checked against the file
/// before use; Error naming the file, the tensor and both values: cut short, header longer than the
/// file or than 100 MB, offsets beyond it, overlapping, shape that does not match the byte count,
/// unknown type, no JSON.
Safetensors read_safetensors(const std::filesystem::path& path);

/// Writes atomically. Tensors are made contiguous and moved to the CPU; data starts 64-byte
/// aligned.
void write_safetensors(const std::filesystem::path& path, const Safetensors& content);

}  // namespace vqalign
