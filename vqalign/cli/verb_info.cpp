#include <CLI/CLI.hpp>
#include <memory>

#include "vqalign/cli/arguments.h"
#include "vqalign/cli/context.h"
#include "vqalign/cli/info_files.h"
#include "vqalign/cli/text_output.h"
#include "vqalign/cli/verbs.h"

namespace vqalign {
namespace {

/// For people the hundred options that a model was trained with are left to --json.
Json without_options(const Json& description) {
  Json shown = Json::object();
  for (const auto& [name, value] : description.as_object()) {
    if (value.is_object()) {
      shown.set(name, without_options(value));
    } else {
      shown.set(name, value);
    }
  }
  Json::Object members = shown.as_object();
  std::erase_if(members, [](const Json::Member& member) { return member.first == "options"; });
  return Json(std::move(members));
}

void tell(const std::filesystem::path& file, Context& context) {
  context.refuse_options();
  const Json description = describe_path(file, context.progress(), context.cancel());
  context.print_result(description, object_text(without_options(description)));
}

}  // namespace

VerbAction define_info(CLI::App& app) {
  const auto file = std::make_shared<std::filesystem::path>();
  add_path(app, "FILE", *file,
           "model, weights, checkpoint, dataset folder, region features, picture, detector or "
           "results file",
           "")
      ->required();
  end_help(app,
           "vqalign scenes --out scenes --train 200 --val 50 --test 0\n"
           "vqalign info scenes");
  return [file](Context& context) { tell(*file, context); };
}

}  // namespace vqalign
