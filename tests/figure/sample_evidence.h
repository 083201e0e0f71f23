#pragma once

#include <QImage>
#include <filesystem>
#include <string>

#include "vqalign/inspect/evidence.h"

namespace vqalign::test {

/// An answer about a picture of 40 x 20 pixels cut into 4 x 2 regions, the third of the first row
/// with the largest weight; five answers; a question of four words, one of them unknown.
AnswerEvidence sample_evidence();

/// A picture of one colour.
QImage plain_picture(int width, int height, Qt::GlobalColor colour = Qt::gray);

/// A file of that name in a folder of the running test's own.
std::filesystem::path test_file(const std::string& name);

std::string bytes_of(const std::filesystem::path& file);

}  // namespace vqalign::test
