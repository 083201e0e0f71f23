#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace vqalign {

/// A value of a Python pickle. Containers name their parts by number (PickleReader::at), so that
/// shared and self-referencing ones are as harmless as others, as long as nobody walks them without
/// a bound.
struct PickleValue {
  using Id = uint32_t;
  enum class Kind : uint8_t {
    kNone,
    kBool,
    kInt,
    kFloat,
    kText,
    kTuple,
    kList,
    kDict,
    kGlobal,  ///< something to be called, named "module.name"
    kObject,  ///< what a call or a persistent id was turned into: `number` is the hook's own
  };

  Kind kind = Kind::kNone;
  int64_t number = 0;          ///< kBool, kInt, kObject
  double real = 0;             ///< kFloat
  std::string_view text = {};  ///< kText and kGlobal ("module\nname"): lies in the pickle
  std::vector<Id> parts = {};  ///< kTuple, kList: items; kDict: key, value, key, value, ..
};

/// "None", "an int", "a dict", .. for messages.
std::string_view kind_name(PickleValue::Kind kind);

/// A reader of the opcodes that torch.save writes (pickle protocol 2), which runs nothing: what a
/// pickle would call or import is handed to hooks, which know a few names and refuse all others.
/// Work and memory grow with the bytes read, up to a fixed most (2^20 opcodes); there is no
/// recursion. `bytes` must outlive the reader.
class PickleReader {
 public:
  using Id = PickleValue::Id;

  /// Begins at byte `start`, 0 to the number of bytes. `where` names the file and the place, for
  /// messages.
  PickleReader(std::string_view bytes, std::string where, std::size_t start = 0)
      : bytes_(bytes), where_(std::move(where)), position_(start) {}
  virtual ~PickleReader() = default;
  PickleReader(const PickleReader&) = delete;
  PickleReader& operator=(const PickleReader&) = delete;

  /// Reads one pickle from its PROTO to its STOP and returns its value; a second call reads the one
  /// behind it. Error naming the byte: cut short, another protocol, an opcode that none of these
  /// files has, operands missing, a name or number that a hook refuses.
  Id read();

  /// Of what read() returned and of parts; these stay valid until the next read().
  const PickleValue& at(Id id) const { return values_[id]; }
  /// The value behind the last text key of that name in a dict; null when there is none or
  /// `dict` is none.
  const PickleValue* find(const PickleValue& dict, std::string_view key) const;

  std::size_t position() const { return position_; }
  const std::string& where() const { return where_; }

 protected:
  /// A name that the pickle wants to import. Throws to refuse it.
  virtual void import(std::string_view module, std::string_view name) = 0;
  /// `callable` (imported before) called with a tuple of arguments.
  virtual Id call(const PickleValue& callable, Id arguments) = 0;
  /// What a persistent id stands for.
  virtual Id persistent(Id id) = 0;

  /// A new value; for hooks as well.
  Id add(PickleValue value);
  /// Throws Error: `where`, the byte of the opcode, and the text.
  [[noreturn]] void refuse(const std::string& text) const;

 private:
  bool step();
  bool step_constant(uint8_t opcode);
  bool step_container(uint8_t opcode);
  bool step_memo(uint8_t opcode);
  bool step_object(uint8_t opcode);
  std::string_view take(std::size_t count);
  std::string_view take_line();
  template <typename Number>
  Number number();
  int64_t long_number();
  void push(PickleValue value) { stack_.push_back(add(std::move(value))); }
  Id pop();
  Id top() const;
  std::vector<Id> pop_to_mark();
  std::vector<Id> pop_many(std::size_t count);
  void extend(PickleValue::Kind kind, const std::vector<Id>& parts);

  std::string_view bytes_;
  std::string where_;
  std::size_t position_;
  std::size_t opcode_at_ = 0;
  std::size_t steps_ = 0;
  std::vector<PickleValue> values_;
  std::vector<Id> stack_;
  std::vector<std::size_t> marks_;
  std::unordered_map<uint32_t, Id> memo_;
};

}  // namespace vqalign
