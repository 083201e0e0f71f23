#include "graph_files.h"

#include <charconv>
#include <fstream>

#include "vqalign/core/error.h"
#include "vqalign/core/formats/npz.h"

namespace graph_attention {

using vqalign::fail;

namespace {

/// The arrays of an .npz by name.
class Arrays {
 public:
  explicit Arrays(const std::filesystem::path& path)
      : name_(path.string()), arrays_(vqalign::read_npz(path)) {}

  /// A numeric array of so many dimensions.
  torch::Tensor get(const char* key, int64_t dimensions) const {
    std::string held;
    for (const auto& array : arrays_) {
      if (array.name == key && array.tensor.defined()) {
        if (array.tensor.dim() == dimensions) return array.tensor;
        fail(name_, ": array \"", key, "\" has shape ", array.tensor.sizes(), ", expected ",
             dimensions, " dimensions");
      }
      held += (held.empty() ? "" : ", ") + array.name;
    }
    fail(name_, ": has no array \"", key, "\", it has ", held.empty() ? "none" : held);
  }

  std::vector<int64_t> integers(const char* key) const {
    const torch::Tensor numbers = get(key, 1).to(torch::kInt64).contiguous();
    const int64_t* first = numbers.const_data_ptr<int64_t>();
    return {first, first + numbers.numel()};
  }

 private:
  std::string name_;
  std::vector<vqalign::NpzArray> arrays_;
};

SparseRows read_features(const Arrays& arrays, const std::string& name) {
  const std::vector<int64_t> shape = arrays.integers("features_shape");
  if (shape.size() != 2 || shape[0] < 0 || shape[1] < 1) {
    fail(name, ": features_shape is no pair of rows and columns");
  }
  SparseRows features{shape[0], shape[1], arrays.integers("feature_indptr"),
                      arrays.integers("feature_indices"),
                      arrays.get("feature_values", 1).to(torch::kFloat32).contiguous()};
  const int64_t values = features.values.numel();
  const auto& starts = features.starts;
  if (static_cast<int64_t>(starts.size()) != features.rows + 1) {
    fail(name, ": feature_indptr has ", starts.size(), " entries, expected ", features.rows + 1);
  }
  if (static_cast<int64_t>(features.indices.size()) != values) {
    fail(name, ": ", features.indices.size(), " feature_indices for ", values, " feature_values");
  }
  if (starts.front() != 0 || starts.back() != values) {
    fail(name, ": feature_indptr goes from ", starts.front(), " to ", starts.back(),
         ", expected 0 to ", values);
  }
  for (std::size_t i = 1; i < starts.size(); ++i) {
    if (starts[i] < starts[i - 1]) fail(name, ": feature_indptr falls at entry ", i);
  }
  return features;
}

RawGraph read_npz_graph(const std::filesystem::path& path) {
  const Arrays arrays(path);
  RawGraph raw;
  raw.name = path.string();
  raw.features = read_features(arrays, raw.name);
  raw.labels = arrays.integers("labels");
  raw.train = arrays.integers("train");
  raw.validation = arrays.integers("val");
  raw.test = arrays.integers("test");
  const torch::Tensor edges = arrays.get("edges", 2).to(torch::kInt64).contiguous();
  if (edges.size(0) != 2) {
    fail(raw.name, ": array \"edges\" has shape ", edges.sizes(), ", expected [2, E]");
  }
  const int64_t count = edges.size(1);
  const int64_t* ends = edges.const_data_ptr<int64_t>();
  for (int64_t i = 0; i < count; ++i) raw.edges.emplace_back(ends[i], ends[count + i]);
  return raw;
}

/// Goes through the rows of a table whose first line is a heading.
class Table {
 public:
  explicit Table(const std::filesystem::path& path) : name_(path.string()), file_(path) {
    if (!file_) fail(name_, ": cannot be opened");
    if (!next()) fail(name_, ": is empty, expected a heading");
    heading_ = fields_;
  }

  bool next() {
    std::string line;
    if (!std::getline(file_, line)) {
      if (file_.bad()) fail(name_, ": cannot be read after line ", line_);
      return false;
    }
    ++line_;
    if (line.ends_with('\r')) line.pop_back();
    fields_.clear();
    std::size_t begin = 0;
    for (std::size_t end; (end = line.find(',', begin)) != std::string::npos; begin = end + 1) {
      fields_.push_back(line.substr(begin, end - begin));
    }
    fields_.push_back(line.substr(begin));
    if (!heading_.empty() && fields_.size() != heading_.size()) {
      fail(name_, ": line ", line_, " has ", fields_.size(), " fields, the heading has ",
           heading_.size());
    }
    return true;
  }

  /// The heading must begin with these.
  void expect_heading(const std::vector<std::string>& names) const {
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (i < heading_.size() && heading_[i] == names[i]) continue;
      fail(name_, ": column ", i + 1, " of the heading is \"",
           i < heading_.size() ? heading_[i] : "", "\", expected \"", names[i], "\"");
    }
  }

  std::size_t width() const { return heading_.size(); }
  const std::string& text(std::size_t column) const { return fields_[column]; }

  template <typename Number>
  Number number(std::size_t column) const {
    const std::string& field = fields_[column];
    Number value{};
    const auto [end, code] = std::from_chars(field.data(), field.data() + field.size(), value);
    if (code != std::errc{} || end != field.data() + field.size()) {
      fail(name_, ": line ", line_, ", ", heading_[column], " is \"", field,
           "\", expected a number");
    }
    return value;
  }

  [[noreturn]] void refuse(const std::string& what) const {
    fail(name_, ": line ", line_, ", ", what);
  }

 private:
  std::string name_;
  std::ifstream file_;
  int64_t line_ = 0;
  std::vector<std::string> heading_, fields_;
};

void read_nodes(Table table, RawGraph& raw) {
  table.expect_heading({"label", "part"});
  constexpr std::size_t kFirstFeature = 2;
  SparseRows& features = raw.features;
  features.columns = static_cast<int64_t>(table.width() - kFirstFeature);
  features.starts = {0};
  std::vector<float> values;
  for (; table.next(); ++features.rows) {
    raw.labels.push_back(table.text(0).empty() ? -1 : table.number<int64_t>(0));
    const std::string& part = table.text(1);
    if (part == "train") {
      raw.train.push_back(features.rows);
    } else if (part == "val") {
      raw.validation.push_back(features.rows);
    } else if (part == "test") {
      raw.test.push_back(features.rows);
    } else if (!part.empty()) {
      table.refuse("part is \"" + part + "\", expected train, val, test or nothing");
    }
    for (std::size_t column = kFirstFeature; column < table.width(); ++column) {
      const float value = table.number<float>(column);
      if (value == 0) continue;
      features.indices.push_back(static_cast<int64_t>(column - kFirstFeature));
      values.push_back(value);
    }
    features.starts.push_back(static_cast<int64_t>(values.size()));
  }
  features.values = torch::tensor(values);
}

RawGraph read_tables(const std::filesystem::path& folder) {
  RawGraph raw;
  raw.name = folder.string();
  read_nodes(Table(folder / "nodes.csv"), raw);
  Table edges(folder / "edges.csv");
  edges.expect_heading({"source", "target"});
  while (edges.next()) raw.edges.emplace_back(edges.number<int64_t>(0), edges.number<int64_t>(1));
  return raw;
}

}  // namespace

RawGraph read_graph(const std::filesystem::path& path) {
  return std::filesystem::is_directory(path) ? read_tables(path) : read_npz_graph(path);
}

}  // namespace graph_attention
