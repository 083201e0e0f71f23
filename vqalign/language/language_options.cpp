#include "vqalign/language/language_options.h"

#include "vqalign/core/error.h"

namespace vqalign {
namespace {

std::vector<OptionField> pretrained_fields(LanguageOptions& o) {
  return {
      {.name = "encoder",
       .target = &o.encoder,
       .help = "what reads questions",
       .choices = {"lstm", "minilm"}},
      {.name = "weights",
       .target = &o.weights,
       .help = "pretrained encoder: its weights (.safetensors, vocab.txt beside them) or their "
               "folder (default: what scripts/setup --pretrained fetches)"},
      {.name = "tune", .target = &o.tune, .help = "whether training changes a pretrained encoder"},
      {.name = "layers",
       .target = &o.layers,
       .help = "pretrained encoder: layers",
       .minimum = 1,
       .maximum = 64},
      {.name = "width",
       .target = &o.width,
       .help = "pretrained encoder: width of a state",
       .minimum = 2,
       .maximum = 8192},
      {.name = "heads",
       .target = &o.heads,
       .help = "pretrained encoder: attention heads of a layer",
       .minimum = 1,
       .maximum = 256},
      {.name = "feed_forward",
       .target = &o.feed_forward,
       .help = "pretrained encoder: width inside the feed-forward",
       .minimum = 1,
       .maximum = 65536},
      {.name = "positions",
       .target = &o.positions,
       .help = "pretrained encoder: tokens of its longest sentence",
       .minimum = 3,
       .maximum = 65536},
  };
}

}  // namespace

std::vector<OptionField> LanguageOptions::fields() {
  std::vector<OptionField> fields = pretrained_fields(*this);
  const std::vector<OptionField> of_words = {
      {.name = "word_width",
       .target = &word_width,
       .help = "width of a word vector",
       .minimum = 1,
       .maximum = 4096},
      {.name = "max_tokens",
       .target = &max_tokens,
       .help = "words of a question, or pieces, read at most",
       .minimum = 1,
       .maximum = 512},
      {.name = "vectors",
       .target = &vectors,
       .help = "file of word vectors (GloVe's text form) the embedding starts from"},
      {.name = "shortcut",
       .target = &shortcut,
       .help = "whether a word's own vector is added to its state"},
      {.name = "minimum_count",
       .target = &minimum_count,
       .help = "words that appear fewer times in training are unknown",
       .minimum = 1,
       .maximum = 1e9},
  };
  fields.insert(fields.end(), of_words.begin(), of_words.end());
  return fields;
}

void LanguageOptions::check() const {
  if (!pretrained()) return;
  if (width % heads != 0) {
    throw UsageError(concat("language.width is ", width, ", which language.heads (", heads,
                            ") does not divide"));
  }
  if (max_tokens + 2 > positions) {
    throw UsageError(concat("language.max_tokens is ", max_tokens,
                            ", with [CLS] and [SEP] more than "
                            "language.positions, ",
                            positions));
  }
  if (!vectors.empty()) {
    throw UsageError(concat("language.vectors is \"", vectors, "\", language.encoder ", encoder,
                            " has vectors of its own"));
  }
}

}  // namespace vqalign
