#pragma once

#include <functional>
#include <span>

namespace CLI {
class App;
}

namespace vqalign {

class Context;

/// What a verb does once the command line is read.
using VerbAction = std::function<void(Context&)>;

/// A verb of the program. One file each, verb_<name>.cpp; the table stands in verbs.cpp.
struct Verb {
  const char* name;
  const char* summary;
  /// Declares the verb's own options (the global ones are added for it) and returns what it does.
  VerbAction (*define)(CLI::App& app);
};

std::span<const Verb> verbs();

VerbAction define_scenes(CLI::App& app);
VerbAction define_train(CLI::App& app);
VerbAction define_eval(CLI::App& app);
VerbAction define_robustness(CLI::App& app);
VerbAction define_experiment(CLI::App& app);
VerbAction define_predict(CLI::App& app);
VerbAction define_score(CLI::App& app);
VerbAction define_ask(CLI::App& app);
VerbAction define_figure(CLI::App& app);  ///< only where figures are built (VQALIGN_QT)
VerbAction define_attention(CLI::App& app);
VerbAction define_info(CLI::App& app);
VerbAction define_check(CLI::App& app);
VerbAction define_extract(CLI::App& app);
VerbAction define_pack(CLI::App& app);
VerbAction define_import(CLI::App& app);
VerbAction define_export(CLI::App& app);

}  // namespace vqalign
