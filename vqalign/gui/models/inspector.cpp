#include "vqalign/gui/models/inspector.h"

#include <algorithm>

#include "vqalign/figure/draw_figure.h"
#include "vqalign/gui/models/fitting_weights.h"
#include "vqalign/gui/models/state_step.h"
#include "vqalign/vision/picture.h"

namespace vqalign {
namespace {

constexpr std::size_t kMostHistory = 500;

/// Whether one inspection serves both.
bool same_question(const ViewState& a, const ViewState& b) {
  return a.picture == b.picture && a.question == b.question && a.edits == b.edits &&
         a.passes == b.passes;
}

}  // namespace

Inspector::Inspector(JobThread& jobs) : jobs_(jobs) {
  connect(&jobs_, &JobThread::failed, this, &Inspector::job_failed);
  connect(&undo_, &QUndoStack::indexChanged, this, [this](int index) {
    if (good_ && !falling_back_ && inspection_ && !stale()) good_->undo_index = index;
  });
}

void Inspector::load(ModelMaker make) {
  jobs_.submit(kLoad, [this, make = std::move(make)](Job& job) {
    job.deliver([this, model = make()] { take_model(model); });
  });
}

void Inspector::take_model(LoadedModel model) {
  const bool replaced = model_.source != nullptr;
  model_ = std::move(model);
  card_ = model_.source->card();
  if (replaced) {
    // Heads, words and answers of the model before mean nothing to this one.
    undo_.clear();
    state_.edits = {};
    state_.weights.answer.clear();
    state_.weights.map = {};
    good_.reset();
    drop_inspection();
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
  outdated_ = true;
  submit_ask();
}

void Inspector::change(const ViewState& next, const QString& what, const QString& merge) {
  if (next == state_) return;
  undo_.push(new StateStep(*this, state_, next, what, merge));
}

void Inspector::restore(const ViewState& state) {
  undo_.clear();
  if (good_) good_->undo_index = 0;
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

void Inspector::forget_asked(const Asked& failed, const Asked& back_to) {
  if (failed == back_to || place_ >= history_.size() || history_[place_] != failed) return;
  history_.erase(history_.begin() + std::ptrdiff_t(place_));
  const auto found = std::find(history_.rbegin(), history_.rend(), back_to);
  place_ = found == history_.rend()
               ? std::min(place_, std::max<std::size_t>(history_.size(), 1) - 1)
               : std::size_t(history_.rend() - found) - 1;
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
  state_ = next;
  if (falling_back_) return;
  if (inspection_ && !outdated_ && same_question(state_, inspected_)) {
    // An answer that is still under way belongs to a state that was left.
    jobs_.cancel(kAsk);
    if (good_) good_->state = state_;
    want_more();
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
  return inspection_ && (outdated_ || !same_question(state_, inspected_));
}

void Inspector::submit_ask() {
  cancel_jobs();
  if (!answerable()) drop_inspection();
  const bool can_ask = model_.source && answerable();
  const bool read = reread_picture_ || picture_path_ != state_.picture;
  if (state_.picture.empty() || (!can_ask && !read)) return;
  jobs_.submit(kAsk, [this, read, can_ask, asked = state_, source = model_.source](Job& job) {
    if (read) {
      const QImage picture = picture_image(read_picture(asked.picture));
      job.deliver([this, path = asked.picture, picture] { take_picture(path, picture); });
    }
    if (!can_ask) return;
    AskOptions options;
    options.top = kAnswersAsked;
    options.passes = asked.passes;
    options.cancel = &job.cancel();
    const auto inspection = std::make_shared<const Inspection>(
        source->inspect(asked.picture, asked.question, asked.edits, options));
    job.deliver([this, asked, inspection] { take_inspection(asked, inspection); });
  });
}

void Inspector::take_picture(const std::filesystem::path& path, const QImage& picture) {
  // Another picture's maps must not lie over this one; the same picture's may until new ones come.
  if (picture_path_ != path) drop_inspection();
  picture_ = picture;
  picture_path_ = path;
  reread_picture_ = false;
  if (!answerable()) good_ = Good{state_, nullptr, picture_, undo_.index()};
  refresh_shown();
  Q_EMIT picture_shown();
}

void Inspector::take_inspection(const ViewState& asked,
                                std::shared_ptr<const Inspection> inspection) {
  inspection_ = std::move(inspection);
  inspected_ = asked;
  outdated_ = false;
  relevance_.reset();
  over_passes_.reset();
  effects_.clear();
  if (inspection_->shape(state_.family).layers == 0) state_.family = AttentionFamily::kGuided;
  state_.weights = fitting_weights(state_.weights, *inspection_, state_.family);
  good_ = Good{state_, inspection_, picture_, undo_.index()};
  refresh_shown();
  Q_EMIT inspection_changed();
  Q_EMIT state_changed();
  want_more();
}

void Inspector::drop_inspection() {
  if (!inspection_) return;
  inspection_.reset();
  outdated_ = false;
  relevance_.reset();
  over_passes_.reset();
  effects_.clear();
  pointed_.reset();
  pointed_head_.reset();
  refresh_shown();
  Q_EMIT inspection_changed();
}

void Inspector::job_failed(const QString& kind, const QString& message, const QString& hint) {
  for (const char* own : {kLoad, kAsk, kRelevance, kEffects, kPasses}) {
    if (kind != QString::fromUtf8(own)) continue;
    if (kind == QString::fromUtf8(kAsk)) fall_back();
    Q_EMIT problem(message, hint);
  }
}

void Inspector::cancel() {
  const bool asking = jobs_.busy(kAsk);
  jobs_.cancel(kLoad);
  cancel_jobs();
  if (asking) fall_back();
}

/// To what was last answered: its steps of the history stay, those after it are forgotten.
void Inspector::fall_back() {
  const Asked failed{state_.picture, state_.question};
  ViewState to = state_;
  to.picture.clear();
  to.question.clear();
  to.edits = {};
  if (good_) to = good_->state;
  reread_picture_ = outdated_ = false;
  const int index = good_ ? good_->undo_index : 0;
  falling_back_ = true;
  dropping_ = true;
  while (undo_.index() > index) undo_.undo();
  dropping_ = false;
  if (undo_.index() < index) undo_.setIndex(index);
  state_ = to;
  inspection_ = good_ ? good_->inspection : nullptr;
  inspected_ = to;
  picture_ = good_ ? good_->picture : QImage();
  picture_path_ = to.picture;
  forget_asked(failed, {to.picture, to.question});
  refresh_shown();
  Q_EMIT state_changed();
  Q_EMIT picture_shown();
  Q_EMIT inspection_changed();
  falling_back_ = false;
  want_more();
}

}  // namespace vqalign
