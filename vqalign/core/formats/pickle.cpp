#include "vqalign/core/formats/pickle.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "vqalign/core/error.h"
#include "vqalign/core/formats/pickle_opcodes.h"

namespace vqalign {
namespace {

using Kind = PickleValue::Kind;

static_assert(std::endian::native == std::endian::little, "pickled numbers are little-endian");

/// Some thousand tensors take a tenth of this.
constexpr std::size_t kMostSteps = std::size_t{1} << 20;
constexpr uint8_t kProtocol = 2;

}  // namespace

std::string_view kind_name(Kind kind) {
  constexpr std::string_view kNames[] = {"None",    "a bool", "an int", "a float",  "a text",
                                         "a tuple", "a list", "a dict", "a global", "an object"};
  return kNames[static_cast<std::size_t>(kind)];
}

void PickleReader::refuse(const std::string& text) const {
  fail(where_, ": byte ", opcode_at_, ": ", text);
}

PickleReader::Id PickleReader::add(PickleValue value) {
  values_.push_back(std::move(value));
  return static_cast<Id>(values_.size() - 1);
}

std::string_view PickleReader::take(std::size_t count) {
  if (count > bytes_.size() - position_) {
    refuse(concat(count, " bytes are expected, ", bytes_.size() - position_,
                  " are left: is it cut short?"));
  }
  const std::string_view taken = bytes_.substr(position_, count);
  position_ += count;
  return taken;
}

std::string_view PickleReader::take_line() {
  const std::size_t end = bytes_.find('\n', position_);
  if (end == std::string_view::npos) refuse("a name without an end: is it cut short?");
  const std::string_view line = take(end - position_);
  ++position_;
  return line;
}

template <typename Number>
Number PickleReader::number() {
  Number value;
  std::memcpy(&value, take(sizeof value).data(), sizeof value);
  return value;
}

/// Two's complement in as few bytes as hold it.
int64_t PickleReader::long_number() {
  const auto count = number<uint8_t>();
  const std::string_view digits = take(count);
  if (count > 8) refuse(concat("an int of ", int{count}, " bytes, read are 8"));
  const bool negative = count > 0 && (digits.back() & 0x80) != 0;
  int64_t value = negative ? -1 : 0;
  std::memcpy(&value, digits.data(), count);
  return value;
}

PickleReader::Id PickleReader::top() const {
  if (stack_.size() <= (marks_.empty() ? 0 : marks_.back())) refuse("its operand is missing");
  return stack_.back();
}

PickleReader::Id PickleReader::pop() {
  const Id id = top();
  stack_.pop_back();
  return id;
}

std::vector<PickleReader::Id> PickleReader::pop_many(std::size_t count) {
  std::vector<Id> ids(count);
  for (std::size_t i = count; i-- > 0;) ids[i] = pop();
  return ids;
}

std::vector<PickleReader::Id> PickleReader::pop_to_mark() {
  if (marks_.empty()) refuse("its mark is missing");
  const std::vector<Id> ids = pop_many(stack_.size() - marks_.back());
  marks_.pop_back();
  return ids;
}

/// Adds parts to the list or dict on top of the stack.
void PickleReader::extend(Kind kind, const std::vector<Id>& parts) {
  PickleValue& container = values_[top()];
  if (container.kind != kind) {
    refuse(concat("adds to ", kind_name(container.kind), " as if it were ", kind_name(kind)));
  }
  if (kind == Kind::kDict && parts.size() % 2 != 0) refuse("a key without a value");
  container.parts.insert(container.parts.end(), parts.begin(), parts.end());
}

bool PickleReader::step_constant(uint8_t code) {
  switch (code) {
    case opcode::kNone:
      push({});
      return true;
    case opcode::kNewTrue:
    case opcode::kNewFalse:
      push({.kind = Kind::kBool, .number = code == opcode::kNewTrue});
      return true;
    case opcode::kBinInt:
      push({.kind = Kind::kInt, .number = number<int32_t>()});
      return true;
    case opcode::kBinInt1:
      push({.kind = Kind::kInt, .number = number<uint8_t>()});
      return true;
    case opcode::kBinInt2:
      push({.kind = Kind::kInt, .number = number<uint16_t>()});
      return true;
    case opcode::kLong1:
      push({.kind = Kind::kInt, .number = long_number()});
      return true;
    case opcode::kBinFloat: {
      std::string digits(take(sizeof(double)));  // big-endian, alone of all
      std::reverse(digits.begin(), digits.end());
      PickleValue value{.kind = Kind::kFloat};
      std::memcpy(&value.real, digits.data(), sizeof value.real);
      push(std::move(value));
      return true;
    }
    case opcode::kBinUnicode:
      push({.kind = Kind::kText, .text = take(number<uint32_t>())});
      return true;
    default:
      return false;
  }
}

bool PickleReader::step_container(uint8_t code) {
  switch (code) {
    case opcode::kEmptyTuple:
      push({.kind = Kind::kTuple});
      return true;
    case opcode::kEmptyList:
      push({.kind = Kind::kList});
      return true;
    case opcode::kEmptyDict:
      push({.kind = Kind::kDict});
      return true;
    case opcode::kMark:
      marks_.push_back(stack_.size());
      return true;
    case opcode::kTuple:
      push({.kind = Kind::kTuple, .parts = pop_to_mark()});
      return true;
    case opcode::kTuple1:
    case opcode::kTuple2:
    case opcode::kTuple3:
      push({.kind = Kind::kTuple, .parts = pop_many(code - opcode::kTuple1 + 1u)});
      return true;
    case opcode::kAppend:
      extend(Kind::kList, {pop()});
      return true;
    case opcode::kAppends:
      extend(Kind::kList, pop_to_mark());
      return true;
    case opcode::kSetItem:
      extend(Kind::kDict, pop_many(2));
      return true;
    case opcode::kSetItems:
      extend(Kind::kDict, pop_to_mark());
      return true;
    default:
      return false;
  }
}

bool PickleReader::step_memo(uint8_t code) {
  switch (code) {
    case opcode::kBinPut:
    case opcode::kLongBinPut: {
      const uint32_t place = code == opcode::kBinPut ? number<uint8_t>() : number<uint32_t>();
      memo_[place] = top();
      return true;
    }
    case opcode::kBinGet:
    case opcode::kLongBinGet: {
      const uint32_t place = code == opcode::kBinGet ? number<uint8_t>() : number<uint32_t>();
      const auto found = memo_.find(place);
      if (found == memo_.end()) refuse(concat("nothing was remembered as number ", place));
      stack_.push_back(found->second);
      return true;
    }
    default:
      return false;
  }
}

bool PickleReader::step_object(uint8_t code) {
  switch (code) {
    case opcode::kGlobal: {
      const std::size_t start = position_;
      const std::string_view module = take_line();
      const std::string_view name = take_line();
      import(module, name);
      push({.kind = Kind::kGlobal, .text = bytes_.substr(start, position_ - 1 - start)});
      return true;
    }
    case opcode::kReduce: {
      const Id arguments = pop();
      const PickleValue callable = at(pop());
      if (callable.kind != Kind::kGlobal || at(arguments).kind != Kind::kTuple) {
        refuse(concat("calls ", kind_name(callable.kind), " with ", kind_name(at(arguments).kind)));
      }
      stack_.push_back(call(callable, arguments));
      return true;
    }
    case opcode::kBuild: {
      // An OrderedDict's attributes (_metadata of a state_dict), which no reader needs.
      pop();
      if (at(top()).kind != Kind::kDict) {
        refuse(concat("sets attributes of ", kind_name(at(top()).kind)));
      }
      return true;
    }
    case opcode::kBinPersId:
      stack_.push_back(persistent(pop()));
      return true;
    default:
      return false;
  }
}

/// False behind the last one.
bool PickleReader::step() {
  opcode_at_ = position_;
  if (++steps_ > kMostSteps) refuse(concat("more than ", kMostSteps, " opcodes"));
  const auto code = number<uint8_t>();
  if (code == opcode::kStop) return false;
  if (!step_constant(code) && !step_container(code) && !step_memo(code) && !step_object(code)) {
    refuse(concat("opcode ", int{code}, " is none that torch.save writes"));
  }
  return true;
}

PickleReader::Id PickleReader::read() {
  values_.clear();
  stack_.clear();
  marks_.clear();
  memo_.clear();
  steps_ = 0;
  opcode_at_ = position_;
  const auto code = number<uint8_t>();
  const auto protocol = number<uint8_t>();
  if (code != opcode::kProto || protocol != kProtocol) {
    refuse(concat("is no pickle of protocol ", int{kProtocol}, ": it begins with the bytes ",
                  int{code}, " ", int{protocol}));
  }
  while (step()) {
  }
  const Id result = pop();
  if (!stack_.empty()) refuse(concat("ends with ", stack_.size(), " values left over"));
  return result;
}

const PickleValue* PickleReader::find(const PickleValue& dict, std::string_view key) const {
  if (dict.kind != Kind::kDict) return nullptr;
  for (std::size_t i = dict.parts.size(); i >= 2; i -= 2) {
    const PickleValue& name = at(dict.parts[i - 2]);
    if (name.kind == Kind::kText && name.text == key) return &at(dict.parts[i - 1]);
  }
  return nullptr;
}

}  // namespace vqalign
