#include "vqalign/cli/context.h"

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "vqalign/core/error.h"
#include "vqalign/core/log.h"

namespace vqalign {
namespace {

constexpr const char* kStopping =
    "\nvqalign: stopping, what is done is being kept; once more ends at once\n";

}  // namespace

Context::Context(GlobalOptions options)
    : options_(std::move(options)), guard_(cancel_, options_.quiet ? nullptr : kStopping) {
  set_log_quiet(options_.quiet);
  if (options_.quiet) {
    progress_ = std::make_unique<SilentProgress>();
  } else {
    progress_ = std::make_unique<TerminalProgress>();
  }
}

void Context::apply_options(const OptionTree& tree) const {
  for (const std::string& file : options_.config_files) {
    options_from_json(tree, read_json(file), file);
  }
  for (const std::string& assignment : options_.assignments) set_option(tree, assignment);
}

void Context::refuse_options() const {
  if (!options_.config_files.empty()) throw UsageError("this verb has no options for --config");
  if (!options_.assignments.empty()) {
    throw UsageError(
        concat("--set ", options_.assignments.front(), ": this verb has no such options"));
  }
}

void Context::print_result(const Json& json, const std::string& text) {
  progress_->end();
  cancel_.check();
  print(options_.json ? json.dump(2) + "\n" : text);
}

void print(const std::string& text) {
  errno = 0;
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0) {
    fail("standard output: cannot write: ", std::strerror(errno));
  }
}

}  // namespace vqalign
