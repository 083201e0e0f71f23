// Damaged and hostile files of torch.save: one clear line, never a crash, nothing run.
#include <gtest/gtest.h>
#include <torch/types.h>

#include <cstdint>

#include "tests/core/formats/temporary_files.h"
#include "vqalign/core/formats/torch_checkpoint.h"
#include "vqalign/core/formats/torch_container.h"
#include "vqalign/core/formats/torch_pickle.h"
#include "vqalign/core/formats/zip_writer.h"

namespace vqalign {
namespace {

using testing_files::error_of;
using testing_files::fresh_path;
using testing_files::little_endian;
using testing_files::read_bytes;
using testing_files::TemporaryFile;

const std::string kStart = "\x80\x02";

std::string pickled_text(const std::string& value) {
  std::string pickled = "X";
  pickled += little_endian(static_cast<uint32_t>(value.size()));
  return pickled += value;
}

std::string pickled_int(int64_t value) {
  return "\x8a\x08" + little_endian(value);
}

std::string pickled_ints(const std::vector<int64_t>& values) {
  std::string pickled = "(";
  for (const int64_t value : values) pickled += pickled_int(value);
  return pickled + "t";
}

std::string pickled_storage(const std::string& key, int64_t numel,
                            const std::string& type = "Float", const std::string& part = "") {
  return "(" + pickled_text("storage") + "ctorch\n" + type + "Storage\n" + pickled_text(key) +
         pickled_text("cpu") + pickled_int(numel) + part + "tQ";
}

std::string pickled_tensor(const std::string& from, int64_t offset,
                           const std::vector<int64_t>& sizes, const std::vector<int64_t>& strides) {
  return "ctorch._utils\n_rebuild_tensor\n(" + from + pickled_int(offset) + pickled_ints(sizes) +
         pickled_ints(strides) + "tR";
}

std::string pickled_state(const std::string& name, const std::string& value) {
  return kStart + "}" + pickled_text("state_dict") + "}" + pickled_text(name) + value + "ss.";
}

/// The old format around an object's pickle, with one storage "0".
std::string legacy_file(const std::string& object, const std::string& storages,
                        const std::string& keys = "](" + pickled_text("0") + "e",
                        const std::string& little = "\x88", int64_t protocol = 1001) {
  return std::string(kTorchMagic) + kStart + pickled_int(protocol) + "." + kStart + "}" +
         pickled_text("little_endian") + little + "s." + object + kStart + keys + "." + storages;
}

std::string floats(int64_t count, std::size_t bytes) {
  return little_endian(count) + std::string(bytes, '\0');
}

void read_checkpoint(const std::filesystem::path& path) {
  const TorchCheckpoint checkpoint(path);
  if (const PickleValue* weights = checkpoint.find("state_dict")) {
    for (const auto& [name, values] : checkpoint.tensors(*weights)) values.clone();
  }
}

void expect_torch_error(const std::string& bytes, const std::string& part) {
  const TemporaryFile file("broken.pkl", bytes);
  const std::string message = error_of([&] { read_checkpoint(file.path); });
  EXPECT_TRUE(message.starts_with(file.path.string() + ": ")) << message;
  EXPECT_NE(message.find(part), std::string::npos) << part << ": " << message;
  EXPECT_EQ(message.find('\n'), std::string::npos) << message;
}

std::string pickle_error(const std::string& bytes) {
  return error_of([&] { TorchPickle(bytes, "pickle").read(); });
}

void expect_refused(const std::string& opcodes, const std::string& part) {
  const std::string message = pickle_error(kStart + opcodes);
  EXPECT_TRUE(message.starts_with("pickle: byte ")) << message;
  EXPECT_NE(message.find(part), std::string::npos) << part << ": " << message;
}

TEST(TorchDamage, TheSoundFilesOfTheseTestsRead) {
  const TemporaryFile file(
      "sound.pkl",
      legacy_file(pickled_state("w", pickled_tensor(pickled_storage("0", 4), 1, {3}, {1})),
                  floats(4, 16)));
  const TorchCheckpoint checkpoint(file.path);
  EXPECT_TRUE(torch::equal(checkpoint.tensors(*checkpoint.find("state_dict"))[0].second,
                           torch::zeros({3})));
  const std::string part = "(" + pickled_text("1") + pickled_int(1) + pickled_int(3) + "t";
  EXPECT_EQ(pickle_error(kStart +
                         pickled_tensor(pickled_storage("0", 4, "Float", part), 0, {3}, {1}) + "."),
            "no Error");
}

TEST(TorchDamage, NothingOffTheListIsRun) {
  expect_refused("cposix\nsystem\n(" + pickled_text("touch /tmp/owned") + "tR.",
                 "\"posix.system\"");
  expect_refused("cbuiltins\neval\n.", "\"builtins.eval\"");
  expect_refused("c__builtin__\nexec\n.", "\"__builtin__.exec\"");
  expect_refused("cnumpy.core.multiarray\n_reconstruct\n.", "_reconstruct");
  expect_refused("ctorch\nload\n.", "\"torch.load\"");
  expect_refused("ctorch._utils\n_rebuild_tensor_v2.evil\n.", "asks for");
  expect_refused("ccollections\nOrderedDict(tR.", "without an end");
  expect_refused("ccollections.OrderedDict\n\n.", "asks for");
  expect_refused("c" + std::string(100000, 'x') + "\ny\n.", "asks for");
  expect_refused(pickled_text("posix") + pickled_text("system") + "\x93.",
                 "opcode 147");                        // STACK_GLOBAL
  expect_refused("(iposix\nsystem\n.", "opcode 105");  // INST
  expect_refused(")\x81.", "opcode 129");              // NEWOBJ
  expect_refused("\x82\x01.", "opcode 130");           // EXT1
  expect_refused("Pabc\n.", "opcode 80");              // PERSID
  expect_refused(pickled_text("x") + ")R.", "calls a text with a tuple");
  expect_refused("ctorch\nFloatStorage\n)R.", "calls");
  expect_refused("ccollections\nOrderedDict\n]R.", "with a list");
  expect_refused("ccollections\nOrderedDict\n(]tR.", "made with arguments");
}

TEST(TorchDamage, StacksAndMemo) {
  for (const char* lone :
       {".", "Q", "R", "a", "b", "e", "q\1", "s", "t", "u", "\x85", "\x87", "(a"}) {
    expect_refused(lone, "missing");
  }
  expect_refused("Na.", "operand is missing");
  expect_refused("NNa.", "adds to None as if it were a list");
  expect_refused("}(Nu.", "a key without a value");
  expect_refused("NNb.", "sets attributes of None");
  expect_refused("h\7.", "remembered as number 7");
  expect_refused("j\xff\xff\xff\xff.", "number 4294967295");
  expect_refused("NN.", "1 values left over");
  expect_refused("NQ.", "no storage");
  expect_refused("(" + pickled_text("module") + "tQ.", "no storage");
  expect_refused("", "are left");
  expect_refused("X\xff\xff\xff\xff.", "4294967295 bytes are expected");
  expect_refused("\x8a\x09" + std::string(9, '\1') + ".", "an int of 9 bytes");
  EXPECT_NE(pickle_error("\x80\x04N.").find("no pickle of protocol 2"), std::string::npos);
  EXPECT_NE(pickle_error("N.").find("no pickle"), std::string::npos);
  EXPECT_NE(pickle_error("").find("are left"), std::string::npos);
}

TEST(TorchDamage, Numbers) {
  const auto value = [](const std::string& opcodes) {
    const std::string bytes = kStart + opcodes + ".";
    TorchPickle pickle(bytes, "pickle");
    return pickle.at(pickle.read());
  };
  EXPECT_EQ(value("J\xfe\xff\xff\xff").number, -2);
  EXPECT_EQ(value("K\xff").number, 255);
  EXPECT_EQ(value(std::string("M\x00\x80", 3)).number, 32768);
  EXPECT_EQ(value(std::string("\x8a\x00", 2)).number, 0);
  EXPECT_EQ(value("\x8a\x01\xff").number, -1);
  EXPECT_EQ(value(std::string("\x8a\x02\xff\x00", 4)).number, 255);
  EXPECT_EQ(value(pickled_int(INT64_MIN)).number, INT64_MIN);
  EXPECT_EQ(value(std::string("G\xbf\xf8\0\0\0\0\0\0", 9)).real, -1.5);
}

TEST(TorchDamage, ContainersThatHoldThemselvesOrNestDeeply) {
  const std::string self = kStart + "]q\1h\1a.";
  TorchPickle pickle(self, "pickle");
  const PickleValue& list = pickle.at(pickle.read());
  ASSERT_EQ(list.parts.size(), 1u);
  EXPECT_EQ(&pickle.at(list.parts[0]), &list);
  // {"state_dict": itself}
  expect_torch_error(legacy_file(kStart + "}q\1" + pickled_text("state_dict") + "h\1s.", "", "]"),
                     "is a dict, no tensor");

  constexpr std::size_t kDeep = 400'000;
  EXPECT_EQ(pickle_error(kStart + std::string(kDeep, ']') + std::string(kDeep - 1, 'a') + "."),
            "no Error");
  EXPECT_NE(pickle_error(kStart + std::string(kDeep, '(') + "."), "no Error");
  std::string doubling = "(]";  // each list holds the one before twice: 2^64 leaves
  for (char i = 1; i <= 64; ++i) {
    doubling += std::string("q") + i + "](h" + i + "h" + i + "e";
  }
  EXPECT_EQ(pickle_error(kStart + doubling + "t."), "no Error");
  expect_refused(std::string((std::size_t{1} << 20) + 1, 'N'), "more than 1048576 opcodes");
}

TEST(TorchDamage, TensorsStayInsideTheirStorage) {
  struct Case {
    int64_t offset;
    std::vector<int64_t> sizes, strides;
    const char* said;
  };
  constexpr int64_t kHuge = int64_t{1} << 62;
  const Case cases[] = {
      {-1, {1}, {1}, "starts outside"},
      {5, {1}, {1}, "starts outside"},
      {4, {1}, {1}, "ends outside"},
      {0, {5}, {1}, "ends outside"},
      {1, {2, 2}, {2, 1}, "ends outside"},
      {0, {2}, {kHuge}, "ends outside"},
      {0, {kHuge}, {1}, "no memory"},
      {0, {1 << 30, 1 << 30, 0}, {0, 0, 0}, "no memory"},
      {0, {INT64_MAX, INT64_MAX}, {INT64_MAX, INT64_MAX}, "no memory"},
      {0, {5}, {0}, "more elements"},
      {0, {1 << 20, 1 << 20}, {0, 0}, "more elements"},
      {0, {-2}, {1}, "negative"},
      {3, {2}, {-1}, "negative"},
      {0, {2, 2}, {1}, "as many strides"},
      {0, std::vector<int64_t>(65, 1), {}, "65 dimensions"},
  };
  for (const Case& bad : cases) {
    expect_refused(
        pickled_tensor(pickled_storage("0", 4), bad.offset, bad.sizes, bad.strides) + ".",
        bad.said);
  }
  expect_refused(pickled_tensor(pickled_storage("0", kHuge), 0, {1}, {1}) + ".",
                 "of 4611686018427387904 numbers");
  expect_refused(pickled_tensor(pickled_storage("0", -1), 0, {1}, {1}) + ".", "of -1 numbers");
  expect_refused(pickled_storage("0", 4, "Quantized") + ".", "QuantizedStorage");
  expect_refused("(" + pickled_storage("0", 4) + pickled_storage("0", 5) + "t.", "before it had 4");
  expect_refused("(" + pickled_storage("0", 4) + pickled_storage("0", 4, "Half") + "t.",
                 "of type Float");
  const std::string part = "(" + pickled_text("1") + pickled_int(3) + pickled_int(2) + "t";
  expect_refused(pickled_storage("0", 4, "Float", part) + ".",
                 "a part of 2 numbers from number 3 on");
  const std::string negative = "(" + pickled_text("1") + pickled_int(-1) + pickled_int(2) + "t";
  expect_refused(pickled_storage("0", 4, "Float", negative) + ".", "a part of");
  expect_refused("ctorch._utils\n_rebuild_tensor\n(NtR.", "argument 1 is None, expected an object");
  expect_refused("ctorch._utils\n_rebuild_tensor\n(" + pickled_storage("0", 4) + "tR.",
                 "2 is missing");
  expect_refused("ctorch._utils\n_rebuild_parameter\n(" + pickled_storage("0", 4) + "tR.",
                 "no tensor");
  expect_refused(
      pickled_tensor(pickled_tensor(pickled_storage("0", 4), 0, {1}, {1}), 0, {1}, {1}) + ".",
      "of no storage");
}

TEST(TorchDamage, LegacyContainers) {
  const std::string object =
      pickled_state("w", pickled_tensor(pickled_storage("0", 4), 0, {4}, {1}));
  const std::string keys = "](" + pickled_text("0") + "e";
  expect_torch_error(legacy_file(object, floats(4, 15)), "is it cut short?");
  expect_torch_error(legacy_file(object, floats(3, 16)), "has 3 numbers, its tensors ask for 4");
  expect_torch_error(legacy_file(object, ""), "takes 24 bytes");
  expect_torch_error(legacy_file(object, floats(4, 16), "]"), "storage \"0\" is missing");
  expect_torch_error(
      legacy_file(object, floats(4, 16), "](" + pickled_text("0") + pickled_text("0") + "e"),
      "there twice");
  expect_torch_error(legacy_file(object, floats(4, 16), "](" + pickled_text("9") + "e"),
                     "\"9\" is of no tensor");
  expect_torch_error(legacy_file(object, floats(4, 16), "N"), "expected a list");
  expect_torch_error(legacy_file(object, floats(4, 16), keys, "\x89"), "big-endian");
  expect_torch_error(legacy_file(object, floats(4, 16), keys, "N"), "byte order");
  expect_torch_error(legacy_file(object, floats(4, 16), keys, "\x88", 1002),
                     "of value 1002, read is 1001");
  const std::string huge =
      pickled_state("w", pickled_tensor(pickled_storage("0", int64_t{1} << 47), 0, {1}, {1}));
  expect_torch_error(legacy_file(huge, floats(4, 16)), "is it cut short?");
  const std::string truth =
      pickled_state("w", pickled_tensor(pickled_storage("0", 1, "Bool"), 0, {1}, {1}));
  expect_torch_error(legacy_file(truth, little_endian(int64_t{1}) + "\2"), "truth value");
  expect_torch_error(legacy_file(pickled_state("w", "N"), "", "]"), "is None, no tensor");
  const std::string view = pickled_tensor(pickled_storage("0", 4), 0, {4}, {1});
  const std::string twice = kStart + "}" + pickled_text("state_dict") + "}(" + pickled_text("w") +
                            view + pickled_text("w") + view + "us.";
  expect_torch_error(legacy_file(twice, floats(4, 16)), "is there twice");
  expect_torch_error("a text", "is no file of torch.save");
  expect_torch_error(kStart + "N.", "is no file of torch.save");
  expect_torch_error("", "is empty");
}

TEST(TorchDamage, ZipContainers) {
  const std::string object =
      pickled_state("w", pickled_tensor(pickled_storage("0", 2), 0, {2}, {1}));
  const auto zip = [](const std::vector<std::pair<std::string, std::string>>& members) {
    const auto path = fresh_path("made.pkl");
    AtomicFile file(path);
    ZipWriter writer(file);
    for (const auto& [name, content] : members) writer.add(name, {content});
    writer.finish();
    file.commit();
    return read_bytes(path);
  };
  const std::string eight(8, '\0');
  {
    const TemporaryFile file("sound.pkl", zip({{"a/data.pkl", object}, {"a/data/0", eight}}));
    EXPECT_NO_THROW(read_checkpoint(file.path));
  }
  expect_torch_error(zip({{"a/data.pkl", object}}), "\"a/data/0\" is missing");
  expect_torch_error(zip({{"a/data.pkl", object}, {"b/data/0", eight}}), "is missing");
  expect_torch_error(zip({{"a/data.pkl", object}, {"a/data/0", "1234"}}),
                     "has 4 bytes, its storage takes 8");
  expect_torch_error(zip({{"a/b/data.pkl", object}}), "it has no */data.pkl");
  expect_torch_error(zip({{"a/data.pkl", object}, {"a/byteorder", "big"}, {"a/data/0", eight}}),
                     "byte order \"big\"");
  expect_torch_error(zip({{"a/data.pkl", kStart + "cos\nsystem\n."}}), "\"os.system\"");
}

void expect_read_or_refused(const std::string& bytes, std::size_t& refused) {
  const TemporaryFile file("damaged.pkl", bytes);
  const std::string message = error_of([&] { read_checkpoint(file.path); });
  if (message == "no Error") return;
  ++refused;
  EXPECT_TRUE(message.starts_with(file.path.string() + ": ")) << message;
  EXPECT_EQ(message.find('\n'), std::string::npos) << message;
}

TEST(TorchDamage, EveryCutAndEveryFlippedByteIsReadOrRefused) {
  for (const char* name : {"torch_zip.pkl", "torch_legacy.pkl"}) {
    const std::string whole = read_bytes(std::filesystem::path(VQALIGN_SOURCE_DIR) /
                                         "tests/core/formats/fixtures" / name);
    ASSERT_GT(whole.size(), 1000u);
    std::size_t refused = 0;
    for (std::size_t length = 0; length < whole.size(); ++length) {
      expect_read_or_refused(whole.substr(0, length), refused);
    }
    EXPECT_EQ(refused, whole.size()) << name;  // not one cut goes unseen
    refused = 0;
    for (std::size_t i = 0; i < whole.size(); ++i) {
      for (const int bits : {0x01, 0xff}) {
        std::string damaged = whole;
        damaged[i] = static_cast<char>(damaged[i] ^ bits);
        expect_read_or_refused(damaged, refused);
      }
    }
    EXPECT_GT(refused, whole.size() / 2) << name;
  }
}

}  // namespace
}  // namespace vqalign
