#include "vqalign/inspect/weighing.h"

#include <algorithm>
#include <cassert>
#include <iterator>

#include "vqalign/core/error.h"

namespace vqalign {
namespace {

struct SourceName {
  WeightSource source;
  const char* name;
};

constexpr SourceName kSources[] = {{WeightSource::kPooling, "pooling"},
                                   {WeightSource::kAttention, "attention"},
                                   {WeightSource::kRollout, "rollout"},
                                   {WeightSource::kRelevance, "relevance"}};

int64_t layer_of(const FamilyShape& shape, const MapChoice& choice) {
  const int64_t layer = choice.layer == MapChoice::kLast ? shape.layers - 1 : choice.layer;
  if (layer < 0 || layer >= shape.layers) {
    throw UsageError(concat("layer ", choice.layer, " is asked for, the model has ", shape.layers,
                            ", counted from 0"));
  }
  return layer;
}

/// Row or column of a token in the maps.
int64_t index_of(const Inspection& inspection, const Token& token) {
  const auto& places = token.is_word ? inspection.read_words : inspection.seen_regions;
  const auto found = std::find(places.begin(), places.end(), token.place);
  if (found == places.end()) {
    const char* kind = token.is_word ? "word " : "region ";
    throw UsageError(concat(kind, token.place,
                            " is asked for (counted from 0), which was not there to be looked at"));
  }
  return std::distance(places.begin(), found);
}

std::string name_of(const AnswerEvidence& evidence, const Token& token) {
  return token.is_word ? concat("\"", evidence.words[token.place].text, "\"")
                       : concat("region ", token.place);
}

/// Everything set to 0, to be filled in.
AnswerEvidence without_weights(const Inspection& inspection) {
  AnswerEvidence evidence = inspection.evidence;
  for (QuestionWord& word : evidence.words) word.weight = 0;
  for (PictureRegion& region : evidence.regions) region.weight = 0;
  evidence.word_legend = evidence.region_legend = {};
  evidence.over_passes.reset();
  return evidence;
}

void set_words(AnswerEvidence& evidence, const Inspection& inspection,
               const std::vector<double>& weights) {
  for (std::size_t i = 0; i < weights.size(); ++i) {
    evidence.words[inspection.read_words[i]].weight = weights[i];
  }
}

void set_regions(AnswerEvidence& evidence, const Inspection& inspection,
                 const std::vector<double>& weights) {
  for (std::size_t i = 0; i < weights.size(); ++i) {
    evidence.regions[inspection.seen_regions[i]].weight = weights[i];
  }
}

std::vector<double> column(const AttentionMap& map, int64_t key) {
  std::vector<double> values;
  for (int64_t query = 0; query < map.queries; ++query) values.push_back(map.at(query, key));
  return values;
}

/// Attention with all that it needs to be told.
class AttentionView {
 public:
  AttentionView(const Inspection& inspection, const WeightChoice& choice)
      : inspection_(inspection),
        choice_(choice),
        subject_(choice.subject.value_or(default_subject(inspection))),
        index_(index_of(inspection, subject_)),
        name_(name_of(inspection.evidence, subject_)),
        where_(choice_text(inspection, AttentionFamily::kGuided, choice.map)) {}

  AnswerEvidence evidence() const {
    AnswerEvidence evidence = without_weights(inspection_);
    evidence.subject = subject_;
    if (subject_.is_word) {
      set_words(evidence, inspection_, own_kind(AttentionFamily::kQuestionSelf));
      evidence.word_legend = own_legend("question self-attention");
      set_regions(evidence, inspection_, looking_at_word());
      evidence.region_legend = looking_legend();
    } else {
      set_regions(evidence, inspection_, own_kind(AttentionFamily::kImageSelf));
      evidence.region_legend = own_legend("image self-attention");
      set_words(evidence, inspection_, given(map(AttentionFamily::kGuided), index_));
      evidence.word_legend = {concat("what ", name_, " gives"), detail("guided attention")};
    }
    return evidence;
  }

 private:
  AttentionMap map(AttentionFamily family) const {
    return chosen_map(inspection_, family, choice_.map);
  }
  std::string detail(const std::string& family) const { return concat(family, ", ", where_); }
  bool receives() const { return choice_.reading == Reading::kReceived; }

  std::vector<double> own_kind(AttentionFamily family) const {
    return receives() ? received(map(family), index_) : given(map(family), index_);
  }
  WeightLegend own_legend(const std::string& family) const {
    if (!receives()) return {concat("what ", name_, " gives"), detail(family)};
    return {concat("what ", name_, " receives"), detail(family) + "; column made to sum to 1"};
  }
  std::vector<double> looking_at_word() const {
    const AttentionMap guided = map(AttentionFamily::kGuided);
    return receives() ? received(guided, index_) : column(guided, index_);
  }
  WeightLegend looking_legend() const {
    if (receives()) return own_legend("guided attention");
    return {concat("each region's attention, to ", name_),
            detail("guided attention") + "; a column as it is"};
  }

  const Inspection& inspection_;
  const WeightChoice& choice_;
  const Token subject_;
  const int64_t index_;
  const std::string name_;
  const std::string where_;
};

AnswerEvidence scored(const Inspection& inspection, const TokenScores& scores,
                      const std::string& of) {
  AnswerEvidence evidence = without_weights(inspection);
  for (std::size_t i = 0; i < evidence.words.size(); ++i) {
    evidence.words[i].weight = scores.words[i];
  }
  for (std::size_t i = 0; i < evidence.regions.size(); ++i) {
    evidence.regions[i].weight = scores.regions[i];
  }
  evidence.word_legend = evidence.region_legend = {of, "words and regions together sum to 1"};
  return evidence;
}

}  // namespace

const char* source_name(WeightSource source) {
  const auto* found = std::find_if(std::begin(kSources), std::end(kSources),
                                   [&](const SourceName& s) { return s.source == source; });
  assert(found != std::end(kSources));
  return found->name;
}

std::optional<WeightSource> source_of(std::string_view name) {
  for (const SourceName& source : kSources) {
    if (name == source.name) return source.source;
  }
  return {};
}

AttentionMap chosen_map(const Inspection& inspection, AttentionFamily family,
                        const MapChoice& choice) {
  const FamilyShape shape = inspection.shape(family);
  if (shape.layers == 0) {
    throw UsageError(concat(family_name(family), " is asked for, which this model has not"));
  }
  const int64_t layer = layer_of(shape, choice);
  if (choice.head == MapChoice::kMean) {
    return inspection.aggregated(family, layer, HeadAggregate::kMean);
  }
  if (choice.head == MapChoice::kMax) {
    return inspection.aggregated(family, layer, HeadAggregate::kMax);
  }
  if (choice.head < 0 || choice.head >= shape.heads) {
    throw UsageError(concat("head ", choice.head, " is asked for, a layer has ", shape.heads,
                            ", counted from 0"));
  }
  return inspection.map({family, layer, choice.head});
}

std::string choice_text(const Inspection& inspection, AttentionFamily family,
                        const MapChoice& choice) {
  const FamilyShape shape = inspection.shape(family);
  const std::string layer = concat("layer ", layer_of(shape, choice), ", ");
  if (choice.head == MapChoice::kMean) return concat(layer, "mean over ", shape.heads, " heads");
  if (choice.head == MapChoice::kMax) return concat(layer, "maximum over ", shape.heads, " heads");
  return concat(layer, "head ", choice.head);
}

Token default_subject(const Inspection& inspection) {
  assert(!inspection.read_words.empty());
  const auto& words = inspection.evidence.words;
  return {true, *std::max_element(inspection.read_words.begin(), inspection.read_words.end(),
                                  [&](std::size_t a, std::size_t b) {
                                    return words[a].weight < words[b].weight;
                                  })};
}

AnswerEvidence weighed(const Inspection& inspection, const WeightChoice& choice,
                       const TokenScores* relevance) {
  switch (choice.source) {
    case WeightSource::kPooling:
      return inspection.evidence;
    case WeightSource::kAttention:
      return AttentionView(inspection, choice).evidence();
    case WeightSource::kRollout:
      return scored(inspection, attention_rollout(inspection), "attention rollout");
    case WeightSource::kRelevance:
      if (!relevance) {
        throw UsageError(concat("the relevance for \"", choice.answer, "\" is not known yet"));
      }
      return scored(inspection, *relevance, concat("relevance for \"", choice.answer, "\""));
  }
  assert(false && "unknown source of weights");
  return {};
}

std::string sites_text(const std::vector<HeadSite>& sites) {
  std::string text;
  for (const HeadSite& site : sites) {
    if (!text.empty()) text += ',';
    text += site_text(site);
  }
  return text;
}

std::vector<HeadSite> parse_sites(std::string_view text, std::string_view option) {
  std::vector<HeadSite> sites;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    const std::string_view part = text.substr(0, comma);
    const std::optional<HeadSite> site = parse_site(part);
    if (!site) {
      throw UsageError(concat(option, ": \"", part, "\" is no head"),
                       "write FAMILY:LAYER:HEAD, such as guided:0:3");
    }
    sites.push_back(*site);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return sites;
}

}  // namespace vqalign
