#pragma once

#include <optional>
#include <vector>

#include "vqalign/attention/linear.h"
#include "vqalign/fusion/attentional_pooling.h"
#include "vqalign/fusion/co_attention.h"
#include "vqalign/language/bert.h"
#include "vqalign/language/language_options.h"
#include "vqalign/language/question_encoder.h"
#include "vqalign/vision/grid_encoder.h"

namespace vqalign {

/// Everything that fixes a model's shape: stored in the model file.
struct ModelConfig {
  VisionOptions vision;
  LanguageOptions language;
  ModelOptions model;
  int64_t words = 0;    ///< vocabulary size, with padding and unknown
  int64_t answers = 0;  ///< length of the answer list
  SentenceMarks marks;  ///< the vocabulary's, for a pretrained encoder of questions

  /// The option groups "vision", "language" and "model", for --set, files and metadata.
  OptionTree options();
  /// UsageError where options contradict each other, which no single field can tell.
  void check() const;
  /// Whether there is dropout, without which repeated passes are all alike.
  bool has_dropout() const;
  /// The heads of a family.
  FamilyShape heads_of(AttentionFamily family) const;
};

/// A batch of questions about pictures, given as pixels or as stored regions (exactly one of both).
struct ModelInput {
  torch::Tensor tokens;                  ///< int64 [B, T], 0 = padding, behind a row's tokens
  std::optional<PictureBatch> pictures;  ///< P pictures
  std::optional<RegionBatch> regions;    ///< P pictures as stored regions
  torch::Tensor picture_index;           ///< int64 [B], or undefined: question b is about picture b
  /// [B, T, width], what a pretrained encoder of questions gave for `tokens` before (read() of
  /// bert.h); undefined: it is asked now.
  torch::Tensor word_states;
};

/// How a pass runs. `streams` null: evaluation (no dropout). Streams of several passes
/// (DropoutStreams::of_passes()) answer the batch once in each, without gradients and taps: what
/// dropout does not reach is done once, rows [B, ..] of the output become [passes B, ..], pass by
/// pass.
struct PassOptions {
  DropoutStreams* streams = nullptr;
  TapRequest taps;
  std::vector<HeadSite> silenced = {};  ///< heads whose output is zero
};

struct ModelOutput {
  torch::Tensor
      logits;  ///< float32 (float64 of a float64 model) [B, A]; a probability is the sigmoid
  torch::Tensor word_weights;                ///< [B, T, G] of question pooling
  torch::Tensor region_weights;              ///< [B, M, G] of region pooling
  torch::Tensor region_mask;                 ///< bool [B, M], true = padding
  torch::Tensor boxes;                       ///< [P, M, 4]
  std::vector<torch::Tensor> region_states;  ///< [B, M, D] behind every guided block
  GridCells grid;  ///< every cell of the pictures; undefined with stored regions
  std::vector<AttentionTap> taps;
};

/// Region and question encoders, the co-attention stack, attentional pooling and the classifier:
/// MCAN (Yu et al., "Deep Modular Co-Attention Networks", CVPR 2019), with the reference's
/// parameter names (embedding, lstm, img_feat_linear, backbone.enc_list.., attflat_img,
/// attflat_lang, proj_norm, proj) so that its checkpoints load; `vision.*` and `box_linear.*` exist
/// only where the options ask for them, and so do `language.*` and `language_linear.*`, in place of
/// embedding and lstm: a pretrained BERT, whose states a linear map brings to the model's width. It
/// reads a question with its marks [CLS] and [SEP], but the co-attention is given the question's
/// own tokens alone, so that words and states are one for one as they are with the LSTM.
class VqaModelImpl : public torch::nn::Module {
 public:
  explicit VqaModelImpl(const ModelConfig& config);

  /// Pixels to regions, or stored regions as they are: the part worth doing once for many passes.
  RegionBatch encode_pictures(const ModelInput& input);

  /// What a pretrained encoder of questions makes of tokens [B, T] where it is a constant:
  /// ModelInput::word_states; undefined where there is none or dropout reaches into it.
  torch::Tensor encode_words(const torch::Tensor& tokens);

  /// Every cell of the encoder, for what teaches it alone; asserts that there is one.
  GridCells encode_cells(const PictureBatch& pictures);

  /// Makes the encoder of pictures a constant: its statistics and weights stay, no gradient enters
  /// it. train() undoes its evaluation mode: freeze after it. Nothing to do where there is none.
  void freeze_vision();
  bool vision_frozen() const { return vision_frozen_; }

  /// The encoder of pictures; null where regions are stored ones.
  GridEncoder* vision() { return vision_.get(); }
  /// The pretrained encoder of questions; null where there is none. Unless `language.tune`, it is a
  /// constant: it asks for no gradients and drops nothing, whatever the model around it does.
  Bert& language() { return language_; }

  /// What a region's features [.., C] are to the co-attention, before its box is added: [.., D].
  torch::Tensor project_features(const torch::Tensor& features);

  /// Both steps, or the second alone when `input.regions` holds encode_pictures' result.
  ModelOutput forward(const ModelInput& input, const PassOptions& pass = {});

  const ModelConfig& config() const { return config_; }

 private:
  /// encode_pictures, keeping the grid's cells for what teaches them.
  RegionBatch encode(const ModelInput& input, GridCells& grid);
  /// What the co-attention takes; rows of their own for every pass, or alike in all.
  CoAttentionInput opening_states(const ModelInput& input, const RegionBatch& regions,
                                  const AttentionContext& context);
  torch::Tensor region_states(const RegionBatch& regions, const AttentionContext& context);
  void add_question_encoder();
  torch::Tensor word_states(const ModelInput& input, AttentionContext context);

  ModelConfig config_;
  bool vision_frozen_ = false;
  std::shared_ptr<GridEncoder> vision_;
  QuestionEncoder question_encoder_ = nullptr;  ///< null with a pretrained one
  Bert language_ = nullptr;
  Linear language_linear_ = nullptr;
  Linear img_feat_linear_ = nullptr;
  Linear box_linear_ = nullptr;
  CoAttention backbone_ = nullptr;
  AttentionalPooling attflat_img_ = nullptr;
  AttentionalPooling attflat_lang_ = nullptr;
  LayerNorm proj_norm_ = nullptr;
  Linear proj_ = nullptr;
};
TORCH_MODULE(VqaModel);

/// The box description that `model.boxes` names: boxes [P, M, 4] in pixels and sizes [P, 2] to [P,
/// M, 5] ("plain": x1/w, y1/h, x2/w, y2/h, area share) or [P, M, 21] ("fourier": these and sin, cos
/// of pi 2^k times the centre's x and y, k = 0..3).
torch::Tensor box_description(const torch::Tensor& boxes, const torch::Tensor& sizes,
                              const std::string& kind);

}  // namespace vqalign
