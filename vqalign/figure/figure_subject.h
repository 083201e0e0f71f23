#pragma once

#include <QImage>
#include <optional>
#include <string>

#include "vqalign/inspect/inspection.h"

namespace vqalign {

/// What figures are drawn of.
struct FigureSubject {
  Inspection inspection = {};
  /// AnswerSource::relevance() of the answer that is explained; needed where weights=relevance.
  std::optional<TokenScores> relevance = {};
  /// AnswerSource::weights_over_passes() of the weights that are drawn, for other ones than
  /// pooling's, which the evidence has; nothing: they are not told.
  std::optional<PassWeights> over_passes = {};
  /// The upright picture that was asked about, in any size: regions are placed by
  /// evidence.picture_width and picture_height.
  QImage picture = {};
  std::string model_hash = {};  ///< SHA-256 of the model file (file_sha256); empty: not told
};

}  // namespace vqalign
