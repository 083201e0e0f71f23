#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "vqalign/core/formats/torch_checkpoint.h"
#include "vqalign/fusion/model_file.h"

namespace vqalign {

/// A checkpoint of the public MCAN code: MILVLG/mcan-vqa's {"state_dict", "optimizer", "lr_base"},
/// OpenVQA's MCAN (with "epoch" besides), or a state dict alone; names with and without
/// DataParallel's "module.".
struct McanCheckpoint {
  std::string path;
  std::string format;    ///< "zip" or "legacy": which of torch.save's
  std::string layout;    ///< "mcan-vqa" or "openvqa", whose names its tensors bear
  NamedTensors tensors;  ///< by VqaModel's names
  /// What the shapes tell: layers, widths, words, answers. `heads` they do not; it is the
  /// reference's 8.
  ModelConfig config;
  std::optional<double> learning_rate;  ///< "lr_base"
  std::optional<int64_t> epoch;
};

/// Whether these are tensors of the public MCAN code, by the names that they all have.
bool is_mcan(const NamedTensors& tensors);

/// The tensors of a checkpoint's "state_dict", or of the whole when it is a state dict itself.
/// Error when it is neither.
NamedTensors state_dict_of(const TorchCheckpoint& checkpoint);

/// Error naming the file and the tensor: no file of torch.save that can be read (TorchCheckpoint),
/// a tensor from which the sizes follow is missing or no matrix, sizes out of range, OpenVQA's
/// inputs besides region features (boxes, grids), which VqaModel has no place for.
McanCheckpoint read_mcan_checkpoint(const std::filesystem::path& path);

/// The model, in evaluation mode on the CPU, its answers' priors unknown (0); `trained` tells of
/// what kind the checkpoint was. Error naming the tensor that is missing, left over or of another
/// shape, or holds NaN or infinity. `vocabulary` and `answers` must be as many as the checkpoint
/// has.
ModelBundle import_mcan(const McanCheckpoint& checkpoint, Vocabulary vocabulary,
                        std::vector<std::string> answers, int64_t heads);

}  // namespace vqalign
