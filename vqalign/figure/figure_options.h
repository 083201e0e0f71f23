#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "vqalign/core/options.h"
#include "vqalign/figure/palette.h"

namespace vqalign {

/// How an answer is drawn: option group "figure". figure_choice.h says what the texts mean.
struct FigureOptions {
  /// "summary": question, words, picture under its weights, answers; "overlay": picture and legend;
  /// "answers"; "heads": every head's map; "matrix": one map; "paper": all of these as lettered
  /// panels.
  std::string view = "summary";
  /// What the weights of words and regions are: "pooling", "attention", "rollout", "relevance".
  std::string weights = "pooling";
  /// "question_self", "image_self", "guided", "question_pretrained" or "all": every one where heads
  /// are shown, guided where there is one map.
  std::string family = "all";
  int64_t layer = -1;                ///< counted from 0; -1 the last
  std::string head = "mean";         ///< "mean", "max" or a number counted from 0
  std::string reading = "received";  ///< of attention: "given" or "received"
  /// The word that attention is told of, by its spelling or, as "#3", by its place counted from 0;
  /// empty: the one with the largest share of question pooling.
  std::string word = {};
  int64_t region = -1;      ///< the region in place of a word, counted from 0; -1 none
  std::string answer = {};  ///< the answer that relevance explains; empty: the likeliest
  std::vector<std::string> silence = {};       ///< heads switched off, such as "guided:0:3"
  std::vector<std::string> drop_words = {};    ///< places counted from 0
  std::vector<std::string> drop_regions = {};  ///< places counted from 0
  std::string statistic = "entropy";  ///< told of each head: "entropy", "peak" or "alignment"
  bool sorted = false;                ///< heads by the statistic, the largest first
  /// A colour map of one direction of lightness that colour-blind people can read (colour_map.h).
  std::string colours = "viridis";
  /// Of the overlay where its weight is largest; 0 is invisible.
  double opacity = 0.65;
  /// Weight that gets the map's last colour, to compare figures; 0: chosen by the largest weight of
  /// the picture (overlay.h) or map.
  double scale = 0.0;
  /// How many of the regions with the largest weights are outlined and numbered.
  int64_t regions = 3;
  /// Of the whole figure in pixels; its height follows from what is in it.
  int64_t width = 1200;
  /// "light" or "dark".
  std::string theme = "light";

  /// The colours of the theme.
  const Palette& palette() const;

  std::vector<OptionField> fields();
};

}  // namespace vqalign
