#include "vqalign/figure/figure_facts.h"

#include <QStringList>
#include <filesystem>

#include "vqalign/figure/figure_choice.h"
#include "vqalign/figure/heat_map.h"
#include "vqalign/figure/overlay.h"
#include "vqalign/figure/text_block.h"
#include "vqalign/figure/views.h"

namespace vqalign {
namespace {

/// Facts in their order, those that say nothing left out.
class FactList {
 public:
  void add(const char* name, const QString& text) {
    if (!text.isEmpty()) facts_.emplace_back(QString::fromUtf8(name), text);
  }
  void add(const char* name, const std::string& text) { add(name, display_text(text)); }
  FigureFacts take() { return std::move(facts_); }

 private:
  FigureFacts facts_;
};

QString subject_text(const AnswerEvidence& evidence) {
  if (!evidence.subject) return {};
  const std::size_t place = evidence.subject->place;
  if (!evidence.subject->is_word) {
    return QString::fromUtf8("region %1").arg(display_text(region_name(evidence, place)));
  }
  return QString::fromUtf8("word #%1, %2").arg(place).arg(display_text(evidence.words[place].text));
}

QString answer_text(const AnswerEvidence& evidence) {
  if (evidence.answers.empty()) return {};
  const RankedAnswer& answer = evidence.answers.front();
  return display_text(answer.text) + QString::fromUtf8(", ") + percent_text(answer.probability);
}

bool has_map(const FigureOptions& options) {
  return options.view == "matrix" || options.view == "paper";
}

bool has_heads(const FigureOptions& options) {
  return options.view == "heads" || options.view == "paper";
}

/// The weight of the last colour, where the figure has one scale.
QString scale_text(const FigureInput& input) {
  if (input.options.scale > 0) return percent_text(input.options.scale);
  if (input.options.view == "heads") return QString::fromUtf8("each map's largest weight");
  const Inspection& inspection = input.subject.inspection;
  if (input.options.view == "matrix") {
    return percent_text(
        map_scale(chosen_map(inspection, matrix_family(input.options),
                             map_choice(input.options, inspection, matrix_family(input.options))),
                  input.options));
  }
  const double scale = overlay_scale(input.shown, input.options);
  return percent_text(scale, percent_decimals(scale, 1));
}

QString place_list(const std::vector<std::size_t>& places) {
  QStringList texts;
  for (const std::size_t place : places) texts << QString::number(place);
  return texts.join(u',');
}

/// Which map: of the matrix, or of the attention that words and regions show.
void add_map(FactList& facts, const FigureInput& input) {
  const FigureOptions& options = input.options;
  const Inspection& inspection = input.subject.inspection;
  if (has_map(options)) {
    facts.add("Family", std::string(family_name(matrix_family(options))));
  } else if (has_heads(options)) {
    facts.add("Family", options.family);
  }
  if (has_map(options) || options.weights == "attention") {
    // By its number: "the last" says nothing once the model is out of sight.
    const FamilyShape shape = has_map(options) ? inspection.shape(matrix_family(options))
                                               : FamilyShape{inspection.layers, inspection.heads};
    const int64_t layer = options.layer < 0 ? shape.layers - 1 : options.layer;
    facts.add("Layer", QString::number(layer));
    facts.add("Head", options.head);
  }
  if (options.weights == "attention") facts.add("Reading", options.reading);
  if (has_heads(options)) facts.add("Statistic", options.statistic);
}

}  // namespace

FigureFacts figure_facts(const FigureSubject& subject, const FigureOptions& options) {
  const FigureInput input(subject, options);
  const AnswerEvidence& evidence = input.shown;
  const Edits& edits = subject.inspection.edits;
  FactList facts;
  facts.add("Question", evidence.question);
  facts.add("Answer", answer_text(evidence));
  facts.add("Picture", std::filesystem::path(evidence.picture).filename().string());
  facts.add("Model", evidence.model);
  facts.add("Model SHA-256", subject.model_hash);
  facts.add("View", options.view);
  facts.add("Weights", options.weights);
  facts.add("Explained answer", input.explained);
  add_map(facts, input);
  facts.add("Subject", subject_text(evidence));
  if (options.view != "answers") {
    facts.add("Scale", scale_text(input));
    facts.add("Colour map", options.colours);
  }
  facts.add("Silenced heads", sites_text(edits.silenced));
  facts.add("Dropped words", place_list(edits.dropped_words));
  facts.add("Dropped regions", place_list(edits.dropped_regions));
  return facts.take();
}

QString facts_text(const FigureFacts& facts) {
  QStringList parts;
  for (const auto& [name, text] : facts) parts << name + QString::fromUtf8(": ") + text;
  return parts.join(QString::fromUtf8(". "));
}

}  // namespace vqalign
