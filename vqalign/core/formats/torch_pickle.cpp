#include "vqalign/core/formats/torch_pickle.h"

#include <algorithm>
#include <array>

#include "vqalign/core/error.h"
#include "vqalign/core/json.h"

namespace vqalign {
namespace {

using Kind = PickleValue::Kind;

constexpr std::size_t kMostDimensions = 64;
/// Beyond any memory, and far enough from 2^63 that no product below overflows.
constexpr int64_t kMostElements = int64_t{1} << 48;
constexpr std::size_t kLongestQuote = 100;

// As they stand in a pickle: module, line break, name.
constexpr std::string_view kOrderedDict = "collections\nOrderedDict";
constexpr std::string_view kRebuildTensor = "torch._utils\n_rebuild_tensor";
constexpr std::string_view kRebuildTensor2 = "torch._utils\n_rebuild_tensor_v2";
constexpr std::string_view kRebuildParameter = "torch._utils\n_rebuild_parameter";

struct StorageClass {
  std::string_view name;
  c10::ScalarType type;
};

constexpr std::array<StorageClass, 10> kStorageClasses = {
    {{"torch\nFloatStorage", c10::ScalarType::Float},
     {"torch\nHalfStorage", c10::ScalarType::Half},
     {"torch\nDoubleStorage", c10::ScalarType::Double},
     {"torch\nBFloat16Storage", c10::ScalarType::BFloat16},
     {"torch\nLongStorage", c10::ScalarType::Long},
     {"torch\nIntStorage", c10::ScalarType::Int},
     {"torch\nShortStorage", c10::ScalarType::Short},
     {"torch\nCharStorage", c10::ScalarType::Char},
     {"torch\nByteStorage", c10::ScalarType::Byte},
     {"torch\nBoolStorage", c10::ScalarType::Bool}}};

const StorageClass* storage_class(std::string_view global) {
  const auto found = std::find_if(kStorageClasses.begin(), kStorageClasses.end(),
                                  [&](const StorageClass& known) { return known.name == global; });
  return found == kStorageClasses.end() ? nullptr : &*found;
}

std::string quoted(std::string_view text) {
  return Json(std::string(text.substr(0, kLongestQuote))).dump();
}

std::string list_text(const std::vector<int64_t>& numbers) {
  Json list = Json::array();
  for (const int64_t number : numbers) list.push(number);
  return list.dump();
}

// Objects are numbered: views of tensors from 0 up, spans of storages from -1 down.
PickleValue object(int64_t number) {
  return {.kind = Kind::kObject, .number = number};
}

}  // namespace

std::string_view torch_storage_name(c10::ScalarType type) {
  for (const StorageClass& known : kStorageClasses) {
    if (known.type == type) return known.name.substr(known.name.find('\n') + 1);
  }
  fail("torch.save has no storage for ", c10::toString(type));
}

const TorchView* TorchPickle::tensor(const PickleValue& value) const {
  return value.kind == Kind::kObject && value.number >= 0 ? &views_[value.number] : nullptr;
}

void TorchPickle::import(std::string_view module, std::string_view name) {
  const std::string global = concat(module, "\n", name);
  if (global == kOrderedDict || global == kRebuildTensor || global == kRebuildTensor2 ||
      global == kRebuildParameter || storage_class(global) != nullptr) {
    return;
  }
  refuse(concat("asks for ", quoted(concat(module, ".", name)),
                ", which tensors do not need: refused, nothing of the file was run"));
}

const PickleValue& TorchPickle::argument(const PickleValue& arguments, std::size_t index,
                                         Kind kind) const {
  if (index >= arguments.parts.size()) {
    refuse(concat("a call or storage with ", arguments.parts.size(), " arguments, number ",
                  index + 1, " is missing"));
  }
  const PickleValue& value = at(arguments.parts[index]);
  if (value.kind != kind) {
    refuse(concat("argument ", index + 1, " is ", kind_name(value.kind), ", expected ",
                  kind_name(kind)));
  }
  return value;
}

std::vector<int64_t> TorchPickle::whole_numbers(const PickleValue& tuple) const {
  if (tuple.parts.size() > kMostDimensions) {
    refuse(concat("a tensor of ", tuple.parts.size(), " dimensions, read are ", kMostDimensions));
  }
  std::vector<int64_t> numbers;
  for (std::size_t i = 0; i < tuple.parts.size(); ++i) {
    numbers.push_back(argument(tuple, i, Kind::kInt).number);
  }
  return numbers;
}

TorchPickle::Id TorchPickle::call(const PickleValue& callable, Id arguments) {
  const PickleValue given = at(arguments);
  if (callable.text == kOrderedDict) {
    if (!given.parts.empty()) refuse("an OrderedDict made with arguments");
    return add({.kind = Kind::kDict});
  }
  if (callable.text == kRebuildParameter) {
    if (tensor(argument(given, 0, Kind::kObject)) == nullptr) refuse("a parameter of no tensor");
    return given.parts[0];
  }
  if (callable.text == kRebuildTensor || callable.text == kRebuildTensor2) {
    return rebuild_tensor(given);
  }
  refuse(concat("calls ", quoted(callable.text)));
}

TorchPickle::Id TorchPickle::rebuild_tensor(const PickleValue& arguments) {
  const int64_t storage = argument(arguments, 0, Kind::kObject).number;
  if (storage >= 0) refuse("a tensor of no storage");
  const Span& span = spans_[-1 - storage];
  TorchView view;
  view.offset = argument(arguments, 1, Kind::kInt).number;
  view.sizes = whole_numbers(argument(arguments, 2, Kind::kTuple));
  view.strides = whole_numbers(argument(arguments, 3, Kind::kTuple));
  check_inside(view, span);
  view.storage = span.storage;
  view.offset += span.offset;
  views_.push_back(std::move(view));
  return add(object(static_cast<int64_t>(views_.size()) - 1));
}

void TorchPickle::check_inside(const TorchView& view, const Span& span) const {
  const auto refuse_view = [&](const char* why) {
    refuse(concat("a tensor of shape ", list_text(view.sizes), ", strides ",
                  list_text(view.strides), ", from number ", view.offset, " of a storage of ",
                  span.numel, ": ", why));
  };
  if (view.sizes.size() != view.strides.size()) refuse_view("as many strides are needed as sizes");
  int64_t count = 1, product = 1, last = view.offset;
  if (last < 0 || last > span.numel) refuse_view("it starts outside");
  for (std::size_t i = 0; i < view.sizes.size(); ++i) {
    const int64_t size = view.sizes[i], stride = view.strides[i];
    if (size < 0 || stride < 0) refuse_view("none may be negative");
    const int64_t factor = std::max<int64_t>(size, 1);
    if (factor > kMostElements / product) refuse_view("no memory holds so many numbers");
    product *= factor;
    count *= size;
    if (size > 1 && stride > (kMostElements - last) / (size - 1)) refuse_view("it ends outside");
    if (size > 1) last += (size - 1) * stride;
  }
  if (count > 0 && last >= span.numel) refuse_view("it ends outside");
  if (count > span.numel) refuse_view("it has more elements");
}

TorchPickle::Id TorchPickle::persistent(Id id) {
  const PickleValue description = at(id);
  if (description.kind != Kind::kTuple || argument(description, 0, Kind::kText).text != "storage") {
    refuse("a persistent id that is no storage");
  }
  const StorageClass* type = storage_class(argument(description, 1, Kind::kGlobal).text);
  if (type == nullptr) refuse("a storage of no known type");
  const std::string_view key = argument(description, 2, Kind::kText).text;
  argument(description, 3, Kind::kText);  // where it was: "cpu", "cuda:0"
  const int64_t numel = argument(description, 4, Kind::kInt).number;
  if (numel < 0 || numel > kMostElements) {
    refuse(concat("storage ", quoted(key), " of ", numel, " numbers"));
  }
  Span span{storage_of(key, type->type, numel), 0, numel};
  const bool is_part = description.parts.size() > 5 && at(description.parts[5]).kind != Kind::kNone;
  if (is_part) span = part_of(span, argument(description, 5, Kind::kTuple));
  spans_.push_back(span);
  return add(object(-static_cast<int64_t>(spans_.size())));
}

/// `description`: a key of its own, where in `whole` it starts, how many numbers it has.
TorchPickle::Span TorchPickle::part_of(const Span& whole, const PickleValue& description) const {
  const int64_t offset = argument(description, 1, Kind::kInt).number;
  const int64_t numel = argument(description, 2, Kind::kInt).number;
  if (offset < 0 || offset > whole.numel || numel < 0 || numel > whole.numel - offset) {
    refuse(concat("a part of ", numel, " numbers from number ", offset, " on of a storage of ",
                  whole.numel));
  }
  return {whole.storage, offset, numel};
}

std::size_t TorchPickle::storage_of(std::string_view key, c10::ScalarType type, int64_t numel) {
  const auto [found, added] = by_key_.emplace(key, storages_.size());
  if (added) {
    storages_.push_back({key, type, numel});
  } else {
    const TorchStorage& known = storages_[found->second];
    if (known.type != type || known.numel != numel) {
      refuse(concat("storage ", quoted(key), " has ", numel, " numbers of type ",
                    c10::toString(type), ", before it had ", known.numel, " of type ",
                    c10::toString(known.type)));
    }
  }
  return found->second;
}

}  // namespace vqalign
