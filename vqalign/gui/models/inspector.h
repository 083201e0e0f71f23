#pragma once

#include <QImage>
#include <QObject>
#include <QString>
#include <QUndoStack>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "vqalign/gui/models/job_thread.h"
#include "vqalign/gui/models/view_state.h"
#include "vqalign/inspect/answerer.h"

namespace vqalign {

/// A model that has been loaded, with what figures and sessions tell of it.
struct LoadedModel {
  std::shared_ptr<AnswerSource> source = {};
  std::filesystem::path file = {};
  std::string hash = {};  ///< SHA-256 of the file; empty: not told
};

/// What all views share: the state that is chosen, the answer and maps that belong to it, and what
/// is pointed at. Views read it, change it through its functions, and redraw when it says so. Every
/// model call happens on a JobThread; a newer question supersedes an older one.
class Inspector : public QObject {
  Q_OBJECT

 public:
  using ModelMaker = std::function<LoadedModel()>;
  /// Kinds of jobs, for JobThread's signals.
  static constexpr const char* kLoad = "load";
  static constexpr const char* kAsk = "ask";
  static constexpr const char* kRelevance = "relevance";
  static constexpr const char* kEffects = "effects";
  static constexpr const char* kPasses = "passes";

  explicit Inspector(JobThread& jobs);

  /// Loads a model by calling `make` on the job thread; then asks it what is chosen, without
  /// edits. When that fails, the model before stays.
  void load(ModelMaker make);
  /// The model that answers; its source is to be used on the job thread only, and null before one
  /// is loaded.
  const LoadedModel& model() const { return model_; }
  std::shared_ptr<AnswerSource> source() const { return model_.source; }
  const ModelCard& card() const { return card_; }

  const ViewState& state() const { return state_; }
  /// Asks; edits and subject, which belong to the question before, are dropped. The same picture
  /// and question are asked again. With an empty question the picture alone is shown.
  void ask(const std::filesystem::path& picture, const std::string& question);
  /// Asks about a picture again that has changed on disk, without a step in the history.
  void picture_changed();
  /// Makes `next` the state, as a step that undo takes back; `what` is its name. Steps of one
  /// non-empty `merge` that follow each other are one step (a slider being moved).
  void change(const ViewState& next, const QString& what, const QString& merge = {});
  /// Makes it the state as a new beginning: a session that was opened.
  void restore(const ViewState& state);
  /// Stops whatever is computed; when that was an answer, the state before it is back.
  void cancel();
  QUndoStack& undo_stack() { return undo_; }

  bool can_go(int steps) const;
  /// Back (-1) and forward (1) over what was asked.
  void go(int steps);

  // What belongs to the state; null or empty while there is nothing yet.
  std::shared_ptr<const Inspection> inspection() const { return inspection_; }
  const QImage& picture() const { return picture_; }
  /// Of the explained answer; nothing while it is not known.
  std::optional<TokenScores> relevance() const;
  /// How the state's weights vary over its passes; nothing where there are none, while it is not
  /// known, and of pooling, whose own the inspection has.
  std::optional<PassWeights> over_passes() const;
  /// What each head does for the explained answer, by Inspection::index(); empty while it was not
  /// measured.
  const std::vector<double>& effects() const;
  /// Whether the state is being put back because a question could not be answered.
  bool falling_back() const { return falling_back_; }
  /// Whether an answer takes longer than a blink, which views show.
  bool waiting() const { return waiting_; }
  void set_waiting(bool waiting);
  /// Whether inspection() belongs to an older state, for the answer to this one is under way.
  bool stale() const;
  /// The answer that is explained: the chosen one, or the likeliest.
  std::string explained_answer() const;
  /// The state that inspection() can be drawn with: question and edits of the inspection, weights
  /// that it has.
  ViewState drawn_state() const;

  // What the pointer or the keyboard is on, which costs no model call.
  /// A word or region, also one that was taken away: such a one lights nothing up.
  void point_at(std::optional<Token> token);
  void point_at_head(std::optional<HeadSite> head);
  std::optional<Token> pointed() const { return pointed_; }
  std::optional<HeadSite> pointed_head() const { return pointed_head_; }
  /// The evidence as it is to be drawn now: the state's weights, or those of what is pointed at.
  const AnswerEvidence& shown() const { return shown_; }
  /// The weights that shown() has.
  WeightChoice shown_weights() const;

 Q_SIGNALS:
  void model_changed();
  void state_changed();
  void picture_shown();
  /// inspection() is another, or gone.
  void inspection_changed();
  /// shown() is another; also when the pointer moved.
  void shown_changed();
  void head_pointed();
  void effects_changed();
  void history_changed();
  void problem(const QString& message, const QString& hint);

 private:
  friend class StateStep;
  struct Asked {
    std::filesystem::path picture;
    std::string question;
    bool operator==(const Asked&) const = default;
  };
  /// What was last answered, to return to when the next question cannot be.
  struct Good {
    ViewState state;
    std::shared_ptr<const Inspection> inspection;
    QImage picture;
    int undo_index = 0;
  };

  void take_model(LoadedModel model);
  void set_state(const ViewState& next);
  void remember_asked();
  void forget_asked(const Asked& failed, const Asked& back_to);
  bool answerable() const;
  void submit_ask();
  void take_picture(const std::filesystem::path& path, const QImage& picture);
  void take_inspection(const ViewState& asked, std::shared_ptr<const Inspection> inspection);
  void drop_inspection();
  void want_relevance();
  void want_effects();
  void want_passes();
  WeightChoice drawn_weights() const;
  void want_more();
  void cancel_jobs();
  void refresh_shown();
  void job_failed(const QString& kind, const QString& message, const QString& hint);
  void fall_back();

  JobThread& jobs_;
  QUndoStack undo_;
  LoadedModel model_;
  ModelCard card_;

  ViewState state_;
  std::vector<Asked> history_;
  std::size_t place_ = 0;  // in history_

  std::shared_ptr<const Inspection> inspection_;
  ViewState inspected_;    // what inspection_ belongs to
  bool outdated_ = false;  // picture or model have changed behind inspection_
  QImage picture_;
  std::filesystem::path picture_path_;
  bool reread_picture_ = false;
  std::optional<Good> good_;
  bool falling_back_ = false;  // steps are undone for their state's sake alone
  bool waiting_ = false;
  bool dropping_ = false;  // steps that are being undone are forgotten

  std::optional<TokenScores> relevance_;
  std::string relevance_of_;
  std::optional<PassWeights> over_passes_;
  WeightChoice over_passes_of_;
  std::vector<double> effects_;
  std::string effects_of_;

  std::optional<Token> pointed_;
  std::optional<HeadSite> pointed_head_;
  AnswerEvidence shown_;
};

}  // namespace vqalign
