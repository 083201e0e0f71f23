#include "vqalign/core/digest.h"

#include <openssl/evp.h>

#include <cassert>
#include <new>

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

}  // namespace vqalign
