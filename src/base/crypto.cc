#include "base/crypto.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <cstdio>
#include <cstdlib>

namespace vestibule {

void fillRandom(void* bytes, std::size_t size) {
  if (RAND_bytes(static_cast<unsigned char*>(bytes), static_cast<int>(size)) != 1) {
    std::fputs("vestibule: the system gives no randomness\n", stderr);
    std::abort();
  }
}

std::string randomBytes(std::size_t size) {
  std::string bytes(size, '\0');
  fillRandom(bytes.data(), size);
  return bytes;
}

std::string sha256(std::string_view bytes) {
  // Fetched once: an implicit fetch at each call costs more than the digest of a token.
  static const EVP_MD* const kSha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  std::string digest(32, '\0');
  unsigned length = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(digest.data()),
                 &length, kSha256, nullptr) != 1) {
    std::fputs("vestibule: SHA-256 failed\n", stderr);
    std::abort();
  }
  return digest;
}

std::string hmacSha256(std::string_view key, std::string_view bytes) {
  std::string digest(32, '\0');
  unsigned length = 0;
  if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
           reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
           reinterpret_cast<unsigned char*>(digest.data()), &length) == nullptr) {
    std::fputs("vestibule: HMAC-SHA256 failed\n", stderr);
    std::abort();
  }
  return digest;
}

bool equalConstantTime(std::string_view left, std::string_view right) {
  return left.size() == right.size() && CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

}  // namespace vestibule
