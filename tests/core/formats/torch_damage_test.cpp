// Hostile pickles in files of torch.save: one clear line, never a crash, nothing run.
#include <gtest/gtest.h>
#include <torch/types.h>

#include <cstdint>

#include "tests/core/formats/pickled.h"

namespace vqalign {
namespace {

using namespace testing_pickles;

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

}  // namespace
}  // namespace vqalign
