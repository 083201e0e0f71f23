// Damaged files of torch.save: one clear line, never a crash.
#include <gtest/gtest.h>
#include <torch/types.h>

#include "tests/core/formats/pickled.h"
#include "vqalign/core/formats/zip_writer.h"

namespace vqalign {
namespace {

using namespace testing_pickles;
using testing_files::fresh_path;
using testing_files::read_bytes;

TEST(TorchContainer, LegacyContainers) {
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

TEST(TorchContainer, ZipContainers) {
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

TEST(TorchContainer, EveryCutAndEveryFlippedByteIsReadOrRefused) {
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
