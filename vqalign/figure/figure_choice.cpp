#include "vqalign/figure/figure_choice.h"

#include <QString>
#include <algorithm>
#include <charconv>

#include "vqalign/core/error.h"

namespace vqalign {
namespace {

constexpr int64_t kMostTokens = 1'000'000;

std::optional<int64_t> whole_number(std::string_view text) {
  int64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end || number < 0) return {};
  return number;
}

int64_t head_of(const FigureOptions& options) {
  if (options.head == "mean") return MapChoice::kMean;
  if (options.head == "max") return MapChoice::kMax;
  const std::optional<int64_t> head = whole_number(options.head);
  if (!head) {
    throw UsageError(concat("figure.head is \"", options.head,
                            "\", allowed is mean, max or a head's number, counted from 0"));
  }
  return *head;
}

std::vector<std::size_t> places(const std::vector<std::string>& texts, const char* option) {
  std::vector<std::size_t> result;
  for (const int64_t place : whole_numbers(texts, option, 0, kMostTokens)) {
    result.push_back(static_cast<std::size_t>(place));
  }
  return result;
}

QString lowered(const std::string& text) {
  return QString::fromStdString(text).trimmed().toLower();
}

/// The words that were read, each with the place that names it.
std::string readable_words(const Inspection& inspection) {
  constexpr std::size_t kMostNamed = 12;
  std::string text;
  for (std::size_t i = 0; i < inspection.read_words.size() && i < kMostNamed; ++i) {
    const std::size_t place = inspection.read_words[i];
    text += concat(i > 0 ? ", " : "", inspection.evidence.words[place].text, " (#", place, ")");
  }
  return text + (inspection.read_words.size() > kMostNamed ? ", ..." : "");
}

Token word_named(const FigureOptions& options, const Inspection& inspection) {
  const auto& words = inspection.evidence.words;
  const auto asked = options.word.starts_with('#')
                         ? whole_number(std::string_view(options.word).substr(1))
                         : std::nullopt;
  for (const std::size_t place : inspection.read_words) {
    const bool meant = asked ? place == static_cast<std::size_t>(*asked)
                             : lowered(words[place].text) == lowered(options.word);
    if (meant) return {true, place};
  }
  throw UsageError(concat("figure.word is \"", options.word,
                          "\", the words that were read are: ", readable_words(inspection)));
}

Token region_named(const FigureOptions& options, const Inspection& inspection) {
  const auto region = static_cast<std::size_t>(options.region);
  const auto& seen = inspection.seen_regions;
  if (std::find(seen.begin(), seen.end(), region) != seen.end()) return {false, region};
  const std::size_t regions = inspection.evidence.regions.size();
  if (region < regions) throw UsageError(concat("figure.region is ", region, ", which is dropped"));
  throw UsageError(concat("figure.region is ", region, ", allowed is -1 to ",
                          static_cast<int64_t>(regions) - 1, ": the picture has ", regions,
                          " regions"));
}

}  // namespace

Edits figure_edits(const FigureOptions& options) {
  std::string sites;
  for (const std::string& site : options.silence) sites += (sites.empty() ? "" : ",") + site;
  return {parse_sites(sites, "figure.silence"), places(options.drop_words, "figure.drop_words"),
          places(options.drop_regions, "figure.drop_regions")};
}

MapChoice map_choice(const FigureOptions& options, const Inspection& inspection,
                     AttentionFamily family) {
  const MapChoice choice{options.layer, head_of(options)};
  const FamilyShape shape = inspection.shape(family);
  if (shape.layers == 0) {
    throw UsageError(
        concat("figure.family is ", family_name(family), ", which this model has not"));
  }
  if (choice.layer >= shape.layers) {
    throw UsageError(concat("figure.layer is ", choice.layer, ", allowed is -1 to ",
                            shape.layers - 1, ": the model has ", shape.layers, " layers"));
  }
  if (choice.head >= shape.heads) {
    throw UsageError(concat("figure.head is ", choice.head, ", allowed is mean, max or 0 to ",
                            shape.heads - 1, ": a layer has ", shape.heads, " heads"));
  }
  return choice;
}

WeightChoice weight_choice(const FigureOptions& options, const Inspection& inspection) {
  const std::optional<WeightSource> source = source_of(options.weights);
  if (!source) {
    throw UsageError(concat("figure.weights is \"", options.weights,
                            "\", allowed is pooling, attention, rollout or relevance"));
  }
  WeightChoice choice;
  choice.source = *source;
  choice.reading = options.reading == "given" ? Reading::kGiven : Reading::kReceived;
  if (choice.source == WeightSource::kAttention) {
    // Words and regions have the co-attention's weights, whose heads a pretrained encoder's are
    // not.
    const bool elsewhere = matrix_family(options) == AttentionFamily::kQuestionPretrained;
    if (!elsewhere) choice.map = map_choice(options, inspection);
    if (options.region >= 0) {
      choice.subject = region_named(options, inspection);
    } else if (!options.word.empty()) {
      choice.subject = word_named(options, inspection);
    }
  }
  if (choice.source == WeightSource::kRelevance) {
    const auto& answers = inspection.evidence.answers;
    choice.answer = options.answer;
    if (choice.answer.empty() && !answers.empty()) choice.answer = answers.front().text;
  }
  return choice;
}

AttentionFamily matrix_family(const FigureOptions& options) {
  return family_of(options.family).value_or(AttentionFamily::kGuided);
}

HeadsView heads_view(const FigureOptions& options) {
  HeadsView view;
  if (const auto family = family_of(options.family)) view.families = {*family};
  view.statistic = statistic_of(options.statistic).value_or(HeadStatistic::kEntropy);
  view.sorted = options.sorted;
  return view;
}

void check_figure_options(const FigureOptions& options) {
  head_of(options);
  figure_edits(options);
}

}  // namespace vqalign
