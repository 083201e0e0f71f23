#include <charconv>
#include <cmath>

#include "vqalign/core/csv.h"
#include "vqalign/core/error.h"
#include "vqalign/figure/figure_choice.h"
#include "vqalign/figure/views.h"
#include "vqalign/figure/write_figure.h"

namespace vqalign {
namespace {

double rounded_share(double value) {
  return std::round(value * 1e6) / 1e6;
}

Json weights_json(const AttentionMap& map) {
  Json rows = Json::array();
  for (int64_t query = 0; query < map.queries; ++query) {
    Json row = Json::array();
    for (int64_t key = 0; key < map.keys; ++key) row.push(rounded_share(map.at(query, key)));
    rows.push(std::move(row));
  }
  return rows;
}

const std::vector<std::size_t>& token_places(const Inspection& inspection, bool words) {
  return words ? inspection.read_words : inspection.seen_regions;
}

/// Words as their spelling, regions as their places.
Json tokens_json(const Inspection& inspection, bool words) {
  Json tokens = Json::array();
  for (const std::size_t place : token_places(inspection, words)) {
    tokens.push(words ? Json(inspection.evidence.words[place].text) : Json(place));
  }
  return tokens;
}

AttentionMap map_of(const FigureSubject& subject, const FigureOptions& options) {
  return chosen_map(subject.inspection, matrix_family(options),
                    map_choice(options, subject.inspection, matrix_family(options)));
}

Json map_json(const FigureSubject& subject, const FigureOptions& options) {
  const AttentionMap map = map_of(subject, options);
  const AttentionFamily family = map.site.family;
  const bool one = map.site.head != AttentionMap::kAllHeads;
  return Json::object()
      .set("family", family_name(family))
      .set("layer", map.site.layer)
      .set("head", one ? Json(map.site.head) : Json(options.head))
      .set("queries", tokens_json(subject.inspection, queries_are_words(family)))
      .set("keys", tokens_json(subject.inspection, keys_are_words(family)))
      .set("rows_are_shares", map.rows_are_shares)
      .set("weights", weights_json(map));
}

/// The heads of the view, in the order in which they are shown.
std::vector<HeadSite> heads_of(const FigureSubject& subject, const FigureOptions& options) {
  std::vector<HeadSite> sites;
  for (const HeadCell& cell : heads_in_order(subject.inspection, heads_view(options))) {
    sites.push_back(cell.site);
  }
  return sites;
}

Json heads_json(const FigureSubject& subject, const FigureOptions& options) {
  Json heads = Json::array();
  for (const HeadSite& site : heads_of(subject, options)) {
    const HeadStatistics& statistics = subject.inspection.statistics_of(site);
    heads.push(Json::object()
                   .set("family", family_name(site.family))
                   .set("layer", site.layer)
                   .set("head", site.head)
                   .set("entropy", rounded_share(statistics.entropy))
                   .set("peak", rounded_share(statistics.peak))
                   .set("alignment", rounded_share(statistics.alignment))
                   .set("weights", weights_json(subject.inspection.map(site))));
  }
  return heads;
}

Json legend_json(const WeightLegend& legend) {
  return Json::object().set("of", legend.of).set("detail", legend.detail);
}

Json subject_json(const AnswerEvidence& evidence) {
  if (!evidence.subject) return {};
  return Json::object().set(evidence.subject->is_word ? "word" : "region", evidence.subject->place);
}

Json places_json(const std::vector<std::size_t>& places) {
  Json list = Json::array();
  for (const std::size_t place : places) list.push(place);
  return list;
}

Json edits_json(const Edits& edits) {
  Json silenced = Json::array();
  for (const HeadSite& site : edits.silenced) silenced.push(site_text(site));
  return Json::object()
      .set("silence", silenced)
      .set("drop_words", places_json(edits.dropped_words))
      .set("drop_regions", places_json(edits.dropped_regions));
}

std::string number(double value) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, value, std::chars_format::fixed, 6).ptr;
  return {text, end};
}

std::string map_csv(const FigureSubject& subject, const FigureOptions& options) {
  const AttentionMap map = map_of(subject, options);
  const Inspection& inspection = subject.inspection;
  const bool word_queries = queries_are_words(map.site.family);
  const bool word_keys = keys_are_words(map.site.family);
  const auto& queries = token_places(inspection, word_queries);
  const auto& keys = token_places(inspection, word_keys);
  const auto name = [&](bool word, std::size_t place) {
    return word ? csv_quoted(inspection.evidence.words[place].text) : concat(place);
  };
  std::string csv = "query_index,query,key_index,key,weight\r\n";
  for (std::size_t query = 0; query < queries.size(); ++query) {
    for (std::size_t key = 0; key < keys.size(); ++key) {
      csv += concat(queries[query], ",", name(word_queries, queries[query]), ",", keys[key], ",",
                    name(word_keys, keys[key]), ",", number(map.at(int64_t(query), int64_t(key))),
                    "\r\n");
    }
  }
  return csv;
}

std::string heads_csv(const FigureSubject& subject, const FigureOptions& options) {
  const auto& silenced = subject.inspection.edits.silenced;
  std::string csv = "family,layer,head,entropy,peak,alignment,silenced\r\n";
  for (const HeadSite& site : heads_of(subject, options)) {
    const HeadStatistics& statistics = subject.inspection.statistics_of(site);
    csv += concat(family_name(site.family), ",", site.layer, ",", site.head, ",",
                  number(statistics.entropy), ",", number(statistics.peak), ",",
                  number(statistics.alignment), ",",
                  std::find(silenced.begin(), silenced.end(), site) != silenced.end(), "\r\n");
  }
  return csv;
}

const char* note_of(const QuestionWord& word) {
  if (word.dropped) return "dropped";
  if (word.cut) return "cut";
  return word.known ? "" : "unknown";
}

std::string evidence_csv(const AnswerEvidence& evidence) {
  const bool labelled =
      std::any_of(evidence.regions.begin(), evidence.regions.end(),
                  [](const PictureRegion& region) { return !region.label.empty(); });
  const std::optional<PassWeights>& passes = evidence.over_passes;
  // Columns of what a detector found stand behind the others, and only where there is any.
  const std::string end = labelled ? ",,\r\n" : "\r\n";
  std::string csv = concat("part,rank,text,value,spread,prior,note,x1,y1,x2,y2",
                           labelled ? ",label,score" : "", "\r\n");
  for (std::size_t i = 0; i < evidence.answers.size(); ++i) {
    const RankedAnswer& answer = evidence.answers[i];
    csv += concat("answer,", i + 1, ",", csv_quoted(answer.text), ",", number(answer.probability),
                  ",", evidence.passes > 0 ? number(answer.spread) : "", ",", number(answer.prior),
                  ",,,,,", end);
  }
  for (std::size_t i = 0; i < evidence.words.size(); ++i) {
    const QuestionWord& word = evidence.words[i];
    csv += concat("word,", i + 1, ",", csv_quoted(word.text), ",", number(word.weight), ",",
                  passes ? number(passes->spread.words[i]) : "", ",,", note_of(word), ",,,,", end);
  }
  const std::vector<std::size_t> order = top_regions(evidence, evidence.regions.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    const PictureRegion& region = evidence.regions[order[i]];
    csv += concat("region,", i + 1, ",", order[i], ",", number(region.weight), ",",
                  passes ? number(passes->spread.regions[order[i]]) : "", ",,",
                  region.dropped ? "dropped" : "", ",", number(region.x1), ",", number(region.y1),
                  ",", number(region.x2), ",", number(region.y2));
    const bool named = !region.label.empty();
    csv += named ? concat(",", csv_quoted(region.label), ",", number(region.score), "\r\n") : end;
  }
  return csv;
}

}  // namespace

Json figure_json(const FigureSubject& subject, FigureOptions options) {
  const FigureInput input(subject, options);
  const AnswerEvidence& evidence = input.shown;
  Json json = evidence_json(evidence, evidence.regions.size());
  json.set("weights_of", Json::object()
                             .set("words", legend_json(evidence.word_legend))
                             .set("regions", legend_json(evidence.region_legend)))
      .set("subject", subject_json(evidence))
      .set("figure", options_to_json({{"figure", options.fields()}}).at("figure"))
      .set("edits", edits_json(subject.inspection.edits))
      .set("model_sha256", subject.model_hash.empty() ? Json() : Json(subject.model_hash));
  if (options.view == "matrix" || options.view == "paper") {
    json.set("map", map_json(subject, options));
  }
  if (options.view == "heads" || options.view == "paper") {
    json.set("heads", heads_json(subject, options));
  }
  return json;
}

std::string figure_csv(const FigureSubject& subject, const FigureOptions& options) {
  if (options.view == "matrix") return map_csv(subject, options);
  if (options.view == "heads") return heads_csv(subject, options);
  return evidence_csv(FigureInput(subject, options).shown);
}

}  // namespace vqalign
