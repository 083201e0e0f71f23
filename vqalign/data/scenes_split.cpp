#include "vqalign/data/scenes_split.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <system_error>

#include "vqalign/core/atomic_file.h"
#include "vqalign/core/error.h"
#include "vqalign/data/scenes_phrasing.h"

namespace vqalign::scenes {
namespace {

namespace fs = std::filesystem;

std::string picture_name(const std::string& subset, int64_t image_id) {
  char digits[32];
  std::snprintf(digits, sizeof(digits), "%012lld", static_cast<long long>(image_id));
  return "COCO_" + subset + "_" + digits + ".png";
}

/// Exactly the names that picture_name gives: nothing else in the folder is ours to remove.
bool is_picture_name(const std::string& name, const std::string& subset) {
  const std::string prefix = "COCO_" + subset + "_";
  return name.size() == prefix.size() + 16 && name.starts_with(prefix) && name.ends_with(".png") &&
         std::all_of(name.begin() + static_cast<std::ptrdiff_t>(prefix.size()), name.end() - 4,
                     [](char c) { return c >= '0' && c <= '9'; });
}

std::vector<fs::path> pictures_in(const fs::path& folder, const std::string& subset) {
  std::error_code code;
  std::vector<fs::path> pictures;
  for (fs::directory_iterator entry(folder, code), end; !code && entry != end;
       entry.increment(code)) {
    if (is_picture_name(entry->path().filename().string(), subset)) {
      pictures.push_back(entry->path());
    }
  }
  return pictures;
}

void remove_pictures(const fs::path& folder, const std::string& subset) noexcept {
  std::error_code code;
  for (const fs::path& path : pictures_in(folder, subset)) fs::remove(path, code);
}

void make_folder(const fs::path& folder) {
  std::error_code code;
  fs::create_directories(folder, code);
  if (code) fail(folder.string(), ": cannot be made: ", code.message());
}

/// Pictures are not synced to disk one by one: the JSON files, written last, are what completes a
/// split.
void write_bytes(const fs::path& path, const std::vector<unsigned char>& bytes) {
  const auto close = [](std::FILE* open) { std::fclose(open); };
  std::unique_ptr<std::FILE, decltype(close)> out(std::fopen(path.c_str(), "wb"), close);
  const bool written = out && std::fwrite(bytes.data(), 1, bytes.size(), out.get()) == bytes.size();
  if (!written || std::fflush(out.get()) != 0) {
    fail(path.string(), ": cannot be written: ", std::strerror(errno));
  }
}

template <typename Edges>
Json rectangle_json(const Edges& edges) {
  Json box = Json::array();
  for (const int edge : edges) box.push(edge);
  return box;
}

Json object_json(const SceneObject& object) {
  Json json = Json::object();
  json.set("shape", shape_names()[static_cast<std::size_t>(object.shape)]);
  json.set("colour", colour_names()[static_cast<std::size_t>(object.colour)]);
  json.set("size", size_names()[static_cast<std::size_t>(object.size)]);
  json.set("box", rectangle_json(object.box));
  return json;
}

std::string image_line(const Scene& scene, int64_t image_id) {
  Json objects = Json::array();
  for (const SceneObject& object : scene.objects) objects.push(object_json(object));
  Json json = Json::object();
  json.set("image_id", image_id).set("width", scene.width).set("height", scene.height);
  json.set("objects", std::move(objects));
  if (!scene.panels.empty()) {
    Json boxes = Json::array();
    for (const auto& panel : scene.panels) boxes.push(rectangle_json(panel));
    json.set("boxes", std::move(boxes));
  }
  return json.dump();
}

std::string question_line(const AskedQuestion& asked, int64_t question_id) {
  Json about = Json::array();
  for (const int index : asked.truth.about) about.push(index);
  Json json = Json::object();
  json.set("question_id", question_id);
  json.set("family", asked.family);
  json.set("about", std::move(about));
  return json.dump();
}

void write_lines(AtomicFile& out, const std::vector<std::string>& lines) {
  for (std::size_t i = 0; i < lines.size(); ++i) {
    out.write(i == 0 ? "\n" : ",\n");
    out.write(lines[i]);
  }
}

}  // namespace

SplitWriter::SplitWriter(std::filesystem::path directory, std::string subset, int split,
                         bool annotated)
    : directory_(std::move(directory)),
      subset_(std::move(subset)),
      split_(split),
      annotated_(annotated) {
  make_folder(new_folder());
  remove_pictures(new_folder(), subset_);  // an earlier run may have been killed
}

SplitWriter::~SplitWriter() {
  if (finished_) return;
  remove_pictures(new_folder(), subset_);
  std::error_code code;
  fs::remove(new_folder(), code);
}

void SplitWriter::replace_older() {
  make_folder(file(subset_));
  std::error_code code;
  for (const std::string& name :
       {"v2_OpenEnded_mscoco_" + subset_ + "_questions.json",
        "v2_mscoco_" + subset_ + "_annotations.json", "scenes_" + subset_ + ".json"}) {
    fs::remove(file(name), code);
    if (code) fail(file(name).string(), ": cannot be replaced: ", code.message());
  }
  remove_pictures(file(subset_), subset_);
  for (const fs::path& picture : pictures_in(new_folder(), subset_)) {
    fs::rename(picture, file(subset_) / picture.filename());
  }
  fs::remove(new_folder(), code);
}

void SplitWriter::add_picture(const DrawnScene& drawn, int64_t image_id, std::size_t count) {
  write_bytes(new_folder() / picture_name(subset_, image_id), drawn.png);
  image_lines_.push_back(image_line(drawn.scene, image_id));
  for (std::size_t k = 0; k < count; ++k) {
    const AskedQuestion& asked = drawn.questions[k];
    const int64_t question_id = image_id * 1000 + static_cast<int64_t>(k);
    questions_.push_back({question_id, image_id, asked.text});
    question_lines_.push_back(question_line(asked, question_id));
    if (annotated_) {
      annotations_.push_back({question_id, image_id, question_type(asked.text), asked.answer_type,
                              asked.truth.answer, asked.answers});
    }
  }
}

void SplitWriter::add(const ScenePair& pair, int64_t index, int64_t most) {
  for (int64_t which = 0; which < 2; ++which) {
    const DrawnScene& drawn = pair[static_cast<std::size_t>(which)];
    const int64_t share = which == 0 ? (most + 1) / 2 : most / 2;
    const auto count = std::min(drawn.questions.size(), static_cast<std::size_t>(share));
    // The three splits take turns, so no id is used twice however many each has.
    const int64_t image_id = 3 * (2 * index + which) + split_ + 1;
    if (count > 0) add_picture(drawn, image_id, count);
  }
}

void SplitWriter::finish() {
  replace_older();
  AtomicFile scenes(file("scenes_" + subset_ + ".json"));
  scenes.write("{\"images\": [");
  write_lines(scenes, image_lines_);
  scenes.write("],\n\"questions\": [");
  write_lines(scenes, question_lines_);
  scenes.write("]}\n");
  scenes.commit();
  if (annotated_) {
    write_annotations(file("v2_mscoco_" + subset_ + "_annotations.json"), annotations_, subset_);
  }
  write_questions(file("v2_OpenEnded_mscoco_" + subset_ + "_questions.json"), questions_, subset_);
  finished_ = true;
}

}  // namespace vqalign::scenes
