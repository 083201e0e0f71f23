#include "vqalign/core/digest.h"

#include <openssl/evp.h>

#include <cassert>
#include <fstream>
#include <new>
#include <vector>

#include "vqalign/core/error.h"

namespace vqalign {

struct Digest::Context {
  Context() : state(EVP_MD_CTX_new()) {
    if (!state || EVP_DigestInit_ex(state, EVP_sha256(), nullptr) != 1) throw std::bad_alloc();
  }
  ~Context() { EVP_MD_CTX_free(state); }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  EVP_MD_CTX* state;
};

Digest::Digest() : context_(std::make_unique<Context>()) {}
Digest::~Digest() = default;
Digest::Digest(Digest&&) noexcept = default;
Digest& Digest::operator=(Digest&&) noexcept = default;

Digest& Digest::add(std::string_view bytes) {
  [[maybe_unused]] const int added = EVP_DigestUpdate(context_->state, bytes.data(), bytes.size());
  assert(added == 1);
  return *this;
}

std::array<uint8_t, 32> Digest::bytes() {
  std::array<uint8_t, 32> result{};
  [[maybe_unused]] const int done = EVP_DigestFinal_ex(context_->state, result.data(), nullptr);
  assert(done == 1);
  return result;
}

std::string Digest::hex() {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const uint8_t byte : bytes()) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

std::string file_sha256(const std::filesystem::path& path) {
  constexpr std::size_t kBlock = std::size_t{1} << 20;
  std::ifstream file(path, std::ios::binary);
  if (!file) fail(path.string(), ": cannot be opened");
  Digest digest;
  std::vector<char> block(kBlock);
  while (file) {
    file.read(block.data(), static_cast<std::streamsize>(block.size()));
    digest.add({block.data(), static_cast<std::size_t>(file.gcount())});
  }
  if (!file.eof()) fail(path.string(), ": cannot be read");
  return digest.hex();
}

}  // namespace vqalign
