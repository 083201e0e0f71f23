#include "vqalign/train/training_setting.h"

#include "vqalign/core/error.h"
#include "vqalign/core/json_difference.h"

namespace vqalign {
namespace {

Json string_list(const std::vector<std::string>& items) {
  Json list = Json::array();
  for (const std::string& item : items) list.push(item);
  return list;
}

/// Every option, what changes no number at its default: that may change between sessions.
Json telling_options(RunOptions options) {
  options.data.workers = DataOptions{}.workers;
  options.data.cache_mb = DataOptions{}.cache_mb;
  options.data.encodings.clear();
  options.train.save_minutes = TrainOptions{}.save_minutes;
  return options_to_json(options.options());
}

/// The object with the members that it lacks as they are in `defaults`, down to the innermost.
Json completed(const Json& values, const Json& defaults) {
  if (!values.is_object() || !defaults.is_object()) return values;
  Json whole = values;
  for (const auto& [name, value] : defaults.as_object()) {
    const Json* own = values.find(name);
    whole.set(name, own ? completed(*own, value) : value);
  }
  return whole;
}

/// Where two trainings differ, as "name is A, was B".
std::string difference_text(const JsonDifference& found) {
  const auto shown = [](const Json& value) {
    return value.is_array() ? concat("a list of ", value.as_array().size()) : value.dump();
  };
  if (!found.before) return concat(found.place, " is new");
  if (!found.now) {
    return concat(found.place, " was ", shown(*found.before), ", which is not known any more");
  }
  return concat(found.place, " is ", shown(*found.now), ", was ", shown(*found.before));
}

}  // namespace

Json training_setting(const TrainRequest& request, const TrainingSetup& setup) {
  return Json::object()
      .set("recipe", request.recipe)
      .set("seed", static_cast<int64_t>(request.seed))
      .set("data", setup.train.name)
      .set("questions", setup.train.own_questions())
      .set("validation", setup.validation ? Json(setup.validation->name) : Json())
      .set("options", telling_options(request.options))
      .set("answers", string_list(setup.answers.answers()))
      .set("words", string_list(setup.bundle.vocabulary.own_words()));
}

void check_same_setting(const Json& now, const Json& before, const std::string& file) {
  const Json known = completed(before, Json::object().set("options", telling_options({})));
  const auto found = first_difference(now, known);
  if (!found) return;
  throw UsageError(concat(file, ": cannot resume: ", difference_text(*found)),
                   "resume with the options it was begun with, or leave out --resume");
}

}  // namespace vqalign
