#include "vqalign/inspect/evidence.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>

#include "vqalign/core/error.h"
#include "vqalign/core/unicode.h"

namespace vqalign {
namespace {

double six_decimals(double value) {
  return std::round(value * 1e6) / 1e6;
}

Json answers_json(const AnswerEvidence& evidence) {
  Json list = Json::array();
  for (const RankedAnswer& answer : evidence.answers) {
    Json item = Json::object()
                    .set("answer", answer.text)
                    .set("probability", six_decimals(answer.probability))
                    .set("prior", six_decimals(answer.prior));
    if (evidence.passes > 0) item.set("spread", six_decimals(answer.spread));
    list.push(item);
  }
  return list;
}

Json regions_json(const AnswerEvidence& evidence, std::size_t count) {
  Json list = Json::array();
  for (const std::size_t index : top_regions(evidence, count)) {
    const PictureRegion& region = evidence.regions[index];
    Json item = Json::object()
                    .set("region", index)
                    .set("box", Json::Array{region.x1, region.y1, region.x2, region.y2})
                    .set("weight", six_decimals(region.weight));
    if (evidence.over_passes) {
      item.set("mean", six_decimals(evidence.over_passes->mean.regions[index]))
          .set("spread", six_decimals(evidence.over_passes->spread.regions[index]));
    }
    if (!region.label.empty()) {
      item.set("label", region.label).set("score", six_decimals(region.score));
    }
    list.push(item);
  }
  return list;
}

Json numbers_json(const std::vector<double>& values) {
  Json list = Json::array();
  for (const double value : values) list.push(six_decimals(value));
  return list;
}

}  // namespace

std::string certainty_text(const AnswerEvidence& evidence) {
  if (!evidence.certainty) return {};
  const Certainty& found = *evidence.certainty;
  if (!found.second) {
    return concat("certain or not: the model knows no answer but \"", found.first, "\", so its ",
                  evidence.passes, " passes have none to compare it with");
  }
  if (!found.told) {
    return concat("certain or not: the model has no dropout, so its ", evidence.passes,
                  " passes are alike and cannot tell");
  }
  char p_value[16] = "< 0.001";
  if (found.p_value >= 0.001) {
    std::snprintf(p_value, sizeof p_value, "= %.*f", found.p_value < 0.1 ? 3 : 2, found.p_value);
  }
  return concat(found.certain ? "certain" : "not certain", ": over ", evidence.passes, " passes \"",
                found.first, found.certain ? "\" stays ahead of \"" : "\" and \"", *found.second,
                found.certain ? "\"" : "\" are not told apart", " (p ", p_value, ")");
}

std::string label_text(const PictureRegion& region) {
  if (region.label.empty()) return {};
  char score[16];
  std::snprintf(score, sizeof score, "%.2f", region.score);
  return concat(region.label, " ", score);
}

std::string region_name(const AnswerEvidence& evidence, std::size_t region) {
  const std::string label = label_text(evidence.regions[region]);
  return label.empty() ? std::to_string(region) : concat(region, " ", label);
}

std::vector<std::size_t> top_regions(const AnswerEvidence& evidence, std::size_t count) {
  std::vector<std::size_t> order(evidence.regions.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return evidence.regions[a].weight > evidence.regions[b].weight;
  });
  order.resize(std::min(order.size(), count));
  return order;
}

Json evidence_json(const AnswerEvidence& evidence, std::size_t regions) {
  Json words = Json::array(), weights = Json::array(), unknown = Json::array();
  Json cut = Json::array(), warnings = Json::array();
  for (const QuestionWord& word : evidence.words) {
    words.push(word.text);
    weights.push(six_decimals(word.weight));
    if (word.cut) cut.push(word.text);
    if (!word.known) unknown.push(word.text);
  }
  for (const std::string& warning : evidence.warnings) warnings.push(warning);
  Json json = Json::object()
                  .set("question", evidence.question)
                  .set("image", evidence.picture)
                  .set("model", evidence.model)
                  .set("words", words)
                  .set("word_weights", weights)
                  .set("unknown_words", unknown)
                  .set("cut_words", cut)
                  .set("answers", answers_json(evidence));
  if (evidence.calibrated) json.set("calibrated", true);
  if (evidence.passes > 0) json.set("passes", evidence.passes);
  if (evidence.certainty) {
    json.set("certain", evidence.certainty->certain)
        .set("p_value", evidence.certainty->p_value)
        .set("certainty", certainty_text(evidence));
  }
  if (evidence.over_passes) {
    json.set("word_means", numbers_json(evidence.over_passes->mean.words))
        .set("word_spreads", numbers_json(evidence.over_passes->spread.words));
  }
  json.set("regions", regions_json(evidence, regions))
      .set("width", evidence.picture_width)
      .set("height", evidence.picture_height)
      .set("in_domain", evidence.in_domain ? Json(*evidence.in_domain) : Json())
      .set("warnings", warnings);
  return json;
}

std::string valid_utf8(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const std::size_t length = sequence_length(text);
    if (length == 0) {
      result += "\xEF\xBF\xBD";
    } else {
      result += text.substr(0, length);
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return result;
}

}  // namespace vqalign
