#include "vqalign/core/json_elements.h"

#include <algorithm>
#include <string_view>

#include "vqalign/core/error.h"
#include "vqalign/core/json_builder.h"
#include "vqalign/core/json_stream.h"

namespace vqalign {
namespace {

/// Builds each member of the root that is wanted, its elements one by one.
class ElementReader : public JsonEvents {
 public:
  ElementReader(std::string file, const std::vector<JsonList>& lists)
      : file_(std::move(file)), lists_(lists), seen_(lists.size(), false) {}

  void null_value() override { value(Json()); }
  void bool_value(bool it) override { value(Json(it)); }
  void int_value(int64_t it) override { value(Json(it)); }
  void double_value(double it) override { value(Json(it)); }
  void string_value(std::string_view it) override { value(Json(std::string(it))); }

  void key(std::string_view name) override {
    if (depth_ > 1) {
      if (list_) builder_.key(name);
      return;
    }
    const auto found = std::find_if(lists_.begin(), lists_.end(),
                                    [name](const JsonList& list) { return list.key == name; });
    list_ = found == lists_.end() ? nullptr : &*found;
    if (!list_) return;
    seen_[static_cast<std::size_t>(found - lists_.begin())] = true;
    index_ = 0;
  }

  void begin_object() override {
    if (depth_ == 1) refuse_member("an object");
    if (depth_ > 1 && list_) builder_.begin_object();
    ++depth_;
  }
  void end_object() override {
    --depth_;
    if (depth_ > 1 && list_) end_value();
    if (depth_ == 0) require_all();
  }
  void begin_array() override {
    if (depth_ == 0) refuse_root("an array");
    if (depth_ > 1 && list_) builder_.begin_array();
    ++depth_;
  }
  void end_array() override {
    --depth_;
    if (depth_ > 1 && list_) end_value();
  }

 private:
  void value(Json it) {
    if (depth_ == 0) refuse_root(it.type_name());
    if (depth_ == 1) refuse_member(it.type_name());
    if (!list_) return;
    builder_.add(std::move(it));
    hand_out();
  }
  void end_value() {
    builder_.end();
    hand_out();
  }
  void hand_out() {
    if (builder_.depth() == 0) list_->visit(builder_.take(), index_++);
  }

  [[noreturn]] void refuse_root(std::string_view found) const {
    fail(file_, ": expected an object, found ", found);
  }
  void refuse_member(std::string_view found) const {
    if (list_) fail(file_, ": ", list_->key, ": expected an array, found ", found);
  }
  void require_all() const {
    for (std::size_t i = 0; i < lists_.size(); ++i) {
      if (lists_[i].required && !seen_[i]) fail(file_, ": \"", lists_[i].key, "\" is missing");
    }
  }

  std::string file_;
  const std::vector<JsonList>& lists_;
  std::vector<bool> seen_;
  const JsonList* list_ = nullptr;  ///< that the reader is in; null elsewhere
  int64_t index_ = 0;
  int depth_ = 0;  ///< 1 in the root, 2 in a list
  detail::JsonBuilder builder_;
};

}  // namespace

void for_each_element(const std::filesystem::path& path, const std::vector<JsonList>& lists) {
  ElementReader reader(path.string(), lists);
  stream_json(path, reader);
}

}  // namespace vqalign
