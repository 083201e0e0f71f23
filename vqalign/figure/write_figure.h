#pragma once

#include <filesystem>
#include <string>

#include "vqalign/core/json.h"
#include "vqalign/figure/figure_options.h"
#include "vqalign/figure/figure_subject.h"

namespace vqalign {

enum class FigureFormat { kSvg, kPng, kJson, kCsv };

/// By the file name's extension, in either case; UsageError naming the four when it is another.
FigureFormat figure_format(const std::filesystem::path& path);

/// Writes the figure atomically: as SVG (text as text, the picture embedded), as PNG, or the view's
/// numbers as JSON or CSV. SVG and PNG say what they show: as title and description, PNG also as a
/// text chunk a fact. The same subject and options give the same bytes (with the same fonts, for
/// the first two). SVG and PNG need a QGuiApplication (offscreen.h); JSON and CSV need neither that
/// nor a picture. Error when the file cannot be written, or the figure would be higher than any
/// picture file; UsageError as figure_choice.h says.
void write_figure(const std::filesystem::path& path, const FigureSubject& subject,
                  const FigureOptions& options);

/// The numbers of the view: evidence_json() of the weights shown, with all regions; "weights_of"
/// (what the weights of words and regions are), "subject", "figure" (the options), "edits",
/// "model_sha256"; "map" for the views matrix and paper; "heads" for heads and paper.
Json figure_json(const FigureSubject& subject, FigureOptions options);

/// The same as a table, RFC 4180, without values where a column does not apply. Views matrix and
/// heads: query_index,query,key_index,key,weight, and
/// family,layer,head,entropy,peak,alignment,silenced (1 or 0). The others: a row each answer, word
/// and region, likeliest and largest first (words in the question's order),
/// part,rank,text,value,spread,prior,note,x1,y1,x2,y2; text of a region is its place from 0; note
/// is "unknown", "cut" or "dropped".
std::string figure_csv(const FigureSubject& subject, const FigureOptions& options);

}  // namespace vqalign
