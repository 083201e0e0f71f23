#include "vqalign/train/experiment/spec_fields.h"

#include <algorithm>
#include <set>

#include "vqalign/core/error.h"
#include "vqalign/core/options.h"

namespace vqalign::detail {
namespace {

/// A bound as people write it: 10000000, 0.01.
std::string bound(double value) {
  std::string text = Json(value).dump();
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  return text;
}

}  // namespace

void refuse_field(const std::string& where, const std::string& name,
                  const std::vector<std::string>& known) {
  throw UsageError(concat(where, ": there is no field \"", name, "\""),
                   concat("did you mean ", nearest_name(name, known), "?"));
}

int64_t integer_within(const Json& value, const std::string& where, int64_t least, int64_t most) {
  if (!value.is_int()) {
    throw UsageError(concat(where, ": expected a whole number, found ",
                            value.is_number() ? value.dump() : std::string(value.type_name())));
  }
  const int64_t number = value.as_int(where);
  if (number < least || number > most) {
    throw UsageError(concat(where, " is ", number, ", allowed is ", least, " to ", most));
  }
  return number;
}

SpecFields::SpecFields(const Json& object, std::string where, const std::vector<std::string>& known)
    : object_(object), where_(std::move(where)) {
  if (!object.is_object()) {
    throw UsageError(concat(where_, ": expected an object, found ", object.type_name()));
  }
  std::set<std::string> seen;
  for (const auto& [name, value] : object.as_object(where_)) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      refuse_field(where_, name, known);
    }
    if (!seen.insert(name).second) {
      throw UsageError(concat(where_, ": has the field \"", name, "\" twice"));
    }
  }
}

const Json& SpecFields::required(const std::string& name) const {
  const Json* value = find(name);
  if (!value) throw UsageError(concat(where_, ": has no field \"", name, "\", which is needed"));
  return *value;
}

std::optional<int64_t> SpecFields::integer(const std::string& name, int64_t least,
                                           int64_t most) const {
  const Json* value = find(name);
  if (!value) return std::nullopt;
  return integer_within(*value, place(name), least, most);
}

std::optional<double> SpecFields::number(const std::string& name, double least, double most) const {
  const Json* value = find(name);
  if (!value) return std::nullopt;
  if (!value->is_number()) {
    throw UsageError(concat(place(name), ": expected a number, found ", value->type_name()));
  }
  const double number = value->as_double(place(name));
  if (!(number >= least && number <= most)) {
    throw UsageError(concat(place(name), " is ", bound(number), ", allowed is ", bound(least),
                            " to ", bound(most)));
  }
  return number;
}

std::optional<std::string> SpecFields::text(const std::string& name) const {
  const Json* value = find(name);
  if (!value) return std::nullopt;
  if (!value->is_string()) {
    throw UsageError(concat(place(name), ": expected a string, found ", value->type_name()));
  }
  const std::string& text = value->as_string(place(name));
  if (text.empty()) throw UsageError(concat(place(name), " is empty"));
  return text;
}

}  // namespace vqalign::detail
