#pragma once

#include "vqalign/align/head_sets.h"

namespace vqalign {

/// The points of each head, moved and scaled so that its two sets, each with half of the weight,
/// have mean zero and mean square one together:
///
///     centre = 1/2 mean_q q + 1/2 mean_k k
///     scale  = (1/2 mean_q |q - centre|^2 / d + 1/2 mean_k |k - centre|^2 / d + 1e-4)^(-1/2)
///
/// What critic and discriminator see of a head. Attention does not feel where its points lie (a
/// constant added to all keys leaves its weights alone), and a network with biases sees points that
/// have shrunk together, or moved far away together, as one: without this both are cheaper ways to
/// lower their distance than drawing the sets together is. The gradient is that of the whole
/// expression, so it has no part that moves or scales the points together.
///
/// Takes and returns sets as in head_sets.h; what padding holds becomes anything finite.
HeadSets standardised(const HeadSets& sets);

/// Added to the mean square: bounds the scale at 100 where all points coincide.
constexpr double kVarianceSmoothing = 1e-4;

}  // namespace vqalign
