#pragma once

#include <gtest/gtest.h>
#include <torch/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "tests/core/formats/temporary_files.h"
#include "vqalign/core/formats/torch_checkpoint.h"
#include "vqalign/core/formats/torch_container.h"
#include "vqalign/core/formats/torch_pickle.h"

/// Pickles put together by hand, and what is said of them.
namespace vqalign::testing_pickles {

using testing_files::error_of;
using testing_files::little_endian;
using testing_files::TemporaryFile;

inline const std::string kStart = "\x80\x02";

inline std::string pickled_text(const std::string& value) {
  std::string pickled = "X";
  pickled += little_endian(static_cast<uint32_t>(value.size()));
  return pickled += value;
}

inline std::string pickled_int(int64_t value) {
  return "\x8a\x08" + little_endian(value);
}

inline std::string pickled_ints(const std::vector<int64_t>& values) {
  std::string pickled = "(";
  for (const int64_t value : values) pickled += pickled_int(value);
  return pickled + "t";
}

inline std::string pickled_storage(const std::string& key, int64_t numel,
                                   const std::string& type = "Float",
                                   const std::string& part = "") {
  return "(" + pickled_text("storage") + "ctorch\n" + type + "Storage\n" + pickled_text(key) +
         pickled_text("cpu") + pickled_int(numel) + part + "tQ";
}

inline std::string pickled_tensor(const std::string& from, int64_t offset,
                                  const std::vector<int64_t>& sizes,
                                  const std::vector<int64_t>& strides) {
  return "ctorch._utils\n_rebuild_tensor\n(" + from + pickled_int(offset) + pickled_ints(sizes) +
         pickled_ints(strides) + "tR";
}

inline std::string pickled_state(const std::string& name, const std::string& value) {
  return kStart + "}" + pickled_text("state_dict") + "}" + pickled_text(name) + value + "ss.";
}

/// The old format around an object's pickle, with one storage "0".
inline std::string legacy_file(const std::string& object, const std::string& storages,
                               const std::string& keys = "](" + pickled_text("0") + "e",
                               const std::string& little = "\x88", int64_t protocol = 1001) {
  return std::string(kTorchMagic) + kStart + pickled_int(protocol) + "." + kStart + "}" +
         pickled_text("little_endian") + little + "s." + object + kStart + keys + "." + storages;
}

inline std::string floats(int64_t count, std::size_t bytes) {
  return little_endian(count) + std::string(bytes, '\0');
}

inline void read_checkpoint(const std::filesystem::path& path) {
  const TorchCheckpoint checkpoint(path);
  if (const PickleValue* weights = checkpoint.find("state_dict")) {
    for (const auto& [name, values] : checkpoint.tensors(*weights)) values.clone();
  }
}

inline void expect_torch_error(const std::string& bytes, const std::string& part) {
  const TemporaryFile file("broken.pkl", bytes);
  const std::string message = error_of([&] { read_checkpoint(file.path); });
  EXPECT_TRUE(message.starts_with(file.path.string() + ": ")) << message;
  EXPECT_NE(message.find(part), std::string::npos) << part << ": " << message;
  EXPECT_EQ(message.find('\n'), std::string::npos) << message;
}

inline std::string pickle_error(const std::string& bytes) {
  return error_of([&] { TorchPickle(bytes, "pickle").read(); });
}

inline void expect_refused(const std::string& opcodes, const std::string& part) {
  const std::string message = pickle_error(kStart + opcodes);
  EXPECT_TRUE(message.starts_with("pickle: byte ")) << message;
  EXPECT_NE(message.find(part), std::string::npos) << part << ": " << message;
}

}  // namespace vqalign::testing_pickles
