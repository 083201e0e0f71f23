#include "vqalign/gui/models/examples.h"

#include <system_error>

#include "vqalign/core/json.h"

namespace vqalign {

std::vector<Example> read_examples(const std::filesystem::path& folder) {
  const std::filesystem::path file = folder / "examples.json";
  std::error_code ignored;
  if (folder.empty() || !std::filesystem::is_regular_file(file, ignored)) return {};
  const std::string where = file.string();
  std::vector<Example> examples;
  const Json json = read_json(file);
  for (const Json& item : json.at("examples", where).as_array(where + ": examples")) {
    Example example;
    example.picture = folder / item.at("picture", where).as_string(where + ": picture");
    for (const Json& question : item.at("questions", where).as_array(where + ": questions")) {
      example.questions << QString::fromStdString(question.as_string(where + ": questions"));
    }
    examples.push_back(std::move(example));
  }
  return examples;
}

}  // namespace vqalign
