#include "vqalign/cli/program.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <map>

#include "vqalign/cli/arguments.h"
#include "vqalign/cli/context.h"
#include "vqalign/cli/failure.h"
#include "vqalign/cli/runtime.h"
#include "vqalign/cli/verbs.h"
#include "vqalign/core/error.h"
#include "vqalign/train/device.h"

namespace vqalign {
namespace {

constexpr const char* kExample =
    "vqalign scenes --out scenes --train 200 --val 50 --test 0\n"
    "vqalign train --data scenes --out model.safetensors --epochs 1\n"
    "vqalign eval --model model.safetensors --data scenes --split val";

/// The command line's grammar: the program and its verbs.
struct Grammar {
  CLI::App app{"Visual question answering with alignment attention.", "vqalign"};
  GlobalOptions globals;
  std::map<const CLI::App*, VerbAction> actions;

  Grammar() {
    app.set_version_flag("--version", "vqalign " VQALIGN_VERSION, "print the version");
    app.get_formatter()->label("SUBCOMMAND", "VERB");
    app.get_formatter()->label("Subcommands", "Verbs");
    app.get_formatter()->column_width(28);
    app.require_subcommand(0, 1);
    add_global_options(app, globals);
    end_help(app, kExample);
    for (const Verb& verb : verbs()) {
      CLI::App& sub = *app.add_subcommand(verb.name, verb.summary)->group("Verbs");
      sub.set_help_flag("-h,--help", "print this help");
      actions[&sub] = verb.define(sub);
      add_global_options(sub, globals);
    }
    app.set_help_flag("-h,--help", "print this help");
  }

  const CLI::App* chosen() const {
    const auto parsed = app.get_subcommands();
    return parsed.empty() ? nullptr : parsed.front();
  }

  std::string help_hint() const {
    return concat("see vqalign ", chosen() ? chosen()->get_name() + " " : "", "--help");
  }
};

std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

/// "did you mean NEAREST?" where one is near, and where all of them are told otherwise.
std::string suggestion(const Grammar& grammar, const std::string& written,
                       const std::vector<std::string>& names) {
  const std::string nearest = nearest_name(written, names);
  const bool near = edit_distance(written, nearest) <= std::max<std::size_t>(1, written.size() / 2);
  return near ? concat("did you mean ", nearest, "?") : grammar.help_hint();
}

/// What is wrong with an argument that the grammar has no place for.
[[noreturn]] void refuse_argument(const Grammar& grammar, const std::string& argument) {
  const CLI::App* verb = grammar.chosen();
  if (argument.starts_with("-")) {
    const std::string name = argument.substr(0, argument.find('='));
    throw UsageError(concat("unknown option ", name),
                     suggestion(grammar, name, option_names(verb ? *verb : grammar.app)));
  }
  if (verb) {
    const std::string name = verb->get_name();
    const bool asks = name == "ask" || name == "figure";
    throw UsageError(concat("unexpected argument \"", argument, "\""),
                     asks ? "put the question in quotes" : grammar.help_hint());
  }
  std::vector<std::string> names;
  for (const Verb& known : verbs()) names.emplace_back(known.name);
  throw UsageError(concat("unknown verb \"", argument, "\""), suggestion(grammar, argument, names));
}

/// Reads the command line; true when it asked for text that has been printed.
bool parse(Grammar& grammar, int argc, const char* const* argv) {
  try {
    grammar.app.parse(argc, argv);
    return false;
  } catch (const CLI::CallForHelp&) {
    std::string help = grammar.app.help();
    while (help.ends_with("\n\n")) help.pop_back();
    print(help);
    return true;
  } catch (const CLI::CallForVersion& version) {
    print(std::string(version.what()) + "\n");
    return true;
  } catch (const CLI::ParseError& error) {
    const std::vector<std::string> left_over = grammar.app.remaining(true);
    if (!left_over.empty()) refuse_argument(grammar, left_over.front());
    const std::string text = error.what();
    if (text.find("At Most 1") != std::string::npos) {
      throw UsageError(concat(text.substr(0, text.find(':')), " is given more than once"));
    }
    throw UsageError(text, grammar.help_hint());
  }
}

void run(int argc, const char* const* argv) {
  Grammar grammar;
  if (parse(grammar, argc, argv)) return;
  if (!grammar.chosen()) throw UsageError("no verb given", "see vqalign --help");
  check_device(grammar.globals.device);
  Context context(grammar.globals);
  grammar.actions.at(grammar.chosen())(context);
}

}  // namespace

int run_program(int argc, const char* const* argv) {
  // A file that grows past a limit is then an error of write(), like a full disk.
  std::signal(SIGXFSZ, SIG_IGN);
  try {
    run(argc, argv);
    return 0;
  } catch (...) {
    const Failure failure = describe_current_exception();
    std::fprintf(stderr, "vqalign: %s\n", failure.line.c_str());
    return failure.status;
  }
}

}  // namespace vqalign
