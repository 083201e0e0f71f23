#include "vqalign/align/kernels/network_parameters.h"

#include <torch/types.h>

#include <algorithm>

namespace vqalign::kernels {

namespace {

/// Floats of the arrays of NetworkGradients, one after the other.
struct Sizes {
  explicit Sizes(const Network& network)
      : mix(network.highway ? 2 * padded(network.width) * padded(network.width) : 0),
        mix_bias(network.highway ? 2 * padded(network.width) : 0),
        first(network.hidden * padded(network.width)),
        first_bias(padded(network.hidden)),
        second(network.outputs * padded(network.hidden)),
        second_bias(padded(network.outputs)) {}
  int64_t total() const { return mix + mix_bias + first + first_bias + second + second_bias; }
  int64_t mix, mix_bias, first, first_bias, second, second_bias;
};

/// Copies a matrix to rows `row_floats` apart, as it is and transposed.
void copy_matrix(const torch::Tensor& matrix, float* as_is, int64_t as_is_row, float* transposed,
                 int64_t transposed_row) {
  const torch::Tensor values = matrix.contiguous();
  const float* from = values.const_data_ptr<float>();
  for (int64_t i = 0; i < values.size(0); ++i) {
    for (int64_t j = 0; j < values.size(1); ++j, ++from) {
      as_is[i * as_is_row + j] = *from;
      transposed[j * transposed_row + i] = *from;
    }
  }
}

void copy_vector(const torch::Tensor& vector, float* to) {
  const torch::Tensor values = vector.contiguous();
  std::copy_n(values.const_data_ptr<float>(), values.numel(), to);
}

Network shape_of(const PointNetworkWeights& weights) {
  Network network{};
  network.width = weights.first_weight.size(1);
  network.hidden = weights.first_weight.size(0);
  network.outputs = weights.second_weight.size(0);
  network.highway = weights.gate_weight.defined();
  network.negative_slope = static_cast<float>(weights.negative_slope);
  return network;
}

int64_t floats_of(const Network& network) {
  const int64_t width = padded(network.width);
  const int64_t transposed = (network.highway ? 2 * network.width * width : 0) +
                             network.width * padded(network.hidden) +
                             network.hidden * padded(network.outputs);
  return transposed + Sizes(network).total();
}

}  // namespace

std::vector<torch::Tensor> members(const PointNetworkWeights& weights) {
  std::vector<torch::Tensor> tensors;
  if (weights.gate_weight.defined()) {
    tensors = {weights.gate_weight, weights.gate_bias, weights.candidate_weight,
               weights.candidate_bias};
  }
  tensors.insert(tensors.end(), {weights.first_weight, weights.first_bias, weights.second_weight,
                                 weights.second_bias});
  return tensors;
}

PointNetworkWeights from_members(at::TensorList tensors, double negative_slope) {
  PointNetworkWeights weights;
  std::size_t next = 0;
  if (tensors.size() == 8) {
    weights.gate_weight = tensors[next++];
    weights.gate_bias = tensors[next++];
    weights.candidate_weight = tensors[next++];
    weights.candidate_bias = tensors[next++];
  }
  weights.first_weight = tensors[next++];
  weights.first_bias = tensors[next++];
  weights.second_weight = tensors[next++];
  weights.second_bias = tensors[next++];
  weights.negative_slope = negative_slope;
  return weights;
}

NetworkParameters::NetworkParameters(const PointNetworkWeights& weights)
    : network(shape_of(weights)), memory_(floats_of(network)) {
  std::fill_n(memory_.data(), floats_of(network), 0.0F);
  float* next = memory_.data();
  const auto take = [&next](int64_t count) {
    float* taken = next;
    next += count;
    return taken;
  };
  const Sizes sizes(network);
  const int64_t width = padded(network.width);
  const int64_t hidden = padded(network.hidden);
  const int64_t outputs = padded(network.outputs);
  if (network.highway) {
    float* mix = take(2 * network.width * width);
    float* back = take(sizes.mix);
    float* bias = take(sizes.mix_bias);
    copy_matrix(weights.gate_weight, back, width, mix, 2 * width);
    copy_matrix(weights.candidate_weight, back + width * width, width, mix + width, 2 * width);
    copy_vector(weights.gate_bias, bias);
    copy_vector(weights.candidate_bias, bias + width);
    network.mix = mix;
    network.mix_back = back;
    network.mix_bias = bias;
  }
  float* first = take(network.width * hidden);
  float* first_back = take(sizes.first);
  float* first_bias = take(sizes.first_bias);
  float* second = take(network.hidden * outputs);
  float* second_back = take(sizes.second);
  float* second_bias = take(sizes.second_bias);
  copy_matrix(weights.first_weight, first_back, width, first, hidden);
  copy_matrix(weights.second_weight, second_back, hidden, second, outputs);
  copy_vector(weights.first_bias, first_bias);
  copy_vector(weights.second_bias, second_bias);
  network.first = first;
  network.first_back = first_back;
  network.first_bias = first_bias;
  network.second = second;
  network.second_back = second_back;
  network.second_bias = second_bias;
}

NetworkGradientSums::NetworkGradientSums(const Network& network, int64_t chunks)
    : network_(network),
      sums_(torch::zeros({std::max<int64_t>(chunks, 1), Sizes(network).total()})),
      data_(sums_.mutable_data_ptr<float>()) {}

NetworkGradients NetworkGradientSums::of_chunk(int64_t chunk) {
  const Sizes sizes(network_);
  NetworkGradients gradients;
  gradients.mix = data_ + chunk * sizes.total();
  gradients.mix_bias = gradients.mix + sizes.mix;
  gradients.first = gradients.mix_bias + sizes.mix_bias;
  gradients.first_bias = gradients.first + sizes.first;
  gradients.second = gradients.first_bias + sizes.first_bias;
  gradients.second_bias = gradients.second + sizes.second;
  return gradients;
}

std::vector<torch::Tensor> NetworkGradientSums::total() {
  const Sizes sizes(network_);
  const int64_t width = padded(network_.width);
  // Row after row: a sum whose order is left to LibTorch could depend on the number of threads.
  torch::Tensor sum = sums_[0];
  for (int64_t chunk = 1; chunk < sums_.size(0); ++chunk) sum.add_(sums_[chunk]);
  int64_t at = 0;
  const auto matrix = [&](int64_t rows, int64_t columns, int64_t size) {
    const torch::Tensor part =
        sum.slice(0, at, at + size).view({-1, padded(columns)}).slice(0, 0, rows);
    at += size;
    return part.slice(1, 0, columns).clone(torch::MemoryFormat::Contiguous);
  };
  const auto vector = [&](int64_t count, int64_t size) {
    const torch::Tensor part = sum.slice(0, at, at + count).clone();
    at += size;
    return part;
  };
  std::vector<torch::Tensor> results;
  if (network_.highway) {
    const torch::Tensor gate = matrix(network_.width, network_.width, sizes.mix / 2);
    const torch::Tensor candidate = matrix(network_.width, network_.width, sizes.mix / 2);
    const torch::Tensor gate_bias = vector(network_.width, width);
    const torch::Tensor candidate_bias = vector(network_.width, width);
    results = {gate, gate_bias, candidate, candidate_bias};
  }
  results.push_back(matrix(network_.hidden, network_.width, sizes.first));
  results.push_back(vector(network_.hidden, sizes.first_bias));
  results.push_back(matrix(network_.outputs, network_.hidden, sizes.second));
  results.push_back(vector(network_.outputs, sizes.second_bias));
  return results;
}

}  // namespace vqalign::kernels
