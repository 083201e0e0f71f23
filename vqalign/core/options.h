#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "vqalign/core/json.h"

namespace vqalign {

/// One option of a struct: its name, a pointer to the member that holds it, what it is for, and
/// what it may be. A struct lists its options once in `fields()`; the command line's --set, config
/// files, --help and the model file's metadata all come from that list, and the defaults are the
/// struct's own member initialisers.
struct OptionField {
  using Target = std::variant<bool*, int64_t*, double*, std::string*, std::vector<std::string>*>;

  std::string name;
  Target target;
  std::string help;
  double minimum = -1e300;                ///< Smallest number allowed.
  double maximum = 1e300;                 ///< Largest number allowed.
  std::vector<std::string> choices = {};  ///< For strings: the values allowed; empty allows any.
};

/// A named struct of options, `name.field` on the command line ("model.layers").
struct OptionGroup {
  std::string name;
  std::vector<OptionField> fields;
};

/// All option structs of a run, ground up. Holds pointers into the structs: do not outlive them.
using OptionTree = std::vector<OptionGroup>;

/// Applies one "group.field=value". Lists are separated by commas. UsageError naming the nearest
/// existing key when it is unknown, and both the value and the allowed range when it is out of it.
void set_option(const OptionTree& tree, std::string_view assignment);

/// Applies {"group": {"field": value}}. Unknown keys, those that are there twice and wrong types
/// throw UsageError naming `where`.
void options_from_json(const OptionTree& tree, const Json& values, std::string_view where);

/// The same form back, every field written.
Json options_to_json(const OptionTree& tree);

/// One line a field: "model.layers = 4    number of co-attention layers (1 to 64)".
std::string options_help(const OptionTree& tree);

/// The numbers of an option that is a list of them. UsageError naming the option, the text and the
/// range where a text is no whole number from `least` to `most`.
std::vector<int64_t> whole_numbers(const std::vector<std::string>& texts, std::string_view option,
                                   int64_t least, int64_t most);

/// Levenshtein's: how many characters must be put in, taken out or replaced.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The candidate with the smallest edit distance to `word`; empty when there are none.
std::string nearest_name(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace vqalign
