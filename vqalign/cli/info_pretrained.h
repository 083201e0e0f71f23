#pragma once

#include <filesystem>
#include <string_view>

#include "vqalign/core/formats/safetensors.h"
#include "vqalign/core/json.h"

namespace vqalign {

/// Whether a file of that name is one of a detector: .onnx, .cfg or .weights.
bool named_like_detector(const std::filesystem::path& path);

/// What `info` tells about a detector, or of Darknet's two files either: an object whose "kind" is
/// "detector", with its profile (detector.h), the width and height that pictures are stretched to,
/// how many classes it tells apart, and the SHA-256 that slim models name it by. Error as
/// read_detector_file() and Detector say.
Json describe_detector(const std::filesystem::path& path);

/// Whether a file that starts so is a vocabulary of word pieces, of a line each.
bool looks_like_vocabulary(std::string_view start);

/// What `info` tells about it: an object whose "kind" is "vocabulary", with its entries. Error as
/// read_word_lines() and word_piece_vocabulary() say.
Json describe_vocabulary(const std::filesystem::path& path);

/// Whether a folder holds a sentence model, as language.weights takes it: model.safetensors and
/// vocab.txt.
bool is_sentence_model(const std::filesystem::path& folder);

/// What `info` tells about such a folder: what describe_weights() does of its weights, and the
/// entries of its vocabulary. Error as these say.
Json describe_sentence_model(const std::filesystem::path& folder);

/// What `info` tells about a safetensors file of these tensors that is no model of this program: an
/// object whose "kind" is "weights", with tensors, parameters and SHA-256, and what is known of the
/// network: its name (network_of()), or of a BERT (bert.h) "bert" and its sizes.
Json describe_weights(const std::filesystem::path& path, const NamedTensors& tensors);

}  // namespace vqalign
