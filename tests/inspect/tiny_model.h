#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "vqalign/fusion/model_file.h"
#include "vqalign/vision/picture.h"

namespace vqalign::test {

/// A model of random weights, small enough to be made in every test: knows the words of "what
/// colour is the circle square", reads six of them, and has four answers.
ModelBundle tiny_model(double dropout = 0.3);

/// The pictures as tiny_model() takes them.
PictureBatch tiny_pictures(const std::vector<Picture>& pictures);

/// "is the circle blue" about random_picture(50, 30, 1), four cells by two, beside a longer
/// question about a larger picture, so that both words and regions are padded.
ModelInput padded_batch();

/// A file of that name in a folder of the running test's own.
std::filesystem::path test_file(const std::string& name);

/// Saves it; the file.
std::filesystem::path saved(const ModelBundle& bundle, const std::string& name = "m.safetensors");

/// A picture of random pixels as PNG; the file.
std::filesystem::path random_png(const std::string& name, int64_t width, int64_t height,
                                 uint64_t seed);
Picture random_picture(int64_t width, int64_t height, uint64_t seed);

}  // namespace vqalign::test
