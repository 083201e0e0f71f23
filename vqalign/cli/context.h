#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "vqalign/core/cancel.h"
#include "vqalign/core/json.h"
#include "vqalign/core/options.h"
#include "vqalign/core/progress.h"

namespace vqalign {

/// The options that every verb takes.
struct GlobalOptions {
  bool json = false;
  bool quiet = false;
  int64_t seed = 1;
  int64_t threads = 0;  ///< 0: all
  std::string device = "cpu";
  std::vector<std::string> config_files;
  std::vector<std::string> assignments;  ///< --set, in the order given
};

/// What a verb works with besides its own options. While it lives, Ctrl-C and SIGTERM set cancel().
class Context {
 public:
  explicit Context(GlobalOptions options);

  const GlobalOptions& options() const { return options_; }
  const CancelToken& cancel() const { return cancel_; }
  Progress& progress() { return *progress_; }

  /// The config files in their order, then every --set in its order.
  void apply_options(const OptionTree& tree) const;
  /// For verbs that no option struct reaches: UsageError when --config or --set is given.
  void refuse_options() const;

  /// The result, on stdout: the JSON document with --json, else the text. Throws Cancelled instead
  /// when a stop was asked for meanwhile, and Error when stdout takes it not.
  void print_result(const Json& json, const std::string& text);

 private:
  GlobalOptions options_;
  CancelToken cancel_;
  SignalGuard guard_;
  std::unique_ptr<Progress> progress_;
};

/// Writes to stdout and flushes; Error when that fails, as with a full disk behind a redirection.
void print(const std::string& text);

}  // namespace vqalign
