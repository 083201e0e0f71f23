#include "vqalign/core/options.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>
#include <set>

#include "vqalign/core/error.h"

namespace vqalign {
namespace {

template <typename... Cases>
struct Overload : Cases... {
  using Cases::operator()...;
};
template <typename... Cases>
Overload(Cases...) -> Overload<Cases...>;

std::string join(const std::vector<std::string>& items, std::string_view separator) {
  std::string text;
  for (const std::string& item : items) {
    if (!text.empty()) text += separator;
    text += item;
  }
  return text;
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    parts.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

/// Numbers as people write them: 0.01, not 0.010000, and 64, not 64.0.
std::string number_text(double value) {
  if (!std::isfinite(value)) return std::isnan(value) ? "nan" : value > 0 ? "inf" : "-inf";
  const bool whole = value == std::floor(value) && std::abs(value) < 1e15;
  return whole ? std::to_string(static_cast<int64_t>(value)) : Json(value).dump();
}

std::string range_text(const OptionField& field) {
  const bool low = field.minimum > -1e299;
  const bool high = field.maximum < 1e299;
  if (low && high) return number_text(field.minimum) + " to " + number_text(field.maximum);
  if (low) return "at least " + number_text(field.minimum);
  if (high) return "at most " + number_text(field.maximum);
  return {};
}

void check_range(const OptionField& field, double value, const std::string& key) {
  if (value >= field.minimum && value <= field.maximum) return;
  throw UsageError(concat(key, " is ", number_text(value), ", allowed is ", range_text(field)));
}

void check_choice(const OptionField& field, const std::string& value, const std::string& key) {
  if (field.choices.empty()) return;
  if (std::find(field.choices.begin(), field.choices.end(), value) != field.choices.end()) return;
  throw UsageError(concat(key, " is \"", value, "\", allowed is ", join(field.choices, ", ")));
}

template <typename Number>
Number parse_number(std::string_view text, const OptionField& field, const std::string& key,
                    const char* expected) {
  Number value{};
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code == std::errc::result_out_of_range) {
    throw UsageError(concat(key, " is ", text, ", allowed is ", range_text(field)));
  }
  if (code != std::errc{} || end != text.data() + text.size()) {
    throw UsageError(concat(key, ": expected ", expected, ", found \"", text, "\""));
  }
  return value;
}

void assign_text(const OptionField& field, const std::string& key, std::string_view text) {
  std::visit(
      Overload{[&](bool* target) {
                 if (text != "true" && text != "false" && text != "1" && text != "0") {
                   throw UsageError(concat(key, ": expected true or false, found \"", text, "\""));
                 }
                 *target = text == "true" || text == "1";
               },
               [&](int64_t* target) {
                 const auto value = parse_number<int64_t>(text, field, key, "a whole number");
                 check_range(field, static_cast<double>(value), key);
                 *target = value;
               },
               [&](double* target) {
                 const auto value = parse_number<double>(text, field, key, "a number");
                 check_range(field, value, key);
                 *target = value;
               },
               [&](std::string* target) {
                 check_choice(field, std::string(text), key);
                 *target = text;
               },
               [&](std::vector<std::string>* target) {
                 std::vector<std::string> values = split(text, ',');
                 for (const std::string& value : values) check_choice(field, value, key);
                 *target = std::move(values);
               }},
      field.target);
}

void assign_json(const OptionField& field, const std::string& key, const Json& value) {
  std::visit(Overload{[&](bool* target) { *target = value.as_bool(key); },
                      [&](int64_t* target) {
                        check_range(field, static_cast<double>(value.as_int(key)), key);
                        *target = value.as_int(key);
                      },
                      [&](double* target) {
                        check_range(field, value.as_double(key), key);
                        *target = value.as_double(key);
                      },
                      [&](std::string* target) {
                        check_choice(field, value.as_string(key), key);
                        *target = value.as_string(key);
                      },
                      [&](std::vector<std::string>* target) {
                        std::vector<std::string> values;
                        for (const Json& element : value.as_array(key)) {
                          // Lists of numbers may be written as such.
                          const bool number = element.is_int();
                          values.push_back(number ? element.dump() : element.as_string(key));
                          check_choice(field, values.back(), key);
                        }
                        *target = std::move(values);
                      }},
             field.target);
}

Json value_json(const OptionField& field) {
  return std::visit(Overload{[](const std::vector<std::string>* target) {
                               Json list = Json::array();
                               for (const std::string& item : *target) list.push(item);
                               return list;
                             },
                             [](const auto* target) { return Json(*target); }},
                    field.target);
}

std::string value_text(const OptionField& field) {
  if (const auto* list = std::get_if<std::vector<std::string>*>(&field.target)) {
    return (*list)->empty() ? "(empty)" : join(**list, ",");
  }
  if (const auto* text = std::get_if<std::string*>(&field.target)) {
    return (*text)->empty() ? "(empty)" : **text;
  }
  return value_json(field).dump();
}

const OptionField& find_field(const OptionTree& tree, const std::string& key) {
  std::vector<std::string> keys;
  for (const OptionGroup& group : tree) {
    for (const OptionField& field : group.fields) {
      keys.push_back(group.name + "." + field.name);
      if (keys.back() == key) return field;
    }
  }
  throw UsageError(concat("unknown option \"", key, "\""),
                   concat("did you mean ", nearest_name(key, keys), "?"));
}

}  // namespace

void set_option(const OptionTree& tree, std::string_view assignment) {
  const std::size_t equals = assignment.find('=');
  if (equals == std::string_view::npos) {
    throw UsageError(concat("\"", assignment, "\": expected key=value"));
  }
  const std::string key(assignment.substr(0, equals));
  assign_text(find_field(tree, key), key, assignment.substr(equals + 1));
}

void options_from_json(const OptionTree& tree, const Json& values, std::string_view where) {
  std::set<std::string> seen;
  try {
    for (const auto& [group, members] : values.as_object(where)) {
      for (const auto& [name, value] : members.as_object(concat(where, ": ", group))) {
        const std::string key = group + "." + name;
        if (!seen.insert(key).second) fail(where, ": ", key, " is there twice");
        assign_json(find_field(tree, key), key, value);
      }
    }
  } catch (const Error& error) {
    const std::string what = error.what();
    throw UsageError(what.starts_with(where) ? what : concat(where, ": ", what), error.hint());
  }
}

Json options_to_json(const OptionTree& tree) {
  Json result = Json::object();
  for (const OptionGroup& group : tree) {
    Json members = Json::object();
    for (const OptionField& field : group.fields) members.set(field.name, value_json(field));
    result.set(group.name, std::move(members));
  }
  return result;
}

std::string options_help(const OptionTree& tree) {
  std::string text;
  for (const OptionGroup& group : tree) {
    for (const OptionField& field : group.fields) {
      std::string line = concat("  ", group.name, ".", field.name, " = ", value_text(field));
      line.resize(std::max<std::size_t>(line.size() + 2, 38), ' ');
      line += field.help;
      const std::string allowed =
          field.choices.empty() ? range_text(field) : join(field.choices, ", ");
      if (!allowed.empty()) line += " (" + allowed + ")";
      text += line + "\n";
    }
  }
  return text;
}

std::vector<int64_t> whole_numbers(const std::vector<std::string>& texts, std::string_view option,
                                   int64_t least, int64_t most) {
  std::vector<int64_t> numbers;
  for (const std::string& text : texts) {
    int64_t value = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (code != std::errc{} || end != text.data() + text.size() || value < least || value > most) {
      throw UsageError(concat(option, ": \"", text, "\" is no number from ", least, " to ", most));
    }
    numbers.push_back(value);
  }
  return numbers;
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t substitute = diagonal + (a[i] != b[j]);
      diagonal = row[j + 1];
      row[j + 1] = std::min({substitute, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

std::string nearest_name(std::string_view word, const std::vector<std::string>& candidates) {
  std::string best;
  std::size_t best_distance = std::string::npos;
  for (const std::string& candidate : candidates) {
    const std::size_t distance = edit_distance(word, candidate);
    if (distance >= best_distance) continue;
    best_distance = distance;
    best = candidate;
  }
  return best;
}

}  // namespace vqalign
