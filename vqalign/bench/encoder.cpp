#include <torch/types.h>
#include <torch/utils.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <memory>

#include "vqalign/bench/benchmark.h"
#include "vqalign/bench/reference_process.h"
#include "vqalign/bench/temporary_folder.h"
#include "vqalign/bench/timing.h"
#include "vqalign/core/error.h"
#include "vqalign/core/formats/torch_checkpoint.h"
#include "vqalign/core/shipped_folders.h"
#include "vqalign/vision/encoder_names.h"
#include "vqalign/vision/pretrained_grid.h"

namespace vqalign {
namespace {

namespace fs = std::filesystem;

/// As DAQUAR's photographs are.
constexpr int64_t kPhotoWidth = 560, kPhotoHeight = 425;

struct EncoderArguments {
  fs::path python = fs::path(VQALIGN_SOURCE_DIR) / ".deps/venv/bin/python";
  std::string encoder = "efficientnet-lite2";
  int64_t batch = 8;
  int64_t pixels = 238'000;  // of recipe photos
  bool alike = false;
};

/// What main.cpp and core/quiet_threads.cpp do for this program, for one that inherits variables.
void give_our_settings() {
  for (const char* name : {"MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_"}) {
    ::setenv(name, "68719476736", /*overwrite=*/1);
  }
  ::setenv("GOMP_SPINCOUNT", "0", /*overwrite=*/1);
}

/// Our network and its pictures, of random pixels.
class EncoderCase {
 public:
  explicit EncoderCase(const EncoderArguments& arguments) {
    VisionOptions options;
    options.encoder = arguments.encoder;
    options.stages = 2;
    options.pixels = arguments.pixels;
    options.longest = 4096;
    options.enlarge = true;
    network_ = PretrainedGrid(options);
    network_->eval();
    published_ = take_published_weights(arguments.encoder);
    if (!published_) draw_weights();
    const PictureScale scale = picture_scale(options);
    const auto [width, height] = scaled_size(kPhotoWidth, kPhotoHeight, scale);
    std::vector<ScaledPicture> pictures;
    for (int64_t i = 0; i < arguments.batch; ++i) {
      pictures.push_back(
          {torch::randint(256, {height, width, 3}, torch::kUInt8), kPhotoWidth, kPhotoHeight});
    }
    pictures_ = collate_pictures(pictures, scale.multiple);
  }

  BackboneMaps maps() {
    const torch::NoGradGuard no_grad;
    return network_->maps(pictures_);
  }
  bool published() const { return published_; }
  std::string scaled() const {
    return concat(pictures_.pixels.size(3), "x", pictures_.pixels.size(2));
  }
  NamedTensors weights() { return state_of(*network_->pretrained_network()); }
  const torch::Tensor& pixels() const { return pictures_.pixels; }

 private:
  /// Whether scripts/setup has fetched them.
  bool take_published_weights(const std::string& name) {
    fs::path file;
    try {
      file = pretrained_weights(name, name + ".pth");
    } catch (const Error&) {
      return false;
    }
    load_backbone(*network_->pretrained_network(), file);
    return true;
  }

  /// Such that numbers keep their size from layer to layer.
  void draw_weights() {
    const torch::NoGradGuard no_grad;
    for (torch::Tensor& weight : network_->parameters()) {
      if (weight.dim() == 4) weight.normal_(0, std::sqrt(2.0 / double(weight[0].numel())));
    }
  }

  PretrainedGrid network_ = nullptr;
  PictureBatch pictures_;
  bool published_ = false;
};

ReferenceProcess start_reference(const EncoderArguments& arguments, EncoderCase& ours,
                                 const fs::path& folder, int64_t threads) {
  const fs::path weights = folder / "weights.pth", pixels = folder / "pixels.pth";
  write_torch_checkpoint(weights, ours.weights(), {});
  write_torch_checkpoint(pixels, {{"pixels", ours.pixels()}}, {});
  const auto* const scaling =
      std::find_if(kLiteScalings.begin(), kLiteScalings.end(),
                   [&](const LiteScaling& lite) { return arguments.encoder == lite.name; });
  return ReferenceProcess(
      arguments.python,
      fs::path(VQALIGN_SOURCE_DIR) / "vqalign/bench/reference/efficientnet_lite.py",
      Json::object()
          .set("threads", threads)
          .set("width", scaling->width)
          .set("depth", scaling->depth)
          .set("weights", weights.string()));
}

/// The largest difference over the largest number, of the map where that is more.
double largest_difference(const BackboneMaps& ours, const fs::path& file) {
  const TorchCheckpoint saved(file);
  const NamedTensors theirs = saved.tensors(*saved.find("state_dict"));
  const auto of_map = [&theirs](const torch::Tensor& own, const char* name) {
    const torch::Tensor other = find_tensor(theirs, name);
    if (own.sizes() != other.sizes()) fail("the reference's map ", name, " is ", other.sizes());
    return ((own - other).abs().max() / other.abs().max()).item<double>();
  };
  return std::max(of_map(ours.finer, "finer"), of_map(ours.last, "last"));
}

/// PyTorch with pictures in one order of memory.
struct Rival {
  std::string layout;
  std::vector<double> seconds = {}, ratios = {};  ///< a round each; over ours
  double difference = 0;                          ///< of what comes out
};

Report measure(const EncoderArguments& arguments, BenchContext& context) {
  const int64_t threads = prepare_torch(context.options);
  const int64_t rounds = context.repetitions(5);
  const TemporaryFolder folder;
  EncoderCase ours(arguments);
  if (arguments.alike) give_our_settings();
  ReferenceProcess reference = start_reference(arguments, ours, folder.path(), threads);
  reference.ask(Json::object().set("pixels", (folder.path() / "pixels.pth").string()));

  std::vector<Rival> rivals = {{"contiguous"}, {"channels_last"}};
  std::vector<double> mine;
  context.progress.begin(arguments.encoder, rounds + 1, "rounds");
  for (int64_t round = 0; round <= rounds; ++round) {  // the first to warm up and to compare
    context.cancel.check();
    const double own = seconds_of([&] { ours.maps(); });
    if (round > 0) mine.push_back(own);
    for (Rival& rival : rivals) {
      const double other =
          reference.ask(Json::object().set("layout", rival.layout)).at("seconds").as_double();
      if (round > 0) {
        rival.seconds.push_back(other);
        rival.ratios.push_back(other / own);
      } else {
        const fs::path maps = folder.path() / "maps.pth";
        reference.ask(Json::object().set("save", maps.string()));
        rival.difference = largest_difference(ours.maps(), maps);
      }
    }
    context.progress.update(round + 1);
  }

  const auto per_second = [&](const std::vector<double>& seconds) {
    return double(arguments.batch) / quantile(seconds, 0.5);
  };
  Report report("encoder",
                Json::object()
                    .set("encoder", arguments.encoder)
                    .set("weights", ours.published() ? "published" : "drawn")
                    .set("pictures", arguments.batch)
                    .set("size", concat(kPhotoWidth, "x", kPhotoHeight))
                    .set("scaled", ours.scaled())
                    .set("threads", threads)
                    .set("settings", arguments.alike ? "alike" : "their own")
                    .set("rounds", rounds)
                    .set("torch", reference.torch_version()),
                {{"layout", "PyTorch's layout"},
                 {"reference", "PyTorch, pictures/s", 2},
                 {"vqalign", "vqalign", 2},
                 {"ratio", "ratio", 2},
                 {"ratio_low", "from", 2},
                 {"ratio_high", "to", 2},
                 {"relative_difference", "difference", 7}});
  for (const Rival& rival : rivals) {
    report.add({rival.layout, per_second(rival.seconds), per_second(mine),
                quantile(rival.ratios, 0.5), quantile(rival.ratios, 0.25),
                quantile(rival.ratios, 0.75), rival.difference});
  }
  return report;
}

}  // namespace

BenchAction define_encoder(CLI::App& app) {
  const auto arguments = std::make_shared<EncoderArguments>();
  std::vector<std::string> known;
  for (const LiteScaling& network : kLiteScalings) known.emplace_back(network.name);
  app.add_option("--python", arguments->python,
                 "a Python that has torch (default: the one in .deps/venv)")
      ->type_name("FILE");
  app.add_option("--encoder", arguments->encoder,
                 "efficientnet-lite0, -lite1 or -lite2 (default), with the published weights where "
                 "scripts/setup --pretrained has fetched them")
      ->check(CLI::IsMember(known))
      ->type_name("NAME");
  add_count(app, "--batch", arguments->batch, 1, 1024, "pictures of 560x425 at once");
  add_count(app, "--pixels", arguments->pixels, 256, 4'000'000, "pixels that each is scaled to");
  app.add_flag("--alike", arguments->alike,
               "PyTorch gets this program's settings too: freed memory is kept, threads wait "
               "without spinning");
  app.footer("example:\n  vqalign-bench encoder --threads 2 --repetitions 3");
  return [arguments](BenchContext& context) { return measure(*arguments, context); };
}

}  // namespace vqalign
