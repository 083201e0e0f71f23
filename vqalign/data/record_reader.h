#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "vqalign/core/error.h"
#include "vqalign/core/json_stream.h"

namespace vqalign::detail {

/// One field of a record in a JSON file and the member it fills; exactly one member is set.
template <typename Record>
struct RecordField {
  std::string_view name;
  int64_t Record::*number = nullptr;
  std::string Record::*text = nullptr;
  bool required = true;
};

/// Fills one kind of record from an object's keys and values.
template <typename Record>
class RecordFiller {
 public:
  explicit RecordFiller(std::vector<RecordField<Record>> fields) : fields_(std::move(fields)) {}

  void begin() {
    seen_ = 0;
    selected_ = nullptr;
  }
  /// Chooses the field that the next value belongs to; false when there is none of that name.
  bool select(std::string_view key) {
    for (std::size_t i = 0; i < fields_.size(); ++i) {
      if (fields_[i].name != key) continue;
      selected_ = &fields_[i];
      seen_ |= uint32_t{1} << i;
      return true;
    }
    return false;
  }
  // Each is false when the chosen field is of another type.
  bool set(Record& record, int64_t value) const {
    if (!selected_->number) return false;
    record.*selected_->number = value;
    return true;
  }
  bool set(Record& record, std::string_view value) const {
    if (!selected_->text) return false;
    (record.*selected_->text).assign(value);
    return true;
  }

  std::string_view selected() const { return selected_->name; }
  std::string_view expected() const { return selected_->number ? "a whole number" : "a string"; }
  /// The first required field that did not come; empty when all did.
  std::string_view missing() const {
    for (std::size_t i = 0; i < fields_.size(); ++i) {
      if (fields_[i].required && !(seen_ >> i & 1)) return fields_[i].name;
    }
    return {};
  }

 private:
  std::vector<RecordField<Record>> fields_;
  const RecordField<Record>* selected_ = nullptr;
  uint32_t seen_ = 0;
};

/// What a value is, for messages: the string "abc", the number 1.5, an array.
std::string describe(std::string_view text);
std::string describe(int64_t value);
std::string describe(double value);

/// Reads a list of records, each an object: the root itself or the root's member `list_key`.
/// Unknown keys are passed over. A subclass may let one field of a record be a list of its own.
template <typename Record>
class RecordListReader : public JsonEvents {
 public:
  RecordListReader(std::string file, std::string list_key, std::vector<RecordField<Record>> fields)
      : file_(std::move(file)), list_key_(std::move(list_key)), filler_(std::move(fields)) {}

  std::vector<Record> take() { return std::move(records_); }

  /// Whether what was read is a stretch of a longer document's list that can be put before
  /// (`last`: behind) others: there was one such list and nothing behind it.
  bool is_stretch(bool last) const { return lists_ == 1 && (last || list_is_last_); }

  void null_value() override { other("null"); }
  void bool_value(bool value) override { other(value ? "true" : "false"); }
  void int_value(int64_t value) override { scalar(value); }
  void double_value(double value) override { other(describe(value)); }
  void string_value(std::string_view value) override { scalar(value); }

  void key(std::string_view name) override {
    if (skipped_levels_ > 0) return;
    if (level_ == Level::kRoot) {
      ignore_value_ = name != list_key_;
      list_is_last_ = false;
    } else {
      ignore_value_ = level_ == Level::kRecord ? !select(name) : !nested_key(name);
    }
  }

  void begin_object() override {
    if (skip_opening()) return;
    if (level_ == Level::kStart && !list_key_.empty()) {
      level_ = Level::kRoot;
    } else if (level_ == Level::kList) {
      records_.emplace_back();
      filler_.begin();
      in_nested_ = false;
      level_ = Level::kRecord;
    } else if (level_ == Level::kNestedList) {
      nested_begin();
      level_ = Level::kNested;
    } else {
      reject("an object");
    }
  }
  void end_object() override {
    if (skip_closing()) return;
    if (level_ == Level::kRoot) {
      if (lists_ == 0) fail(file_, ": \"", list_key_, "\" is missing");
      level_ = Level::kEnd;
    } else if (level_ == Level::kRecord) {
      require(filler_.missing());
      finish(records_.back());
      level_ = Level::kList;
    } else {
      nested_end();
      level_ = Level::kNestedList;
    }
  }
  void begin_array() override {
    if (skip_opening()) return;
    if (level_ == (list_key_.empty() ? Level::kStart : Level::kRoot)) {
      records_.clear();
      ++lists_;
      level_ = Level::kList;
    } else if (level_ == Level::kRecord && in_nested_) {
      level_ = Level::kNestedList;
    } else {
      reject("an array");
    }
  }
  void end_array() override {
    if (skip_closing()) return;
    if (level_ == Level::kNestedList) {
      in_nested_ = false;
      level_ = Level::kRecord;
    } else {
      level_ = list_key_.empty() ? Level::kEnd : Level::kRoot;
      list_is_last_ = true;
    }
  }

 protected:
  // A record's own list ("answers" of an annotation): all but finish() do nothing for plain
  // records.
  virtual bool nested_list(std::string_view) { return false; }  ///< is this key that list?
  virtual bool nested_key(std::string_view) { return false; }
  virtual void nested_begin() {}
  virtual void nested_end() {}
  virtual bool nested_set(int64_t) { return false; }
  virtual bool nested_set(std::string_view) { return false; }
  virtual std::string nested_name() const { return {}; }  ///< ".answers"
  virtual std::size_t nested_count() const { return 0; }  ///< elements begun so far
  virtual std::string nested_expected() const { return {}; }
  virtual void finish(Record&) {}  ///< a record is complete

  Record& record() { return records_.back(); }
  const Record& record() const { return records_.back(); }

  void require(std::string_view missing) const {
    if (!missing.empty()) fail(place(), ": \"", missing, "\" is missing");
  }

  /// "file: questions[3] (question 12)": the record being read, and what of it.
  std::string place() const {
    std::string text = file_ + ": ";
    if (level_ == Level::kStart) return text;
    text += list_key_.empty() ? "element " : list_key_;
    if (level_ == Level::kRoot) return text;
    const std::size_t index = records_.size() - (level_ == Level::kList ? 0 : 1);
    text += list_key_.empty() ? std::to_string(index) : concat('[', index, ']');
    if (level_ == Level::kList) return text;
    const int64_t id = records_.back().question_id;
    if (id != 0) text += concat(" (question ", id, ")");
    if (level_ == Level::kRecord) return in_nested_ ? text + nested_name() : text;
    const std::size_t element = nested_count() - (level_ == Level::kNested ? 1 : 0);
    text += concat(nested_name(), '[', element, ']');
    return text;
  }

 private:
  enum class Level { kStart, kRoot, kList, kRecord, kNestedList, kNested, kEnd };

  bool select(std::string_view name) {
    in_nested_ = nested_list(name);
    return in_nested_ || filler_.select(name);
  }
  bool skip_opening() {
    if (skipped_levels_ == 0 && !ignore_value_) return false;
    ignore_value_ = false;
    ++skipped_levels_;
    return true;
  }
  bool skip_closing() { return skipped_levels_ > 0 && skipped_levels_-- > 0; }
  /// True when the scalar at hand belongs to something unknown.
  bool skip_scalar() {
    const bool skip = skipped_levels_ > 0 || ignore_value_;
    ignore_value_ = false;
    return skip;
  }

  template <typename Value>
  void scalar(Value value) {
    if (skip_scalar()) return;
    const bool fits = (level_ == Level::kRecord && !in_nested_ && filler_.set(record(), value)) ||
                      (level_ == Level::kNested && nested_set(value));
    if (!fits) reject(describe(value));
  }
  void other(const std::string& found) {
    if (!skip_scalar()) reject(found);
  }

  [[noreturn]] void reject(const std::string& found) const {
    if (level_ == Level::kStart && list_key_.empty()) {
      fail(place(), "expected an array of objects, found ", found);
    }
    if (level_ == Level::kStart) {
      fail(place(), "expected an object with \"", list_key_, "\", found ", found);
    }
    if (level_ == Level::kRoot || (level_ == Level::kRecord && in_nested_)) {
      fail(place(), ": expected an array, found ", found);
    }
    if (level_ == Level::kRecord) {
      fail(place(), ".", filler_.selected(), ": expected ", filler_.expected(), ", found ", found);
    }
    if (level_ == Level::kNested) fail(place(), nested_expected(), ", found ", found);
    fail(place(), ": expected an object, found ", found);
  }

  std::string file_;
  std::string list_key_;
  RecordFiller<Record> filler_;
  std::vector<Record> records_;
  Level level_ = Level::kStart;
  int skipped_levels_ = 0;
  bool ignore_value_ = false;
  bool in_nested_ = false;
  int lists_ = 0;
  bool list_is_last_ = false;
};

}  // namespace vqalign::detail
