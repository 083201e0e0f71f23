#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vqalign/core/json.h"

namespace vqalign::detail {

/// Puts a Json together from the parts of a document in their order.
class JsonBuilder {
 public:
  void begin_object() { open_.push_back({.is_array = false}); }
  void begin_array() { open_.push_back({.is_array = true}); }
  /// Closes the innermost object or array.
  void end() {
    Open done = std::move(open_.back());
    open_.pop_back();
    add(done.is_array ? Json(std::move(done.elements)) : Json(std::move(done.members)));
  }
  void key(std::string_view name) { open_.back().key.assign(name); }
  void add(Json value) {
    if (open_.empty()) {
      root_ = std::move(value);
    } else if (open_.back().is_array) {
      open_.back().elements.push_back(std::move(value));
    } else {
      open_.back().members.emplace_back(std::move(open_.back().key), std::move(value));
    }
  }

  /// How many objects and arrays have not ended yet.
  std::size_t depth() const { return open_.size(); }
  /// The value, complete when depth() is 0.
  Json take() { return std::move(root_); }

 private:
  /// An array or object whose end has not come yet. Members are appended without looking for an
  /// earlier one of the same name, which would take quadratic time; Json::find takes the last.
  struct Open {
    bool is_array;
    Json::Array elements = {};
    Json::Object members = {};
    std::string key = {};
  };

  std::vector<Open> open_;
  Json root_;
};

}  // namespace vqalign::detail
