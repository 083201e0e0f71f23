#include <CLI/CLI.hpp>
#include <chrono>
#include <limits>
#include <memory>

#include "vqalign/cli/arguments.h"
#include "vqalign/cli/context.h"
#include "vqalign/cli/packed_report.h"
#include "vqalign/cli/verbs.h"

namespace vqalign {
namespace {

struct PackArguments {
  std::filesystem::path from;
  std::filesystem::path out;
  bool half = false;
};

void pack(const PackArguments& arguments, Context& context) {
  context.refuse_options();
  check_outputs({arguments.out}, {arguments.from});
  const auto begun = std::chrono::steady_clock::now();
  const std::unique_ptr<FeatureStore> from =
      open_features(arguments.from, 0, std::numeric_limits<int64_t>::max(), &context.cancel());
  const PackedSummary summary =
      pack_features(*from, arguments.out, arguments.half, context.progress(), context.cancel());
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begun;
  print_packed(arguments.out, summary, taken.count(), context);
}

}  // namespace

VerbAction define_pack(CLI::App& app) {
  const auto arguments = std::make_shared<PackArguments>();
  add_path(app, "--from", arguments->from,
           "region features: a folder of .npz, a TSV, an HDF5 file or a packed store", "ANY")
      ->required();
  add_path(app, "--out", arguments->out, "packed store to write", "F")->required();
  app.add_flag("--half", arguments->half, "round to float16, which halves the file");
  end_help(app,
           "vqalign scenes --out scenes --train 20 --val 0 --test 0\n"
           "vqalign extract --data scenes --split train --encoder grid --out f.vqf\n"
           "vqalign pack --from f.vqf --out half.vqf --half");
  return [arguments](Context& context) { pack(*arguments, context); };
}

}  // namespace vqalign
