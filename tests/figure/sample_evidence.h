#pragma once

#include <QImage>
#include <filesystem>
#include <string>

#include "vqalign/figure/figure_subject.h"
#include "vqalign/inspect/evidence.h"

namespace vqalign::test {

/// An answer about a picture of 40 x 20 pixels cut into 4 x 2 regions, the third of the first row
/// with the largest weight; five answers; a question of four words, one of them unknown.
AnswerEvidence sample_evidence();

/// Means over passes that are the evidence's weights, and one spread for all of them.
PassWeights spread_evenly(const AnswerEvidence& evidence, double spread);

/// That evidence with a picture and no maps.
FigureSubject subject_of(const AnswerEvidence& evidence, const QImage& picture);

/// Made-up maps (sample_inspection.h) with answers and a picture, for every view.
FigureSubject sample_subject(int64_t layers = 2, int64_t heads = 3, int64_t words = 4,
                             int64_t regions = 6);

/// A picture of one colour.
QImage plain_picture(int width, int height, Qt::GlobalColor colour = Qt::gray);

/// A file of that name in a folder of the running test's own.
std::filesystem::path test_file(const std::string& name);

std::string bytes_of(const std::filesystem::path& file);

}  // namespace vqalign::test
