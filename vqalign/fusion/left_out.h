#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "vqalign/core/json.h"
#include "vqalign/fusion/encoder_part.h"

namespace vqalign {

/// What a slim model file leaves out: the weights of a pretrained encoder, named by the SHA-256 of
/// the file that holds them.
///
/// That hash decides and nothing else. Where weights are looked for is this program's affair
/// (find_weights()); no path that a model file names is ever opened. The hash is of the file rather
/// than of its tensors, so that a damaged or foreign file is never parsed, and so that sha256sum
/// tells what is asked for.
struct LeftOut {
  EncoderPart part;
  std::string file;    ///< the name it had, without folders; for people alone
  int64_t bytes = 0;   ///< its size: files of another are not read
  std::string sha256;  ///< 64 hexadecimal digits
  int64_t parameters = 0;
};

/// Whether `live` are the numbers of `stored` bit for bit, or their roundings to float16. (A model
/// file with float16 weights gives such.)
bool same_weights(const torch::Tensor& live, const torch::Tensor& stored);

/// The file that a part's weights came from.
using WeightsOf = std::function<std::filesystem::path(const EncoderPart&)>;

/// What of a model of that configuration and state (state_of()) a slim file may leave out: of each
/// encoder that is not tuned the weights, where they are same_weights() as those of
/// `weights_of`. (Loading a slim file gives the encoder in float32 as the file has it.) The others
/// stay in the model file, and a line to the log says why. A detector lies in the state as it lay
/// on disk; `weights_of` is not asked about it.
std::vector<LeftOut> weights_to_leave_out(const ModelConfig& config, const NamedTensors& state,
                                          const WeightsOf& weights_of);

/// {"vision": {"encoder", "file", "bytes", "sha256", "parameters"}, "language": {..}}: as it stands
/// in metadata "left_out" and as `info` tells it.
Json left_out_json(const std::vector<LeftOut>& left_out);

/// Error beginning with `where`: a part that this configuration has not, or that is tuned; a size
/// below 1 or above 4 GiB; no hash; a name of a file that is none.
std::vector<LeftOut> left_out_from(const Json& json, const ModelConfig& config,
                                   const std::string& where);

/// The file with these weights: any that has the size and the hash, whatever it is called, beside
/// the model `asking` or in pretrained_folders() and the folders in these. Error naming the model,
/// the encoder, the hash, and that of the file that should have been it, if there is one.
std::filesystem::path find_weights(const LeftOut& left_out, const std::filesystem::path& asking);

/// Adds what the model file `asking` left out to its tensors. Error as find_weights() and
/// read_part() say; and when they are there already.
void bring_back(const std::vector<LeftOut>& left_out, NamedTensors& tensors,
                const std::filesystem::path& asking);

/// Without the tensors that are left out.
NamedTensors without(NamedTensors tensors, const std::vector<LeftOut>& left_out);

/// Numbers that training could change: what is no statistic and no index.
int64_t parameter_count(const NamedTensors& tensors);

}  // namespace vqalign
