#include <algorithm>

#include "vqalign/core/error.h"
#include "vqalign/data/scenes_objects.h"
#include "vqalign/gui/sketch/sketch.h"

namespace vqalign {
namespace {

constexpr const char* kFormat = "vqalign sketch";

/// The member as an int, refused where it does not fit into one.
int int_member(const Json& json, const char* key, int least, int most, const std::string& where) {
  const std::string place = concat(where, ": ", key);
  const int64_t value = json.at(key, where).as_int(place);
  if (value < least || value > most) {
    fail(place, " is ", value, ", not from ", least, " to ", most);
  }
  return static_cast<int>(value);
}

double number_member(const Json& json, const char* key, const std::string& where) {
  return json.at(key, where).as_double(concat(where, ": ", key));
}

int name_member(const Json& json, const char* key, const std::vector<std::string>& names,
                const std::string& where) {
  const std::string place = concat(where, ": ", key);
  const std::string& name = json.at(key, where).as_string(place);
  const auto found = std::find(names.begin(), names.end(), name);
  if (found != names.end()) return static_cast<int>(found - names.begin());
  std::string known;
  for (const std::string& other : names) known += (known.empty() ? "" : ", ") + other;
  throw Error(concat(place, " is \"", name.substr(0, 40), "\", which is none of the generator's"),
              "there are " + known);
}

SketchShape shape_from_json(const Json& json, const std::string& where) {
  SketchShape shape;
  shape.id = json.at("id", where).as_int(where + ": id");
  shape.shape = name_member(json, "shape", scenes::shape_names(), where);
  shape.colour = name_member(json, "colour", scenes::colour_names(), where);
  shape.x = number_member(json, "x", where);
  shape.y = number_member(json, "y", where);
  shape.extent = number_member(json, "extent", where);
  shape.angle = number_member(json, "angle", where);
  return shape;
}

scenes::Rgb background_from_json(const Json& json, const std::string& where) {
  const std::string place = where + ": background";
  const Json::Array& values = json.at("background", where).as_array(place);
  scenes::Rgb background{};
  if (values.size() != background.size()) {
    fail(place, " has ", values.size(), " values, not red, green and blue");
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    const int64_t value = values[i].as_int(place);
    if (value < 0 || value > 255) fail(place, " has ", value, ", not from 0 to 255");
    background[i] = static_cast<uint8_t>(value);
  }
  return background;
}

}  // namespace

Json sketch_json(const Sketch& sketch) {
  Json shapes = Json::array();
  for (const SketchShape& shape : sketch.shapes) {
    shapes.push(
        Json::Object{{"id", shape.id},
                     {"shape", scenes::shape_names().at(static_cast<std::size_t>(shape.shape))},
                     {"colour", scenes::colour_names().at(static_cast<std::size_t>(shape.colour))},
                     {"x", shape.x},
                     {"y", shape.y},
                     {"extent", shape.extent},
                     {"angle", shape.angle}});
  }
  const auto& [red, green, blue] = sketch.background;
  return Json::Object{{"format", kFormat},
                      {"width", sketch.width},
                      {"height", sketch.height},
                      {"background", Json::Array{int{red}, int{green}, int{blue}}},
                      {"shapes", std::move(shapes)}};
}

Sketch sketch_from_json(const Json& json, std::string_view where) {
  const std::string file(where);
  const Json* format = json.find("format");
  if (!format || !format->is_string() || format->as_string() != kFormat) {
    throw Error(file + ": is no sketch (its \"format\" is not \"" + kFormat + "\")",
                "open a file that was saved as a sketch");
  }
  Sketch sketch;
  sketch.width = int_member(json, "width", kLeastSketchSide, kMostSketchSide, file);
  sketch.height = int_member(json, "height", kLeastSketchSide, kMostSketchSide, file);
  sketch.background = background_from_json(json, file);
  const Json::Array& shapes = json.at("shapes", file).as_array(file + ": shapes");
  if (shapes.size() > kMostSketchShapes) {
    fail(file, ": ", shapes.size(), " shapes, at most ", kMostSketchShapes);
  }
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    sketch.shapes.push_back(shape_from_json(shapes[i], concat(file, ": shape ", i + 1)));
  }
  check_sketch(sketch, where);
  return sketch;
}

}  // namespace vqalign
