#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace vqalign {

/// An input of an ONNX network that its weights do not fill.
struct OnnxInput {
  std::string name;
  std::vector<int64_t> shape;  ///< 0 where the file leaves a size open
};

/// What an ONNX file says of its network (onnx.proto: ModelProto).
struct OnnxSummary {
  std::vector<OnnxInput> inputs;
};

/// Reads the bytes of an ONNX file as far as it takes to trust their sizes, for OpenCV's reader
/// takes a tensor's shape on trust: every field lies inside of its message, and every tensor, among
/// the weights or in a node, has the data that its shape asks for. Error beginning with `where`: no
/// ONNX, cut short, without a graph, weights in other files, a tensor whose shape and data differ
/// (both are told). Work and memory grow with the bytes.
OnnxSummary check_onnx(std::string_view bytes, const std::string& where);

}  // namespace vqalign
