#pragma once

#include <string>

#include "vqalign/fusion/model_file.h"

namespace vqalign {

/// Tells encoders of pictures apart: a SHA-256 in hexadecimal of everything that a picture's
/// regions depend on besides the picture, that is the option group "vision" and the encoder's
/// tensors.
std::string encoder_digest(ModelBundle& bundle);

}  // namespace vqalign
