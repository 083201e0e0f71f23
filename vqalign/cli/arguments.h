#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "vqalign/data/dataset.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace vqalign {

struct GlobalOptions;

/// Adds --json, --quiet, --seed, --threads, --device, --config and --set.
void add_global_options(CLI::App& app, GlobalOptions& options);

/// An option that takes a file or folder. Its value may be neither empty nor look like an option.
CLI::Option* add_path(CLI::App& app, const std::string& name, std::filesystem::path& target,
                      const std::string& help, const std::string& type = "FILE");

/// The same of one or more, after the option or by repeating it.
CLI::Option* add_paths(CLI::App& app, const std::string& name,
                       std::vector<std::filesystem::path>& targets, const std::string& help,
                       const std::string& type = "FILE");

/// The same of a name.
CLI::Option* add_word(CLI::App& app, const std::string& name, std::string& target,
                      const std::string& help, const std::string& type = "NAME");

/// Numbers of a range, both ends allowed; anything else is wrong usage that names the range.
CLI::Option* add_integer(CLI::App& app, const std::string& name, int64_t& target, int64_t minimum,
                         int64_t maximum, const std::string& help);
CLI::Option* add_integer(CLI::App& app, const std::string& name, std::optional<int64_t>& target,
                         int64_t minimum, int64_t maximum, const std::string& help);
CLI::Option* add_number(CLI::App& app, const std::string& name, std::optional<double>& target,
                        double minimum, double maximum, const std::string& help);

/// Adds --data, --split, --questions, --annotations, --images and --features.
void add_data_options(CLI::App& app, DataSource& source, const std::string& split_help);

/// Adds --model; without it the shipped model is taken (shipped_files.h).
void add_model_option(CLI::App& app, std::filesystem::path& target);

/// Adds --uncalibrated.
void add_uncalibrated_option(CLI::App& app, bool& target);

/// Ends a verb's --help: the options that --set reaches (or what `heading` says), when there are
/// some, and an example that runs, a command a line.
void end_help(CLI::App& app, const std::string& example,
              std::function<std::string()> options_text = {},
              const std::string& heading = "Options for --set and --config:\n");

/// Finds out before hours of work whether a file can be written: Error when its folder is missing
/// or closed to us, or when something that is no plain file bears its name. Empty is fine.
void check_output(const std::filesystem::path& path);

/// The same of several, and UsageError where one is also read, or written twice.
void check_outputs(const std::vector<std::filesystem::path>& outputs,
                   const std::vector<std::filesystem::path>& inputs);

/// The JSON files that a source names.
std::vector<std::filesystem::path> files_of(const DataSource& source);

}  // namespace vqalign
