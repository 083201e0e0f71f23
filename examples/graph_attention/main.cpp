// Graph attention with and without alignment: one graph, some ways of aligning, some seeds, a
// table.
#include <ATen/Parallel.h>
#include <c10/util/Exception.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <future>
#include <thread>

#include "block_model.h"
#include "graph_files.h"
#include "results.h"
#include "training.h"
#include "vqalign/core/error.h"
#include "vqalign/core/memory.h"
#include "vqalign/core/progress.h"

namespace graph_attention {
namespace {

struct Arguments {
  std::string graph;
  std::string runs;
  std::vector<std::string> kinds = {"none", "gan", "ct"};
  std::string score = "additive";
  int64_t seeds = 20;
  int64_t first_seed = 1;
  int64_t jobs = 1;
  TrainingOptions training;
  BlockModelOptions blocks;
};

void define_alignment(CLI::App& app, AlignmentOptions& options) {
  app.add_option("--weight", options.weight, "lambda: factor of the distances in the loss")
      ->check(CLI::NonNegativeNumber);
  app.add_option("--sets", options.sets, "whose queries and keys make a pair of sets")
      ->check(CLI::IsMember({"nodes", "neighbourhood"}));
  app.add_option("--points", options.points,
                 "nodes, or neighbourhoods, drawn anew at each step; 0: all")
      ->check(CLI::NonNegativeNumber);
  app.add_option("--neighbours", options.neighbours, "most points of a neighbourhood")
      ->check(CLI::Range(1, 1000));
  app.add_option("--layers", options.layers, "which layers are aligned")
      ->check(CLI::Range(int64_t{0}, GatImpl::kLayers - 1));
  app.add_option("--block", options.block,
                 "points compared at a time (ct, ot, mmd); 0: chosen by their number")
      ->check(CLI::NonNegativeNumber);
  app.add_option("--hidden", options.hidden, "width inside of critic, navigator, discriminator")
      ->check(CLI::Range(1, 64));
}

void define(CLI::App& app, Arguments& arguments) {
  app.option_defaults()->always_capture_default();
  app.add_option("--graph", arguments.graph,
                 "an .npz or a folder with nodes.csv and edges.csv; none: a stochastic block model")
      ->check(CLI::ExistingPath)
      ->capture_default_str();
  app.add_option("--align", arguments.kinds, "ways of aligning; the others are held to the first")
      ->check(CLI::IsMember({"none", "gan", "ct", "ot", "mmd"}));
  app.add_option("--score", arguments.score, "what scores an edge")
      ->check(CLI::IsMember({"additive", "dot"}));
  app.add_option("--seeds", arguments.seeds, "how many")->check(CLI::Range(1, 10000));
  app.add_option("--first-seed", arguments.first_seed, "the first of them")
      ->check(CLI::Range(0, 1000000));
  app.add_option("--jobs", arguments.jobs, "trainings at a time, a thread each")
      ->check(CLI::Range(1, 256));
  app.add_option("--epochs", arguments.training.epochs, "at most so many")
      ->check(CLI::Range(1, 1000000));
  app.add_option("--patience", arguments.training.patience, "epochs without a better one")
      ->check(CLI::Range(1, 1000000));
  app.add_option("--adversary-rate", arguments.training.adversary_rate,
                 "learning rate of alignment's networks, in units of the rest's")
      ->check(CLI::PositiveNumber);
  app.add_option("--dropout", arguments.training.network.dropout, "of inputs and attention weights")
      ->check(CLI::Range(0.0, 0.95));
  app.add_flag("--value-dropout,!--no-value-dropout", arguments.training.network.value_dropout,
               "dropout of the values that attention sums too")
      ->default_str("true");
  app.add_option("--runs", arguments.runs, "CSV file to write, a row a run");
  app.add_option("--nodes", arguments.blocks.nodes, "size of the block model")
      ->check(CLI::Range(1, 20000));
  define_alignment(app, arguments.training.alignment);
  app.footer("example:\n  graph_attention --graph cora.npz --align none gan ct --jobs 2");
}

/// All settings and seeds, `jobs` at a time, seed by seed.
std::vector<Setting> run_all(const Graph& graph, const Arguments& arguments) {
  std::vector<Setting> settings;
  for (const std::string& kind : arguments.kinds) {
    settings.push_back({kind, std::vector<Run>(arguments.seeds)});
  }
  vqalign::CancelToken cancel;
  const vqalign::SignalGuard guard(cancel);
  const int64_t total = arguments.seeds * static_cast<int64_t>(settings.size());
  std::atomic<int64_t> next = 0, done = 0;
  const auto work = [&] {
    for (int64_t at; (at = next++) < total; ++done) {
      Setting& setting = settings[at % settings.size()];
      const int64_t place = at / static_cast<int64_t>(settings.size());
      TrainingOptions options = arguments.training;
      options.alignment.kind = setting.name;
      setting.runs[place] = train(graph, options, arguments.first_seed + place, cancel);
    }
  };
  std::vector<std::future<void>> workers;
  for (int64_t job = 0; job < std::min(arguments.jobs, total); ++job) {
    workers.push_back(std::async(std::launch::async, [&] {
      try {
        work();
      } catch (...) {
        cancel.request();
        throw;
      }
    }));
  }
  vqalign::TerminalProgress progress;
  progress.begin("training", total, "networks", 0);
  for (auto& worker : workers) {
    while (worker.wait_for(std::chrono::milliseconds(200)) != std::future_status::ready) {
      progress.update(done);
    }
  }
  progress.end();
  // What stopped the others is told before that they were stopped.
  std::exception_ptr cancelled;
  for (auto& worker : workers) {
    try {
      worker.get();
    } catch (const vqalign::Cancelled&) {
      cancelled = std::current_exception();
    }
  }
  if (cancelled) std::rethrow_exception(cancelled);
  return settings;
}

int run(int argc, char** argv) {
  Arguments arguments;
  CLI::App app{"Trains graph attention networks with and without alignment attention.",
               "graph_attention"};
  define(app, arguments);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& asked) {
    return app.exit(asked);
  } catch (const CLI::ParseError& error) {
    throw vqalign::UsageError(error.what());
  }
  arguments.training.network.score = arguments.score == "dot" ? Score::kDot : Score::kAdditive;
  // Trainings run side by side; each of their operations is too small to be divided.
  at::set_num_threads(1);
  const Graph graph = checked_graph(arguments.graph.empty() ? block_model(arguments.blocks, 1)
                                                            : read_graph(arguments.graph));
  if (graph.isolated > 0) {
    std::fprintf(stderr,
                 "graph_attention: %s: %lld nodes have no edge, they see themselves alone\n",
                 graph.name.c_str(), static_cast<long long>(graph.isolated));
  }
  const std::vector<Setting> settings = run_all(graph, arguments);
  if (!arguments.runs.empty()) write_runs(arguments.runs, settings);
  std::printf("%s, %s, %lld seeds\n\n%s", graph.name.c_str(), arguments.score.c_str(),
              static_cast<long long>(arguments.seeds), results_table(settings).c_str());
  return 0;
}

int complain(int status, const char* what) {
  std::fprintf(stderr, "graph_attention: %s\n", what);
  return status;
}

}  // namespace
}  // namespace graph_attention

int main(int argc, char** argv) {
  using graph_attention::complain;
  vqalign::keep_freed_memory();
  try {
    return graph_attention::run(argc, argv);
  } catch (const vqalign::Cancelled& cancelled) {
    return complain(130, cancelled.what());
  } catch (const vqalign::UsageError& error) {
    return complain(2, error.what());
  } catch (const c10::Error& error) {
    return complain(1, error.what_without_backtrace());
  } catch (const std::exception& error) {
    return complain(1, error.what());
  }
}
