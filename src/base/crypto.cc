#include "base/crypto.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <array>
#include <cstring>
#include <memory>

#include "base/abort.h"

namespace vestibule {
namespace {

constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kNonceBytes = 12;
constexpr std::size_t kTagBytes = 16;
constexpr std::size_t kShortRandom = 32;
constexpr std::size_t kRandomInStock = 512;

struct FreeCipherContext {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, FreeCipherContext>;

struct FreeDigestContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using DigestContext = std::unique_ptr<EVP_MD_CTX, FreeDigestContext>;

const unsigned char* bytesOf(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
int sizeOf(std::string_view text) { return static_cast<int>(text.size()); }

void generateRandom(unsigned char* out, std::size_t size) {
  if (RAND_bytes(out, static_cast<int>(size)) != 1) abortWith("the system gives no randomness");
}

}  // namespace

void fillRandom(void* bytes, std::size_t size) {
  auto* const out = static_cast<unsigned char*>(bytes);
  if (size > kShortRandom) return generateRandom(out, size);
  // Each request needs a few bytes for its id, and a call of the generator costs as much for eight
  // bytes as for some hundred. None is given twice, and none stays behind.
  thread_local std::array<unsigned char, kRandomInStock> stock;
  thread_local std::size_t left = 0;
  if (left < size) {
    generateRandom(stock.data(), stock.size());
    left = stock.size();
  }
  left -= size;
  std::memcpy(out, stock.data() + left, size);
  OPENSSL_cleanse(stock.data() + left, size);
}

std::string randomBytes(std::size_t size) {
  std::string bytes(size, '\0');
  fillRandom(bytes.data(), size);
  return bytes;
}

std::string sha256(std::string_view bytes) {
  // Fetched once: an implicit fetch at each call costs more than the digest of a token.
  static const EVP_MD* const kSha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  // Kept as well: to make one takes longer than to digest a token.
  thread_local const DigestContext context(EVP_MD_CTX_new());
  std::string digest(32, '\0');
  unsigned length = 0;
  const bool done =
      context != nullptr && EVP_DigestInit_ex2(context.get(), kSha256, nullptr) == 1 &&
      EVP_DigestUpdate(context.get(), bytes.data(), bytes.size()) == 1 &&
      EVP_DigestFinal_ex(context.get(), reinterpret_cast<unsigned char*>(digest.data()), &length) ==
          1;
  if (!done) abortWith("SHA-256 failed");
  return digest;
}

std::string hmacSha256(std::string_view key, std::string_view text) {
  std::string code(32, '\0');
  unsigned length = 0;
  if (HMAC(EVP_sha256(), key.data(), sizeOf(key), bytesOf(text), text.size(),
           reinterpret_cast<unsigned char*>(code.data()), &length) == nullptr) {
    abortWith("HMAC-SHA256 failed");
  }
  return code;
}

std::string seal(std::string_view key, std::string_view text, std::string_view bound) {
  std::string sealed(kNonceBytes + text.size() + kTagBytes, '\0');
  fillRandom(sealed.data(), kNonceBytes);
  auto* const out = reinterpret_cast<unsigned char*>(sealed.data());
  const CipherContext context(EVP_CIPHER_CTX_new());
  int length = 0;
  const bool done =
      key.size() == kKeyBytes && context != nullptr &&
      EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, bytesOf(key), out) == 1 &&
      EVP_EncryptUpdate(context.get(), nullptr, &length, bytesOf(bound), sizeOf(bound)) == 1 &&
      EVP_EncryptUpdate(context.get(), out + kNonceBytes, &length, bytesOf(text), sizeOf(text)) ==
          1 &&
      EVP_EncryptFinal_ex(context.get(), out + kNonceBytes + text.size(), &length) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes,
                          out + kNonceBytes + text.size()) == 1;
  if (!done) {
    abortWith("AES-256-GCM failed");
  }
  return sealed;
}

std::optional<std::string> unseal(std::string_view key, std::string_view sealed,
                                  std::string_view bound) {
  if (key.size() != kKeyBytes || sealed.size() < kNonceBytes + kTagBytes) return std::nullopt;
  const std::string_view body = sealed.substr(kNonceBytes, sealed.size() - kNonceBytes - kTagBytes);
  std::string tag(sealed.substr(sealed.size() - kTagBytes));
  std::string text(body.size(), '\0');
  auto* const out = reinterpret_cast<unsigned char*>(text.data());
  const CipherContext context(EVP_CIPHER_CTX_new());
  int length = 0;
  const bool opened =
      context != nullptr &&
      EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, bytesOf(key),
                         bytesOf(sealed)) == 1 &&
      EVP_DecryptUpdate(context.get(), nullptr, &length, bytesOf(bound), sizeOf(bound)) == 1 &&
      EVP_DecryptUpdate(context.get(), out, &length, bytesOf(body), sizeOf(body)) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, tag.data()) == 1 &&
      EVP_DecryptFinal_ex(context.get(), out + text.size(), &length) == 1;
  if (!opened) return std::nullopt;
  return text;
}

bool equalConstantTime(std::string_view left, std::string_view right) {
  return left.size() == right.size() && CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

}  // namespace vestibule
