#include <CLI/App.hpp>
#include <algorithm>
#include <filesystem>
#include <memory>

#include "vqalign/bench/apart.h"
#include "vqalign/bench/benchmark.h"
#include "vqalign/bench/feature_files.h"
#include "vqalign/bench/temporary_folder.h"
#include "vqalign/bench/timing.h"
#include "vqalign/core/atomic_file.h"
#include "vqalign/core/formats/packed_store.h"
#include "vqalign/core/philox.h"
#include "vqalign/vision/feature_store.h"

namespace vqalign {
namespace {

namespace fs = std::filesystem;

struct FeatureArguments {
  int64_t images = 300;
  int64_t regions = 36;
  int64_t width = 2048;
  fs::path from;
};

struct MeasuredStore {
  std::string name;
  fs::path path;
};

/// The same pictures in every format that is written here, the packed store first.
std::vector<MeasuredStore> write_stores(const fs::path& folder, const FeatureArguments& arguments,
                                        BenchContext& context) {
  const std::vector<MeasuredStore> stores = {{"packed float32", folder / "f32.vqf"},
                                             {"packed float16", folder / "f16.vqf"},
                                             {".npz stored", folder / "stored"},
                                             {".npz deflated", folder / "deflated"},
                                             {"TSV", folder / "f.tsv"}};
  PackedStoreWriter whole(stores[0].path, arguments.width, false);
  PackedStoreWriter half(stores[1].path, arguments.width, true);
  fs::create_directories(stores[2].path);
  fs::create_directories(stores[3].path);
  AtomicFile tsv(stores[4].path);
  context.progress.begin("writing features", arguments.images, "images");
  for (int64_t id = 1; id <= arguments.images; ++id) {
    context.cancel.check();
    const RegionFeatures picture = made_up_regions(id, arguments.regions, arguments.width);
    for (PackedStoreWriter* writer : {&whole, &half}) {
      writer->add(id, picture.image_width, picture.image_height, picture.boxes, picture.features);
    }
    const std::string name = std::to_string(id) + ".npz";
    write_region_npz(stores[2].path / name, picture, false);
    write_region_npz(stores[3].path / name, picture, true);
    tsv.write(region_tsv_line(id, picture));
    context.progress.update(id);
  }
  whole.finish();
  half.finish();
  tsv.commit();
  context.progress.end();
  return stores;
}

/// What of --from is measured: itself and packs of it, the float32 one first.
std::vector<MeasuredStore> pack_store(const fs::path& folder, const fs::path& from,
                                      BenchContext& context) {
  const std::vector<MeasuredStore> stores = {{"packed float32", folder / "f32.vqf"},
                                             {"packed float16", folder / "f16.vqf"},
                                             {"as it is", from}};
  const auto source = open_features(from, 0, INT64_MAX, &context.cancel);
  for (const bool half : {false, true}) {
    pack_features(*source, stores[half ? 1 : 0].path, half, context.progress, context.cancel);
  }
  return stores;
}

double megabytes_of(const fs::path& path) {
  if (!fs::is_directory(path)) return static_cast<double>(fs::file_size(path)) / kMegabyte;
  double bytes = 0;
  for (const auto& entry : fs::recursive_directory_iterator(path)) {
    if (entry.is_regular_file()) bytes += static_cast<double>(entry.file_size());
  }
  return bytes / kMegabyte;
}

/// Loads every picture once, in random order.
void load_all(const FeatureStore& store, const std::vector<int64_t>& order) {
  for (const int64_t id : order) store.load(id);
}

Report measure(const FeatureArguments& arguments, BenchContext& context) {
  prepare_torch(context.options);
  const TemporaryFolder folder;
  const std::vector<MeasuredStore> files = arguments.from.empty()
                                               ? write_stores(folder.path(), arguments, context)
                                               : pack_store(folder.path(), arguments.from, context);
  std::vector<std::unique_ptr<FeatureStore>> stores;
  std::vector<Contender> contenders;
  for (const MeasuredStore& file : files) {
    stores.push_back(open_features(file.path, 0, INT64_MAX, &context.cancel));
  }
  std::vector<int64_t> order = stores.front()->image_ids();
  Random random(1, 0);
  random.shuffle(order);
  for (std::size_t i = 0; i < files.size(); ++i) {
    contenders.push_back({files[i].name, [&, i] { load_all(*stores[i], order); }});
  }
  const int64_t repetitions = context.repetitions(7);
  const auto timings =
      time_side_by_side(contenders, repetitions, "loading", context.progress, context.cancel);
  const auto images = static_cast<int64_t>(order.size());
  Report report("features",
                Json::object()
                    .set("images", images)
                    .set("width", stores.front()->width())
                    .set("repetitions", repetitions),
                {{"store", "store"},
                 {"megabytes", "MB", 1},
                 {"images_per_second", "images/s", 0},
                 {"ratio", "time ratio", 2},
                 {"ratio_low", "from", 2},
                 {"ratio_high", "to", 2}});
  for (std::size_t i = 0; i < files.size(); ++i) {
    report.add({files[i].name, megabytes_of(files[i].path),
                static_cast<double>(images) / timings[i].seconds, timings[i].ratio,
                timings[i].ratio_low, timings[i].ratio_high});
  }
  return report;
}

}  // namespace

BenchAction define_features(CLI::App& app) {
  const auto arguments = std::make_shared<FeatureArguments>();
  add_count(app, "--images", arguments->images, 1, 1'000'000, "pictures of made-up features");
  add_count(app, "--regions", arguments->regions, 1, 10'000, "regions of a picture");
  add_count(app, "--width", arguments->width, 1, 100'000, "columns of the features");
  app.add_option("--from", arguments->from,
                 "measure these features, of any format, side by side with packs of them")
      ->type_name("ANY");
  app.footer("example:\n  vqalign-bench features --images 100");
  return [arguments](BenchContext& context) { return measure(*arguments, context); };
}

}  // namespace vqalign
