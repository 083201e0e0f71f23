#pragma once

#include <QImage>
#include <filesystem>
#include <string>

#include "vqalign/core/json.h"
#include "vqalign/figure/figure_options.h"
#include "vqalign/inspect/evidence.h"

namespace vqalign {

enum class FigureFormat { kSvg, kPng, kJson, kCsv };

/// By the file name's extension, in either case; UsageError naming the four when it is another.
FigureFormat figure_format(const std::filesystem::path& path);

/// Writes the figure atomically: as SVG (text as text, the picture embedded), as PNG, or the view's
/// numbers as JSON or CSV. The same evidence, picture and options give the same bytes (with the
/// same fonts, for the first two). SVG and PNG need a QGuiApplication (offscreen.h); JSON and CSV
/// need neither that nor a picture. Error when the file cannot be written, or the figure would be
/// higher than any picture file.
void write_figure(const std::filesystem::path& path, const AnswerEvidence& evidence,
                  const QImage& picture, const FigureOptions& options);

/// The numbers of the view: evidence_json() with all regions, and the view's options.
Json figure_json(const AnswerEvidence& evidence, FigureOptions options);

/// The same as a table, a row each answer, word and region, likeliest and largest first (words in
/// the question's order): part,rank,text,value,spread,prior,note,x1,y1,x2,y2. RFC 4180, without
/// values where a column does not apply; note is "unknown" or "cut" for words.
std::string figure_csv(const AnswerEvidence& evidence);

}  // namespace vqalign
