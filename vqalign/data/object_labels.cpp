#include "vqalign/data/object_labels.h"

#include <algorithm>
#include <cmath>

#include "vqalign/core/error.h"
#include "vqalign/core/json_elements.h"

namespace vqalign {
namespace {

/// The index of `value` in `names`, added where it is new.
int64_t index_of(std::vector<std::string>& names, const std::string& value) {
  const auto found = std::find(names.begin(), names.end(), value);
  if (found != names.end()) return found - names.begin();
  names.push_back(value);
  return static_cast<int64_t>(names.size()) - 1;
}

LabelledObject read_object(const Json& json, const std::string& where, ObjectLabels& labels) {
  LabelledObject object;
  for (std::size_t i = 0; i < kObjectAttributes.size(); ++i) {
    const std::string& value = json.at(kObjectAttributes[i], where).as_string(where);
    object.classes[i] = index_of(labels.names[i], value);
  }
  const Json::Array& box = json.at("box", where).as_array(where + ": box");
  if (box.size() != 4) fail(where, ": box has ", box.size(), " numbers, needed are 4");
  for (std::size_t i = 0; i < 4; ++i) {
    object.box[i] = static_cast<float>(box[i].as_double(where + ": box"));
  }
  const auto& [x1, y1, x2, y2] = object.box;
  if (!(x1 < x2 && y1 < y2) || !std::isfinite(x2 - x1 + y2 - y1)) {
    fail(where, ": box ", json.at("box").dump(), " is no rectangle x1 y1 x2 y2");
  }
  return object;
}

void read_image(const Json& image, const std::string& where, ObjectLabels& labels) {
  std::vector<LabelledObject>& objects =
      labels.images[image.at("image_id", where).as_int(where + ": image_id")];
  objects.clear();
  for (const Json& object : image.at("objects", where).as_array(where + ": objects")) {
    objects.push_back(
        read_object(object, concat(where, ": objects[", objects.size(), "]"), labels));
  }
}

void read_question(const Json& question, const std::string& where, ObjectLabels& labels) {
  std::vector<int64_t>& about =
      labels.about[question.at("question_id", where).as_int(where + ": question_id")];
  about.clear();
  for (const Json& item : question.at("about", where).as_array(where + ": about")) {
    about.push_back(item.as_int(where + ": about"));
  }
}

void read_file(const std::filesystem::path& file, ObjectLabels& labels) {
  const auto place = [&file](const char* list, int64_t index) {
    return concat(file.string(), ": ", list, "[", index, "]");
  };
  for_each_element(
      file, {{"images",
              [&](const Json& image, int64_t i) { read_image(image, place("images", i), labels); }},
             {"questions",
              [&](const Json& question, int64_t i) {
                read_question(question, place("questions", i), labels);
              },
              /*required=*/false}});
}

}  // namespace

bool LabelledObject::centre_in(const float* other) const {
  const float x = 0.5F * (box[0] + box[2]), y = 0.5F * (box[1] + box[3]);
  return x >= other[0] && x < other[2] && y >= other[1] && y < other[3];
}

const std::vector<LabelledObject>& ObjectLabels::of(int64_t image_id) const {
  static const std::vector<LabelledObject> none;
  const auto found = images.find(image_id);
  return found == images.end() ? none : found->second;
}

void ObjectLabels::check(const Dataset& dataset) const {
  for (const Question& question : dataset.questions) {
    const auto found = about.find(question.question_id);
    if (found == about.end()) continue;
    const auto objects = static_cast<int64_t>(of(question.image_id).size());
    for (const int64_t index : found->second) {
      if (index >= 0 && index < objects) continue;
      fail(files, ": question ", question.question_id, " is about object ", index, ", image ",
           question.image_id, " has ", objects);
    }
  }
}

ObjectLabels read_object_labels(const std::vector<SplitPaths>& splits) {
  ObjectLabels labels;
  for (const SplitPaths& split : splits) {
    const std::filesystem::path file =
        split.questions.parent_path() / concat("scenes_", split.subset, ".json");
    if (!std::filesystem::exists(file)) continue;
    read_file(file, labels);
    labels.files += (labels.files.empty() ? "" : " and ") + file.string();
  }
  return labels;
}

}  // namespace vqalign
