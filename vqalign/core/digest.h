#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace vqalign {

/// SHA-256 (FIPS 180-4) of what is added, piece by piece: tells contents apart, whatever they are
/// called.
class Digest {
 public:
  Digest();
  ~Digest();
  Digest(Digest&&) noexcept;
  Digest& operator=(Digest&&) noexcept;

  Digest& add(std::string_view bytes);

  /// Of all that was added; nothing may be added afterwards.
  std::array<uint8_t, 32> bytes();
  /// The same as 64 hexadecimal digits.
  std::string hex();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

/// Of a file's bytes, in hexadecimal. Error when the file cannot be read.
std::string file_sha256(const std::filesystem::path& path);

}  // namespace vqalign
