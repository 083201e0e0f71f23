#include "training.h"

#include <torch/nn/functional/loss.h>
#include <torch/optim/adam.h>
#include <torch/utils.h>

#include <chrono>
#include <limits>
#include <memory>
#include <mutex>

namespace graph_attention {

namespace {

namespace functional = torch::nn::functional;

// Streams of Random; dropout has streams of its own.
constexpr uint64_t kSets = 1;

struct Networks {
  Gat network = nullptr;
  std::shared_ptr<HeadAlignment> alignment;
};

/// Parameters come from LibTorch's one generator, so networks are made one at a time.
Networks make_networks(const Graph& graph, const TrainingOptions& options, int64_t seed) {
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  torch::manual_seed(static_cast<uint64_t>(seed));
  Networks made;
  made.network = Gat(graph, options.network);
  std::vector<int64_t> widths;
  for (int64_t layer = 0; layer < GatImpl::kLayers; ++layer) {
    widths.push_back(GatImpl::head_width(layer, graph, options.network));
  }
  made.alignment = std::make_shared<HeadAlignment>(options.alignment, widths);
  return made;
}

torch::optim::Adam make_optimiser(const Networks& networks, const TrainingOptions& options) {
  const auto rate = [&](double factor, double decay) {
    return std::make_unique<torch::optim::AdamOptions>(
        torch::optim::AdamOptions(options.learning_rate * factor).weight_decay(decay));
  };
  std::vector<torch::optim::OptimizerParamGroup> groups;
  groups.emplace_back(networks.network->parameters(), rate(1, options.weight_decay));
  if (!networks.alignment->parameters().empty()) {
    groups.emplace_back(networks.alignment->parameters(), rate(options.adversary_rate, 0));
  }
  return torch::optim::Adam(std::move(groups), torch::optim::AdamOptions(options.learning_rate));
}

torch::Tensor loss_of(const torch::Tensor& logits, const Graph& graph, const torch::Tensor& part) {
  return functional::cross_entropy(logits.index_select(0, part),
                                   graph.labels.index_select(0, part));
}

double accuracy_of(const torch::Tensor& logits, const Graph& graph, const torch::Tensor& part) {
  const torch::Tensor hits =
      logits.index_select(0, part).argmax(1) == graph.labels.index_select(0, part);
  return 100.0 * hits.to(torch::kFloat64).mean().item<double>();
}

/// The rule of early stopping.
class EarlyStopping {
 public:
  /// Takes an epoch's figures; false when training shall end.
  bool goes_on(const Run& now, int64_t patience, Run& best) {
    const bool as_accurate = now.validation >= accuracy_, as_likely = now.validation_loss <= loss_;
    if (!as_accurate && !as_likely) return ++idle_ < patience;
    if (as_accurate && as_likely) {
      best = now;
      best.best_epoch = now.epochs;
    }
    accuracy_ = std::max(accuracy_, now.validation);
    loss_ = std::min(loss_, now.validation_loss);
    idle_ = 0;
    return true;
  }

 private:
  double accuracy_ = 0;
  double loss_ = std::numeric_limits<double>::infinity();
  int64_t idle_ = 0;
};

}  // namespace

Run train(const Graph& graph, const TrainingOptions& options, int64_t seed,
          const vqalign::CancelToken& cancel) {
  const auto start = std::chrono::steady_clock::now();
  Networks networks = make_networks(graph, options, seed);
  torch::optim::Adam optimiser = make_optimiser(networks, options);
  vqalign::DropoutStreams streams(static_cast<uint64_t>(seed));
  vqalign::Random random(static_cast<uint64_t>(seed), kSets);
  EarlyStopping stopping;
  Run now, best;
  now.seed = best.seed = seed;
  bool goes_on = true;
  while (goes_on && now.epochs < options.epochs) {
    cancel.check();
    std::vector<Tap> taps;
    const bool aligns = networks.alignment->active();
    const torch::Tensor logits =
        networks.network->forward(graph, &streams, aligns ? &taps : nullptr);
    torch::Tensor loss = loss_of(logits, graph, graph.train);
    if (aligns) {
      loss =
          loss + options.alignment.weight * networks.alignment->forward(taps, graph.edges, random);
    }
    optimiser.zero_grad();
    loss.backward();
    optimiser.step();

    const torch::NoGradGuard measuring;
    const torch::Tensor seen = networks.network->forward(graph, nullptr, nullptr);
    ++now.epochs;
    now.validation = accuracy_of(seen, graph, graph.validation);
    now.validation_loss = loss_of(seen, graph, graph.validation).item<double>();
    now.test = accuracy_of(seen, graph, graph.test);
    goes_on = stopping.goes_on(now, options.patience, best);
  }
  best.epochs = now.epochs;
  best.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return best;
}

}  // namespace graph_attention
