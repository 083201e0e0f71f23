#include <CLI/CLI.hpp>
#include <memory>

#include "vqalign/cli/arguments.h"
#include "vqalign/cli/context.h"
#include "vqalign/cli/text_output.h"
#include "vqalign/cli/verbs.h"
#include "vqalign/core/error.h"
#include "vqalign/data/scenes.h"
#include "vqalign/inspect/evidence.h"

namespace vqalign {
namespace {

constexpr int64_t kMostQuestions = 10'000'000;

struct SceneArguments {
  std::filesystem::path out;
  int64_t train = 0;
  int64_t val = 0;
  int64_t test = 0;
};

void draw(const SceneArguments& arguments, Context& context) {
  SceneOptions options;
  context.apply_options({{"scenes", options.fields()}});
  std::error_code failed;
  std::filesystem::create_directories(arguments.out, failed);
  if (!std::filesystem::is_directory(arguments.out)) {
    fail(arguments.out.string(),
         ": cannot make this folder: ", failed ? failed.message() : "there is a file of that name");
  }
  const GlobalOptions& globals = context.options();
  write_scenes(arguments.out, arguments.train, arguments.val, arguments.test, options,
               static_cast<uint64_t>(globals.seed), context.progress(), context.cancel(),
               static_cast<int>(globals.threads));
  const Json json = Json::object()
                        .set("out", valid_utf8(arguments.out.string()))
                        .set("questions", Json::object()
                                              .set("train2014", arguments.train)
                                              .set("val2014", arguments.val)
                                              .set("test2015", arguments.test));
  const int64_t total = arguments.train + arguments.val + arguments.test;
  context.print_result(json, concat(arguments.out.string(), ": ", count_text(total, "question"),
                                    " (train2014 ", arguments.train, ", val2014 ", arguments.val,
                                    ", test2015 ", arguments.test, ")\n"));
}

std::string scene_options_help() {
  SceneOptions options;
  return options_help({{"scenes", options.fields()}});
}

}  // namespace

VerbAction define_scenes(CLI::App& app) {
  const auto arguments = std::make_shared<SceneArguments>();
  add_path(app, "--out", arguments->out, "folder to write; existing files are replaced", "DIR")
      ->required();
  const auto add_count = [&app](const char* name, int64_t& target, const char* help) {
    add_integer(app, name, target, 0, kMostQuestions, help)->required();
  };
  add_count("--train", arguments->train, "questions of train2014, 0 is allowed");
  add_count("--val", arguments->val, "questions of val2014");
  add_count("--test", arguments->test, "questions of test2015, written without answers");
  end_help(app, "vqalign scenes --out scenes --train 200 --val 50 --test 0", scene_options_help);
  return [arguments](Context& context) { draw(*arguments, context); };
}

}  // namespace vqalign
