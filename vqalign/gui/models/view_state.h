#pragma once

#include <filesystem>
#include <string>

#include "vqalign/core/json.h"
#include "vqalign/figure/figure_options.h"
#include "vqalign/figure/heads_grid.h"
#include "vqalign/inspect/weighing.h"

namespace vqalign {

/// Everything that decides what the window's views show of a picture and a question: what undo and
/// redo restore, what a session keeps, and what `vqalign figure` is told by "copy as command".
struct ViewState {
  std::filesystem::path picture = {};
  std::string question = {};
  WeightChoice weights = {};
  AttentionFamily family = AttentionFamily::kGuided;  ///< of the matrix and the selected head
  Edits edits = {};
  int64_t passes = 0;                                 ///< AskOptions::passes
  HeadStatistic statistic = HeadStatistic::kEntropy;  ///< heads are told and sorted by
  bool sorted = false;
  std::string colours = "viridis";
  double opacity = 0.65;
  double scale = 0;       ///< weight of the last colour; 0: each map its own
  bool outlines = false;  ///< boxes of the 20 largest regions, not only of three

  bool operator==(const ViewState&) const = default;

  /// The head that is selected, where one is.
  std::optional<HeadSite> selected() const;
};

/// The options that draw it; `view` is figure.view.
FigureOptions figure_options(const ViewState& state, const std::string& view,
                             const std::string& theme);

/// A line for the shell that draws what is seen: vqalign figure PICTURE QUESTION --model M --top N
/// [--passes N] --out figure.svg --set ..., with every option that is not the default, quoted for a
/// POSIX shell.
std::string figure_command(const ViewState& state, const std::string& view,
                           const std::string& theme, const std::filesystem::path& model);

/// A session as JSON: {"format": 1, "model": "...", "picture": "...", "question": "...",
/// "figure": {...}, "statistic": "entropy", "outlines": false, "passes": 20}. Without "passes", as
/// sessions of before have it, there are none. Paths below the folder of the
/// session file are kept relative to it, so that it may move together with them.
struct Session {
  std::filesystem::path model = {};
  ViewState state = {};

  bool operator==(const Session&) const = default;
};
void write_session(const std::filesystem::path& file, const Session& session);
/// Error naming the file and the member when it is no session of this format.
Session read_session(const std::filesystem::path& file);

}  // namespace vqalign
