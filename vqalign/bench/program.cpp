#include "vqalign/bench/program.h"

#include <c10/util/Exception.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <map>
#include <memory>
#include <new>

#include "vqalign/bench/benchmark.h"
#include "vqalign/core/error.h"
#include "vqalign/core/options.h"

namespace vqalign {
namespace {

void print(const std::string& text) {
  if (std::fputs(text.c_str(), stdout) < 0 || std::fflush(stdout) != 0) {
    fail("standard output: cannot be written");
  }
}

/// The command line's grammar: the program and its benchmarks.
struct Grammar {
  CLI::App app{"Measures what the README claims, side by side with a reference.", "vqalign-bench"};
  BenchOptions options;
  std::map<const CLI::App*, BenchAction> actions;

  Grammar() {
    app.get_formatter()->label("SUBCOMMAND", "BENCHMARK");
    app.get_formatter()->label("Subcommands", "Benchmarks");
    app.get_formatter()->column_width(28);
    app.set_version_flag("--version", "vqalign-bench " VQALIGN_VERSION, "print the version");
    app.require_subcommand(1);
    app.footer("example:\n  vqalign-bench step --recipe scenes --batch 16");
    for (const Benchmark& benchmark : benchmarks()) {
      CLI::App& sub = *app.add_subcommand(benchmark.name, benchmark.summary)->group("Benchmarks");
      actions[&sub] = benchmark.define(sub);
      add_common_options(sub);
    }
  }

  /// What is wrong with an argument that the grammar has no place for.
  [[noreturn]] void refuse(const std::string& argument) const {
    std::vector<std::string> names;
    for (const Benchmark& benchmark : benchmarks()) names.emplace_back(benchmark.name);
    if (argument.starts_with("-") || !app.get_subcommands().empty()) {
      throw UsageError(concat("no place for \"", argument, "\""), "see vqalign-bench --help");
    }
    throw UsageError(concat("unknown benchmark \"", argument, "\""),
                     concat("did you mean ", nearest_name(argument, names), "?"));
  }

  void add_common_options(CLI::App& sub) {
    sub.add_flag("--json", options.json, "one JSON document on stdout in place of the table");
    sub.add_flag("--quiet", options.quiet, "no progress, errors only");
    add_count(sub, "--threads", options.threads, 0, 1024, "threads to compute with, 0: all");
    add_count(sub, "--repetitions", options.repetitions, 0, 100'000,
              "how often each thing is timed, 0: the benchmark's own number");
  }
};

void run(int argc, const char* const* argv) {
  Grammar grammar;
  try {
    grammar.app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    const auto chosen = grammar.app.get_subcommands();
    print((chosen.empty() ? grammar.app : *chosen.front()).help());
    return;
  } catch (const CLI::CallForVersion& version) {
    print(std::string(version.what()) + "\n");
    return;
  } catch (const CLI::ParseError& error) {
    const std::vector<std::string> left_over = grammar.app.remaining(true);
    if (!left_over.empty()) grammar.refuse(left_over.front());
    throw UsageError(error.what(), "see vqalign-bench --help");
  }
  CancelToken cancel;
  const SignalGuard guard(cancel);
  std::unique_ptr<Progress> progress;
  if (grammar.options.quiet) {
    progress = std::make_unique<SilentProgress>();
  } else {
    progress = std::make_unique<TerminalProgress>();
  }
  BenchContext context{grammar.options, *progress, cancel};
  const Report report = grammar.actions.at(grammar.app.get_subcommands().front())(context);
  progress->end();
  print(grammar.options.json ? report.to_json().dump(2) + "\n" : report.to_text());
}

int complain(int status, const std::string& what, const std::string& hint = {}) {
  const std::string line = what.substr(0, what.find('\n'));
  std::fprintf(stderr, "vqalign-bench: %s%s%s\n", line.c_str(), hint.empty() ? "" : "; ",
               hint.c_str());
  return status;
}

}  // namespace

int run_bench(int argc, const char* const* argv) {
  try {
    run(argc, argv);
    return 0;
  } catch (const Cancelled& cancelled) {
    return complain(130, cancelled.what());
  } catch (const UsageError& error) {
    return complain(2, error.what(), error.hint());
  } catch (const Error& error) {
    return complain(1, error.what(), error.hint());
  } catch (const c10::Error& error) {
    return complain(1, error.what_without_backtrace());
  } catch (const std::bad_alloc&) {
    return complain(1, "not enough memory for this", "smaller batches (--batch) need less");
  } catch (const std::exception& error) {
    return complain(1, error.what());
  }
}

}  // namespace vqalign
