#pragma once

#include <QString>
#include <utility>
#include <vector>

#include "vqalign/figure/figure_options.h"
#include "vqalign/figure/figure_subject.h"

namespace vqalign {

/// What a figure shows and how it was made, each with its name, for the file's own description.
using FigureFacts = std::vector<std::pair<QString, QString>>;
FigureFacts figure_facts(const FigureSubject& subject, const FigureOptions& options);

/// "Answer: red, 98.0 %. Picture: scene.png. ..."
QString facts_text(const FigureFacts& facts);

}  // namespace vqalign
