#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "vqalign/core/cancel.h"
#include "vqalign/inspect/model_card.h"
#include "vqalign/inspect/weighing.h"

namespace vqalign {

/// How a question is asked.
struct AskOptions {
  /// Bounds of `passes`, wherever a user gives them.
  static constexpr int64_t kFewestPasses = 2, kMostPasses = 10'000;

  int64_t top = 5;  ///< how many answers to return, the likeliest; more than there are gives all
  /// 0: one pass without dropout. From kFewestPasses on: so many passes with dropout; probabilities
  /// are then their means, spreads their standard deviations, and the two likeliest answers are
  /// compared. Pooling weights come from the one pass without dropout in either case; what they are
  /// over the passes is told beside them (AnswerEvidence::over_passes).
  int64_t passes = 0;
  bool uncalibrated = false;            ///< as the network gives probabilities, unscaled
  uint64_t seed = 1;                    ///< of the dropout masks
  const CancelToken* cancel = nullptr;  ///< looked at between passes; Cancelled when set
};

/// Whatever answers questions about pictures: a loaded model, or a stand-in for it in tests of
/// windows. Called from one thread at a time.
class AnswerSource {
 public:
  virtual ~AnswerSource() = default;

  /// UsageError when the question has no word or `options` is out of range; Error naming the
  /// picture's file when it cannot be read (vision/picture.h). Unknown words, words beyond the
  /// length that the model reads and a picture of another kind than the model's are answered, with
  /// a warning each.
  virtual AnswerEvidence ask(const std::filesystem::path& picture, const std::string& question,
                             const AskOptions& options) = 0;

  /// The same with every attention map, and with what `edits` take away. UsageError besides when
  /// these name a head, word or region that is not there, or leave no word or no region. A dropped
  /// word changes no other word's place; a region's place is that of the answer without edits.
  virtual Inspection inspect(const std::filesystem::path& picture, const std::string& question,
                             const Edits& edits, const AskOptions& options) = 0;

  /// What speaks for `answer`, an answer of the model's list, by gradient-weighted attention
  /// (Chefer et al., ICCV 2021, with the poolings as attention of one token): shares that sum to 1
  /// over all words and regions, or are all 0 when nothing speaks for it. UsageError when the model
  /// has no such answer, and as inspect() says.
  virtual TokenScores relevance(const std::filesystem::path& picture, const std::string& question,
                                const Edits& edits, const std::string& answer) = 0;

  /// What the weights of `choice` (weighed()) are over options.passes passes with dropout, the very
  /// passes that inspect() has with the same options, asked one after another because their
  /// attention is told. Where choice.subject is nothing it is the word of the pass without dropout
  /// in all of them. UsageError as inspect() and weighed() say, and without passes; Cancelled.
  virtual PassWeights weights_over_passes(const std::filesystem::path& picture,
                                          const std::string& question, const Edits& edits,
                                          const WeightChoice& choice,
                                          const AskOptions& options) = 0;

  /// What each head does for `answer`: its probability with `edits` less that with the head
  /// silenced besides, by Inspection::index(); 0 for a head that `edits` silence already. As many
  /// passes as there are heads. Cancelled when `cancel` is set between two.
  virtual std::vector<double> head_effects(const std::filesystem::path& picture,
                                           const std::string& question, const Edits& edits,
                                           const std::string& answer,
                                           const CancelToken* cancel) = 0;

  virtual ModelCard card() const = 0;
};

/// A model file, loaded once, that answers questions. The same question about the same picture
/// gives the same evidence, whatever was asked before; the last picture stays encoded (as long as
/// its file does not change), so that asking more about it costs a few milliseconds.
class Answerer : public AnswerSource {
 public:
  /// Error as load_model() says; and when the model takes stored features, which a picture is not.
  /// `device` is LibTorch's name of one: "cpu", "cuda", "cuda:1".
  explicit Answerer(const std::filesystem::path& model, const std::string& device = "cpu");
  ~Answerer() override;
  Answerer(Answerer&&) noexcept;
  Answerer& operator=(Answerer&&) noexcept;

  AnswerEvidence ask(const std::filesystem::path& picture, const std::string& question,
                     const AskOptions& options) override;
  Inspection inspect(const std::filesystem::path& picture, const std::string& question,
                     const Edits& edits, const AskOptions& options) override;
  TokenScores relevance(const std::filesystem::path& picture, const std::string& question,
                        const Edits& edits, const std::string& answer) override;
  PassWeights weights_over_passes(const std::filesystem::path& picture, const std::string& question,
                                  const Edits& edits, const WeightChoice& choice,
                                  const AskOptions& options) override;
  std::vector<double> head_effects(const std::filesystem::path& picture,
                                   const std::string& question, const Edits& edits,
                                   const std::string& answer, const CancelToken* cancel) override;
  ModelCard card() const override;

  /// How many answers the model knows.
  int64_t answers() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace vqalign
