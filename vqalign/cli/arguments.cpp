#include "vqalign/cli/arguments.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <limits>
#include <thread>

#include "vqalign/cli/context.h"
#include "vqalign/core/atomic_file.h"
#include "vqalign/core/error.h"
#include "vqalign/core/json.h"

namespace vqalign {
namespace {

constexpr int64_t kMostThreads = 256;
constexpr const char* kGlobalGroup = "Everywhere";

/// A bound of a range as people write it: 1000000, 0.01.
template <typename Number>
std::string bound_text(Number bound) {
  std::string text = Json(bound).dump();
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  return text;
}

/// The number that `text` spells; wrong usage when it spells none or one out of range.
template <typename Number>
Number number_within(const std::string& name, const std::string& text, Number minimum,
                     Number maximum, const char* expected) {
  Number value{};
  const char* end = text.data() + text.size();
  const auto [stop, code] = std::from_chars(text.data(), end, value);
  if (stop != end || code == std::errc::invalid_argument) {
    throw UsageError(concat(name, ": expected ", expected, ", found \"", text, "\""));
  }
  // Written so that NaN is out of every range.
  if (code != std::errc{} || !(value >= minimum && value <= maximum)) {
    throw UsageError(concat(name, " is ", text, ", allowed is ", bound_text(minimum), " to ",
                            bound_text(maximum)));
  }
  return value;
}

void check_text(const std::string& name, const std::string& text) {
  if (text.empty()) throw UsageError(concat(name, " is empty"));
  if (text.starts_with("--")) throw UsageError(concat(name, " has no value before ", text));
}

CLI::Option* add_text(CLI::App& app, const std::string& name, const std::string& type,
                      const std::string& help, std::function<void(const std::string&)> take) {
  const std::function<void(const std::string&)> checked = [name, take](const std::string& text) {
    check_text(name, text);
    take(text);
  };
  return app.add_option_function<std::string>(name, checked, help)->type_name(type);
}

CLI::Option* add_repeatable(CLI::App& app, const std::string& name, const std::string& type,
                            std::vector<std::string>& target, const std::string& help) {
  return app.add_option(name, target, help)->type_name(type)->allow_extra_args(false);
}

/// More than a few threads a core only cost memory, and far more cannot be started at all.
int64_t most_threads() {
  return std::max(kMostThreads, int64_t{4} * std::thread::hardware_concurrency());
}

}  // namespace

CLI::Option* add_path(CLI::App& app, const std::string& name, std::filesystem::path& target,
                      const std::string& help, const std::string& type) {
  return add_text(app, name, type, help, [&target](const std::string& text) { target = text; });
}

CLI::Option* add_paths(CLI::App& app, const std::string& name,
                       std::vector<std::filesystem::path>& targets, const std::string& help,
                       const std::string& type) {
  const std::function<void(const std::vector<std::string>&)> take =
      [name, &targets](const std::vector<std::string>& texts) {
        for (const std::string& text : texts) {
          check_text(name, text);
          targets.emplace_back(text);
        }
      };
  return app.add_option_function<std::vector<std::string>>(name, take, help)->type_name(type);
}

CLI::Option* add_word(CLI::App& app, const std::string& name, std::string& target,
                      const std::string& help, const std::string& type) {
  return add_text(app, name, type, help, [&target](const std::string& text) { target = text; });
}

CLI::Option* add_integer(CLI::App& app, const std::string& name, int64_t& target, int64_t minimum,
                         int64_t maximum, const std::string& help) {
  return add_text(app, name, "N", help, [=, &target](const std::string& text) {
    target = number_within(name, text, minimum, maximum, "a whole number");
  });
}

CLI::Option* add_integer(CLI::App& app, const std::string& name, std::optional<int64_t>& target,
                         int64_t minimum, int64_t maximum, const std::string& help) {
  return add_text(app, name, "N", help, [=, &target](const std::string& text) {
    target = number_within(name, text, minimum, maximum, "a whole number");
  });
}

CLI::Option* add_number(CLI::App& app, const std::string& name, std::optional<double>& target,
                        double minimum, double maximum, const std::string& help) {
  return add_text(app, name, "X", help, [=, &target](const std::string& text) {
    target = number_within(name, text, minimum, maximum, "a number");
  });
}

void add_global_options(CLI::App& app, GlobalOptions& options) {
  app.add_flag("--json", options.json, "the result as one JSON document")->group(kGlobalGroup);
  app.add_flag("--quiet", options.quiet, "nothing on stderr but errors")->group(kGlobalGroup);
  add_integer(app, "--seed", options.seed, 0, std::numeric_limits<int64_t>::max(),
              "of all random numbers (default 1)")
      ->group(kGlobalGroup);
  add_integer(app, "--threads", options.threads, 1, most_threads(), "to compute with (default all)")
      ->group(kGlobalGroup);
  add_text(app, "--device", "D", "cpu, cuda or cuda:N (default cpu)",
           [&options](const std::string& text) { options.device = text; })
      ->group(kGlobalGroup);
  add_repeatable(app, "--config", "FILE", options.config_files,
                 "options from a JSON file, {\"group\": {\"name\": value}}")
      ->group(kGlobalGroup);
  add_repeatable(app, "--set", "KEY=VALUE", options.assignments,
                 "one option by its name, after all --config; repeatable")
      ->group(kGlobalGroup);
}

void add_data_options(CLI::App& app, DataSource& source, const std::string& split_help) {
  add_path(app, "--data", source.directory, "dataset in VQA v2 layout", "DIR");
  add_text(app, "--split", "S", split_help,
           [&source](const std::string& text) { source.split = text; });
  add_path(app, "--questions", source.questions, "questions file, in place of the dataset's");
  add_path(app, "--annotations", source.annotations, "annotations file, in place of the dataset's");
  add_path(app, "--images", source.images, "folder of pictures, in place of the dataset's", "DIR");
  add_path(app, "--features", source.features, "stored region features in place of pictures", "F");
}

void add_model_option(CLI::App& app, std::filesystem::path& target) {
  add_path(app, "--model", target, "model file (default: the shipped one)");
}

void add_uncalibrated_option(CLI::App& app, bool& target) {
  app.add_flag("--uncalibrated", target,
               "probabilities as the network gives them, whatever calibration the model has");
}

void end_help(CLI::App& app, const std::string& example, std::function<std::string()> options_text,
              const std::string& heading) {
  app.footer([example, options_text = std::move(options_text), heading] {
    std::string text;
    if (options_text) text = heading + options_text() + "\n";
    text += "Example:\n";
    for (std::size_t start = 0; start < example.size();) {
      const std::size_t end = std::min(example.find('\n', start), example.size());
      text += "  " + example.substr(start, end - start) + "\n";
      start = end + 1;
    }
    text.pop_back();
    return text;
  });
}

void check_output(const std::filesystem::path& path) {
  if (path.empty()) return;
  std::error_code ignored;
  const std::filesystem::file_status status = std::filesystem::status(path, ignored);
  if (std::filesystem::is_directory(status)) fail(path.string(), ": is a folder, not a file");
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) {
    fail(path.string(), ": is a device or pipe, which a finished file cannot replace");
  }
  const std::filesystem::path folder = path.parent_path();
  if (!folder.empty() && !std::filesystem::exists(folder, ignored)) {
    throw Error(concat(path.string(), ": there is no folder ", folder.string()),
                "make it, or write elsewhere");
  }
  const AtomicFile probe(path);
}

void check_outputs(const std::vector<std::filesystem::path>& outputs,
                   const std::vector<std::filesystem::path>& inputs) {
  std::vector<std::filesystem::path> taken;
  for (const std::filesystem::path& output : outputs) {
    if (output.empty()) continue;
    for (const std::filesystem::path& input : inputs) {
      std::error_code missing;
      if (!std::filesystem::equivalent(output, input, missing)) continue;
      throw UsageError(concat(output.string(), " would be replaced, though it is read"));
    }
    const std::filesystem::path plain = std::filesystem::absolute(output).lexically_normal();
    if (std::find(taken.begin(), taken.end(), plain) != taken.end()) {
      throw UsageError(concat(output.string(), " would be written twice"));
    }
    taken.push_back(plain);
    check_output(output);
  }
}

std::vector<std::filesystem::path> files_of(const DataSource& source) {
  std::vector<std::filesystem::path> files;
  for (const SplitPaths& split : resolve_splits(source)) {
    files.push_back(split.questions);
    if (!split.annotations.empty()) files.push_back(split.annotations);
  }
  return files;
}

}  // namespace vqalign
