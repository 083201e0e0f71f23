#include "vqalign/gui/models/inspector.h"

#include <QUndoCommand>
#include <algorithm>

#include "vqalign/figure/draw_figure.h"
#include "vqalign/gui/models/state_step.h"
#include "vqalign/vision/picture.h"

namespace vqalign {
namespace {

constexpr int64_t kAnswersAsked = 10;
constexpr std::size_t kMostHistory = 500;

/// Whether one inspection serves both.
bool same_question(const ViewState& a, const ViewState& b) {
  return a.picture == b.picture && a.question == b.question && a.edits == b.edits;
}

bool is_there(const Inspection& inspection, const Token& token) {
  const auto& places = token.is_word ? inspection.read_words : inspection.seen_regions;
  return std::find(places.begin(), places.end(), token.place) != places.end();
}

/// The choice with what the inspection does not have put back to its default.
WeightChoice fitting(WeightChoice weights, const Inspection& inspection) {
  if (weights.map.layer >= inspection.layers) weights.map.layer = MapChoice::kLast;
  if (weights.map.head >= inspection.heads) weights.map.head = MapChoice::kMean;
  if (weights.subject && !is_there(inspection, *weights.subject)) weights.subject.reset();
  return weights;
}

}  // namespace

Inspector::Inspector(JobThread& jobs) : jobs_(jobs) {
  connect(&jobs_, &JobThread::failed, this, &Inspector::job_failed);
}

void Inspector::load(SourceMaker make) {
  jobs_.submit(kLoad, [this, make = std::move(make)](Job& job) {
    std::shared_ptr<AnswerSource> source = make();
    job.deliver([this, source] { take_source(source); });
  });
}

void Inspector::take_source(std::shared_ptr<AnswerSource> source) {
  const bool replaced = source_ != nullptr;
  source_ = std::move(source);
  card_ = source_->card();
  if (replaced) {
    // Heads, words and answers of the model before mean nothing to this one.
    undo_.clear();
    state_.edits = {};
    state_.weights.answer.clear();
    state_.weights.map = {};
    good_.reset();
  }
  Q_EMIT model_changed();
  Q_EMIT state_changed();
  submit_ask();
}

void Inspector::ask(const std::filesystem::path& picture, const std::string& question) {
  ViewState next = state_;
  next.picture = picture;
  next.question = question;
  next.edits = {};
  next.weights.subject.reset();
  next.weights.answer.clear();
  if (next == state_) {
    submit_ask();
  } else {
    change(next, QString::fromUtf8("question"));
  }
  remember_asked();
}

void Inspector::picture_changed() {
  reread_picture_ = true;
  submit_ask();
}

void Inspector::change(const ViewState& next, const QString& what, const QString& merge) {
  if (next == state_) return;
  undo_.push(new StateStep(*this, state_, next, what, merge));
}

void Inspector::restore(const ViewState& state) {
  undo_.clear();
  set_state(state);
  remember_asked();
}

void Inspector::remember_asked() {
  const Asked asked{state_.picture, state_.question};
  if (!answerable() || (place_ < history_.size() && history_[place_] == asked)) return;
  if (!history_.empty()) history_.resize(place_ + 1);
  history_.push_back(asked);
  if (history_.size() > kMostHistory) history_.erase(history_.begin());
  place_ = history_.size() - 1;
  Q_EMIT history_changed();
}

void Inspector::forget_asked(const Asked& asked) {
  if (place_ >= history_.size() || history_[place_] != asked) return;
  history_.erase(history_.begin() + std::ptrdiff_t(place_));
  if (place_ > 0) --place_;
  Q_EMIT history_changed();
}

bool Inspector::can_go(int steps) const {
  const int64_t to = static_cast<int64_t>(place_) + steps;
  return to >= 0 && to < static_cast<int64_t>(history_.size());
}

void Inspector::go(int steps) {
  if (!can_go(steps)) return;
  place_ = static_cast<std::size_t>(static_cast<int64_t>(place_) + steps);
  const Asked to = history_[place_];
  ask(to.picture, to.question);
  Q_EMIT history_changed();
}

void Inspector::set_state(const ViewState& next) {
  const bool weights_changed = next.weights != state_.weights;
  state_ = next;
  if (inspection_ && same_question(state_, inspected_)) {
    // An answer that is still under way belongs to a state that was left.
    jobs_.cancel(kAsk);
    if (good_) good_->state = state_;
    if (weights_changed) want_relevance();
  } else {
    submit_ask();
  }
  Q_EMIT state_changed();
  refresh_shown();
}

bool Inspector::answerable() const {
  return !state_.picture.empty() && !state_.question.empty();
}

bool Inspector::stale() const {
  return inspection_ && !same_question(state_, inspected_);
}

void Inspector::submit_ask() {
  const bool can_ask = source_ && answerable();
  if (state_.picture.empty() || (!can_ask && picture_path_ == state_.picture)) return;
  jobs_.cancel(kRelevance);
  jobs_.cancel(kEffects);
  const bool read = reread_picture_ || picture_path_ != state_.picture;
  jobs_.submit(kAsk, [this, read, can_ask, asked = state_, source = source_](Job& job) {
    if (read) {
      const QImage picture = picture_image(read_picture(asked.picture));
      job.deliver([this, path = asked.picture, picture] { take_picture(path, picture); });
    }
    if (!can_ask) return;
    AskOptions options;
    options.top = kAnswersAsked;
    options.cancel = &job.cancel();
    const auto inspection = std::make_shared<const Inspection>(
        source->inspect(asked.picture, asked.question, asked.edits, options));
    job.deliver([this, asked, inspection] { take_inspection(asked, inspection); });
  });
}

void Inspector::take_picture(const std::filesystem::path& path, const QImage& picture) {
  // Another picture's maps must not lie over this one; the same picture's may until new ones come.
  if (picture_path_ != path) inspection_.reset();
  picture_ = picture;
  picture_path_ = path;
  reread_picture_ = false;
  if (!answerable()) good_ = Good{state_, nullptr, picture_};
  refresh_shown();
  Q_EMIT picture_shown();
}

void Inspector::take_inspection(const ViewState& asked,
                                std::shared_ptr<const Inspection> inspection) {
  inspection_ = std::move(inspection);
  inspected_ = asked;
  relevance_.reset();
  effects_.clear();
  state_.weights = fitting(state_.weights, *inspection_);
  if (pointed_ && !is_there(*inspection_, *pointed_)) pointed_.reset();
  good_ = Good{state_, inspection_, picture_};
  refresh_shown();
  Q_EMIT inspection_changed();
  Q_EMIT state_changed();
  want_relevance();
}

std::string Inspector::explained_answer() const {
  if (!state_.weights.answer.empty()) return state_.weights.answer;
  if (!inspection_ || inspection_->evidence.answers.empty()) return {};
  return inspection_->evidence.answers.front().text;
}

std::optional<TokenScores> Inspector::relevance() const {
  return relevance_of_ == explained_answer() ? relevance_ : std::nullopt;
}

void Inspector::want_relevance() {
  if (state_.weights.source != WeightSource::kRelevance || !inspection_ || stale()) return;
  const std::string answer = explained_answer();
  if (answer.empty() || relevance()) return;
  jobs_.submit(kRelevance, [this, answer, asked = inspected_, source = source_](Job& job) {
    const TokenScores scores =
        source->relevance(asked.picture, asked.question, asked.edits, answer);
    job.deliver([this, answer, scores] {
      relevance_ = scores;
      relevance_of_ = answer;
      refresh_shown();
    });
  });
}

void Inspector::measure_effects() {
  if (!inspection_ || stale() || explained_answer().empty()) return;
  jobs_.submit(kEffects,
               [this, answer = explained_answer(), asked = inspected_, source = source_](Job& job) {
                 const std::vector<double> effects = source->head_effects(
                     asked.picture, asked.question, asked.edits, answer, &job.cancel());
                 job.deliver([this, effects] {
                   effects_ = effects;
                   Q_EMIT effects_changed();
                 });
               });
}

void Inspector::point_at(std::optional<Token> token) {
  if (token && (!inspection_ || !is_there(*inspection_, *token))) token.reset();
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
  WeightChoice weights = state_.weights;
  if (pointed_head_) weights.map = {pointed_head_->layer, pointed_head_->head};
  if (pointed_) weights.subject = pointed_;
  if (pointed_ || pointed_head_) weights.source = WeightSource::kAttention;
  if (weights.source == WeightSource::kRelevance) {
    weights.answer = explained_answer();
    if (!relevance()) weights.source = WeightSource::kPooling;
  }
  return inspection_ ? fitting(weights, *inspection_) : weights;
}

void Inspector::refresh_shown() {
  const std::optional<TokenScores> scores = relevance();
  shown_ = inspection_ ? weighed(*inspection_, shown_weights(), scores ? &*scores : nullptr)
                       : AnswerEvidence();
  Q_EMIT shown_changed();
}

void Inspector::job_failed(const QString& kind, const QString& message, const QString& hint) {
  for (const char* own : {kLoad, kAsk, kRelevance, kEffects}) {
    if (kind != QString::fromUtf8(own)) continue;
    if (kind == QString::fromUtf8(kAsk)) fall_back();
    Q_EMIT problem(message, hint);
  }
}

void Inspector::fall_back() {
  const Asked failed{state_.picture, state_.question};
  ViewState to = state_;
  to.picture.clear();
  to.question.clear();
  to.edits = {};
  if (good_) to = good_->state;
  reread_picture_ = false;
  if (good_) {
    inspection_ = good_->inspection;
    inspected_ = good_->state;
    picture_ = good_->picture;
    picture_path_ = good_->state.picture;
  }
  if (failed != Asked{to.picture, to.question}) forget_asked(failed);
  dropping_ = true;
  while (undo_.canUndo() && !same_question(state_, to)) undo_.undo();
  dropping_ = false;
  if (!same_question(state_, to)) set_state(to);
  refresh_shown();
  Q_EMIT picture_shown();
  Q_EMIT inspection_changed();
}

}  // namespace vqalign
