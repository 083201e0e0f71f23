#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "vqalign/core/cancel.h"
#include "vqalign/core/options.h"
#include "vqalign/core/progress.h"

namespace vqalign {

/// How scenes are drawn and asked about. The defaults are the generator's full difficulty.
struct SceneOptions {
  int64_t min_objects = 1;
  int64_t max_objects = 10;
  int64_t shapes = 8;  ///< how many of the kinds are used
  int64_t colours = 10;
  int64_t sizes = 3;
  bool noise = true;  ///< noisy, graded and textured backgrounds besides plain ones
  bool overlaps = true;
  bool rotations = true;
  double boxes = 0;  ///< share of pictures of boxes side by side, with statements about them
  double disagreement = 0.1;  ///< chance that one of the ten answers is another plausible one
  std::vector<std::string> families = {};  ///< asked, the oftener the oftener named; empty: all

  std::vector<OptionField> fields();
};

/// The family names in order: "exist", "count", "colour", "shape", "size", "place", "relation",
/// "compare" (what each asks stands in scenes.cpp's table and the README). What is said of boxes is
/// a family beside them, "box".
const std::vector<std::string>& scene_families();

/// Draws train2014, val2014 and test2015 into `directory` in VQA v2 layout: PNG pictures,
/// questions, annotations (none for test2015), scenes_<split>.json. Counts are numbers of
/// questions, 0 is allowed; existing files are replaced; ids are unique across splits. The same
/// options and seed give identical files for any number of threads.
void write_scenes(const std::filesystem::path& directory, int64_t train, int64_t val, int64_t test,
                  const SceneOptions& options, uint64_t seed, Progress& progress,
                  const CancelToken& cancel, int threads = 0);

}  // namespace vqalign
