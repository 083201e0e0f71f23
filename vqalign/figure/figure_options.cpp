#include "vqalign/figure/figure_options.h"

#include "vqalign/figure/colour_map.h"

namespace vqalign {
namespace {

constexpr double kMostLayers = 1000;
constexpr double kMostRegions = 1e6;

/// What is told.
std::vector<OptionField> contents(FigureOptions& o) {
  return {
      {.name = "view",
       .target = &o.view,
       .help = "what is drawn",
       .choices = {"summary", "overlay", "answers", "heads", "matrix", "paper"}},
      {.name = "weights",
       .target = &o.weights,
       .help = "what the weights of words and regions are",
       .choices = {"pooling", "attention", "rollout", "relevance"}},
      {.name = "family",
       .target = &o.family,
       .help = "attention of heads and matrix; all: every one of heads, guided as matrix",
       .choices = {"question_self", "image_self", "guided", "question_pretrained", "all"}},
      {.name = "layer",
       .target = &o.layer,
       .help = "of attention, counted from 0; -1: the last",
       .minimum = -1,
       .maximum = kMostLayers},
      {.name = "head",
       .target = &o.head,
       .help = "of attention: mean or max over the layer's heads, or one, counted from 0"},
      {.name = "reading",
       .target = &o.reading,
       .help = "of attention: what a word or region gives, or receives",
       .choices = {"given", "received"}},
      {.name = "word",
       .target = &o.word,
       .help = "that attention is told of, or #N, its place counted from 0"},
      {.name = "region",
       .target = &o.region,
       .help = "that attention is told of in place of a word, counted from 0; -1: none",
       .minimum = -1,
       .maximum = kMostRegions},
      {.name = "answer",
       .target = &o.answer,
       .help = "that relevance speaks for, without it the likeliest"},
  };
}

/// What is taken away, and how heads are told.
std::vector<OptionField> changes(FigureOptions& o) {
  return {
      {.name = "silence",
       .target = &o.silence,
       .help = "heads that are switched off: FAMILY:LAYER:HEAD,..."},
      {.name = "drop_words",
       .target = &o.drop_words,
       .help = "words that are not read, by their places counted from 0"},
      {.name = "drop_regions",
       .target = &o.drop_regions,
       .help = "regions that are not looked at, by their places counted from 0"},
      {.name = "statistic",
       .target = &o.statistic,
       .help = "told of each head",
       .choices = {"entropy", "peak", "alignment"}},
      {.name = "sorted", .target = &o.sorted, .help = "heads by their statistic, largest first"},
  };
}

/// How it looks.
std::vector<OptionField> looks(FigureOptions& o) {
  return {
      {.name = "colours",
       .target = &o.colours,
       .help = "colour map of the weights",
       .choices = colour_map_names()},
      {.name = "opacity",
       .target = &o.opacity,
       .help = "of the overlay where its weight is largest",
       .minimum = 0,
       .maximum = 1},
      {.name = "scale",
       .target = &o.scale,
       .help = "weight that gets the last colour, 0: the largest, but at least four even shares "
               "and 0.01",
       .minimum = 0,
       .maximum = 1},
      {.name = "regions",
       .target = &o.regions,
       .help = "largest regions that are outlined and numbered",
       .minimum = 0,
       .maximum = 20},
      {.name = "width",
       .target = &o.width,
       .help = "of the figure in pixels",
       .minimum = 300,
       .maximum = 8000},
      {.name = "theme",
       .target = &o.theme,
       .help = "colours of all but the weights",
       .choices = {"light", "dark"}},
  };
}

}  // namespace

const Palette& FigureOptions::palette() const {
  return theme == "dark" ? dark_palette() : light_palette();
}

std::vector<OptionField> FigureOptions::fields() {
  std::vector<OptionField> all = contents(*this);
  for (const auto& part : {changes(*this), looks(*this)}) {
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

}  // namespace vqalign
