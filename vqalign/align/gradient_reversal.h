#pragma once

#include <torch/types.h>

namespace vqalign {

/// Identity forward, -1 times the gradient backward (Ganin and Lempitsky, "Unsupervised Domain
/// Adaptation by Backpropagation", ICML 2015): what is behind it climbs the loss that everybody
/// else descends.
///
/// Here it is laid on the *parameters* of an adversary (critic, discriminator), not on its inputs
/// and outputs. Both wirings give the same gradients (parameters see the reversed sign, inputs the
/// true one), but this one touches a few thousand numbers instead of every point of every head.
torch::Tensor gradient_reversal(const torch::Tensor& x);

}  // namespace vqalign
