#pragma once

#include <vector>

#include "vqalign/figure/figure_options.h"
#include "vqalign/figure/heads_grid.h"
#include "vqalign/inspect/weighing.h"

namespace vqalign {

// What the options of a figure mean. Each throws UsageError naming the option, its value and what
// is allowed.

/// What is taken away: options.silence, drop_words and drop_regions. Whether the model and the
/// question have these is AnswerSource::inspect's to say.
Edits figure_edits(const FigureOptions& options);

/// Layer and head, which the family must have.
MapChoice map_choice(const FigureOptions& options, const Inspection& inspection,
                     AttentionFamily family = AttentionFamily::kGuided);

/// Which weights words and regions show. Layer, head and subject count for attention alone (layer
/// and head not where they are a pretrained encoder's); the answer, for relevance, is the likeliest
/// where options.answer is empty.
WeightChoice weight_choice(const FigureOptions& options, const Inspection& inspection);

/// The family of the matrix: guided attention where options.family is "all".
AttentionFamily matrix_family(const FigureOptions& options);

/// The overview of heads without effects.
HeadsView heads_view(const FigureOptions& options);

/// UsageError for what is wrong in any model: the head's spelling, the lists of what is taken away.
void check_figure_options(const FigureOptions& options);

}  // namespace vqalign
