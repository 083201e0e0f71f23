// What an inspection is drawn with: weights, what is pointed at, relevance, effects and passes.
#include "vqalign/gui/models/fitting_weights.h"
#include "vqalign/gui/models/inspector.h"

namespace vqalign {

void Inspector::set_waiting(bool waiting) {
  if (waiting == waiting_) return;
  waiting_ = waiting;
  Q_EMIT state_changed();
  Q_EMIT shown_changed();
}

std::string Inspector::explained_answer() const {
  if (!state_.weights.answer.empty()) return state_.weights.answer;
  if (!inspection_ || inspection_->evidence.answers.empty()) return {};
  return inspection_->evidence.answers.front().text;
}

std::optional<TokenScores> Inspector::relevance() const {
  return relevance_of_ == explained_answer() ? relevance_ : std::nullopt;
}

const std::vector<double>& Inspector::effects() const {
  static const std::vector<double> none;
  return effects_of_ == explained_answer() ? effects_ : none;
}

std::optional<PassWeights> Inspector::over_passes() const {
  const bool told = inspection_ && over_passes_ && over_passes_of_ == drawn_weights();
  return told ? over_passes_ : std::nullopt;
}

WeightChoice Inspector::drawn_weights() const {
  WeightChoice weights = drawn_state().weights;
  // Words and regions have the co-attention's weights, whose heads a pretrained encoder's are not.
  if (state_.family == AttentionFamily::kQuestionPretrained) weights.map = {};
  return fitting_weights(weights, *inspection_, AttentionFamily::kGuided);
}

void Inspector::cancel_jobs() {
  for (const char* kind : {kAsk, kRelevance, kEffects, kPasses}) jobs_.cancel(kind);
}

void Inspector::want_more() {
  want_relevance();
  want_effects();
  want_passes();
}

void Inspector::want_relevance() {
  if (state_.weights.source != WeightSource::kRelevance || !inspection_ || stale()) return;
  const std::string answer = explained_answer();
  if (answer.empty() || relevance()) return;
  jobs_.submit(kRelevance, [this, answer, asked = inspected_, source = model_.source](Job& job) {
    const TokenScores scores =
        source->relevance(asked.picture, asked.question, asked.edits, answer);
    job.deliver([this, answer, scores] {
      relevance_ = scores;
      relevance_of_ = answer;
      refresh_shown();
    });
  });
}

void Inspector::want_effects() {
  if (state_.statistic != HeadStatistic::kEffect || !inspection_ || stale()) return;
  const std::string answer = explained_answer();
  if (answer.empty() || !effects().empty()) return;
  jobs_.submit(kEffects, [this, answer, asked = inspected_, source = model_.source](Job& job) {
    const std::vector<double> effects =
        source->head_effects(asked.picture, asked.question, asked.edits, answer, &job.cancel());
    job.deliver([this, answer, effects] {
      effects_ = effects;
      effects_of_ = answer;
      Q_EMIT effects_changed();
    });
  });
}

void Inspector::want_passes() {
  if (!inspection_ || stale() || inspected_.passes == 0) return;
  WeightChoice weights = drawn_weights();
  // Relevance that is on its way is not drawn yet, but is what is chosen.
  if (state_.weights.source == WeightSource::kRelevance && !explained_answer().empty()) {
    weights.source = WeightSource::kRelevance;
    weights.answer = explained_answer();
  }
  if (weights.source == WeightSource::kPooling || (over_passes_ && over_passes_of_ == weights)) {
    return jobs_.cancel(kPasses);
  }
  jobs_.submit(kPasses, [this, weights, asked = inspected_, source = model_.source](Job& job) {
    AskOptions options;
    options.passes = asked.passes;
    options.cancel = &job.cancel();
    const PassWeights found =
        source->weights_over_passes(asked.picture, asked.question, asked.edits, weights, options);
    job.deliver([this, weights, found] {
      over_passes_ = found;
      over_passes_of_ = weights;
      refresh_shown();
    });
  });
}

void Inspector::point_at(std::optional<Token> token) {
  if (!inspection_) token.reset();
  if (token == pointed_) return;
  pointed_ = token;
  refresh_shown();
}

void Inspector::point_at_head(std::optional<HeadSite> head) {
  if (head == pointed_head_) return;
  pointed_head_ = head;
  refresh_shown();
  Q_EMIT head_pointed();
}

WeightChoice Inspector::shown_weights() const {
  WeightChoice weights = inspection_ ? drawn_state().weights : state_.weights;
  if (!inspection_) return weights;
  const bool lights_up = pointed_ && is_there(*inspection_, *pointed_);
  if (pointed_head_) weights.map = {pointed_head_->layer, pointed_head_->head};
  if (lights_up) weights.subject = pointed_;
  if (lights_up || pointed_head_) weights.source = WeightSource::kAttention;
  // Words and regions have the co-attention's weights, whose heads a pretrained encoder's are not.
  const AttentionFamily family = pointed_head_ ? pointed_head_->family : state_.family;
  if (family == AttentionFamily::kQuestionPretrained) weights.map = {};
  return fitting_weights(weights, *inspection_, AttentionFamily::kGuided);
}

ViewState Inspector::drawn_state() const {
  ViewState drawn = state_;
  if (!inspection_) return drawn;
  drawn.picture = inspected_.picture;
  drawn.question = inspected_.question;
  drawn.edits = inspected_.edits;
  drawn.weights = fitting_weights(drawn.weights, *inspection_, drawn.family);
  if (drawn.weights.source == WeightSource::kRelevance) {
    drawn.weights.answer = explained_answer();
    if (!relevance()) drawn.weights.source = WeightSource::kPooling;
  }
  return drawn;
}

void Inspector::refresh_shown() {
  const std::optional<TokenScores> scores = relevance();
  shown_ = inspection_ ? weighed(*inspection_, shown_weights(), scores ? &*scores : nullptr)
                       : AnswerEvidence();
  if (over_passes_ && over_passes_of_ == shown_weights()) shown_.over_passes = over_passes_;
  Q_EMIT shown_changed();
}

}  // namespace vqalign
