#include "id_tokens.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <cstdio>
#include <fstream>
#include <stdexcept>

#include "base/clock.h"
#include "base/encoding.h"
#include "json/write.h"
#include "operations.h"

namespace vestibule::bench {
namespace {

constexpr unsigned kKeyBits = 2'048;
constexpr std::int64_t kLifetime = 3'600;

struct Free {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(BIGNUM* number) const { BN_free(number); }
  void operator()(std::FILE* file) const { static_cast<void>(std::fclose(file)); }
};
template <typename T>
using Owned = std::unique_ptr<T, Free>;

void require(bool holds, const char* otherwise) {
  if (!holds) throw std::runtime_error(otherwise);
}

const unsigned char* bytesOf(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string numberOf(EVP_PKEY* key, const char* name) {
  BIGNUM* value = nullptr;
  require(EVP_PKEY_get_bn_param(key, name, &value) == 1, "the key has no numbers");
  const Owned<BIGNUM> owned(value);
  std::string bytes(static_cast<std::size_t>(BN_num_bytes(value)), '\0');
  BN_bn2bin(value, reinterpret_cast<unsigned char*>(bytes.data()));
  return toBase64Url(bytes);
}

}  // namespace

TokenSigner::TokenSigner(const std::filesystem::path& file) {
  const Owned<std::FILE> in(std::fopen(file.c_str(), "rb"));
  require(in != nullptr, "the signing key cannot be opened");
  key_ = {PEM_read_PrivateKey(in.get(), nullptr, nullptr, nullptr), Free()};
  require(key_ != nullptr, "the signing key cannot be read");
}

void TokenSigner::provide(const std::filesystem::path& key_file,
                          const std::filesystem::path& key_set_file) {
  if (std::filesystem::exists(key_file) && std::filesystem::exists(key_set_file)) return;
  const Owned<EVP_PKEY> key(EVP_RSA_gen(kKeyBits));
  require(key != nullptr, "no key can be made");
  const json::Object jwk{{"kty", "RSA"},
                         {"use", "sig"},
                         {"alg", "RS256"},
                         {"kid", "bench"},
                         {"n", numberOf(key.get(), OSSL_PKEY_PARAM_RSA_N)},
                         {"e", numberOf(key.get(), OSSL_PKEY_PARAM_RSA_E)}};
  std::ofstream(key_set_file) << json::write(json::Object{{"keys", json::Array{jwk}}});
  const Owned<std::FILE> out(std::fopen(key_file.c_str(), "wb"));
  require(out != nullptr && PEM_write_PrivateKey(out.get(), key.get(), nullptr, nullptr, 0, nullptr,
                                                 nullptr) == 1,
          "the signing key cannot be written");
}

std::string TokenSigner::signature(std::string_view text) const {
  const Owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
  std::string signature(kKeyBits / 8, '\0');
  std::size_t size = signature.size();
  require(EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) == 1 &&
              EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()),
                             &size, bytesOf(text), text.size()) == 1,
          "a token cannot be signed");
  return signature;
}

bool TokenSigner::verifies(std::string_view text, std::string_view signature) const {
  // Fetched once: an implicit fetch would make the bound slower than it has to be.
  static const EVP_MD* const kSha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  const Owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
  return EVP_DigestVerifyInit(context.get(), nullptr, kSha256, nullptr, key_.get()) == 1 &&
         EVP_DigestVerify(context.get(), bytesOf(signature), signature.size(), bytesOf(text),
                          text.size()) == 1;
}

std::string TokenSigner::token(std::string_view claims) const {
  const std::int64_t seconds = now() / 1'000'000;
  std::string payload(claims.substr(0, claims.size() - 1));
  payload += ",\"iat\":" + std::to_string(seconds) +
             ",\"exp\":" + std::to_string(seconds + kLifetime) + "}";
  const std::string input =
      toBase64Url(R"({"alg":"RS256","typ":"JWT","kid":"bench"})") + "." + toBase64Url(payload);
  return input + "." + toBase64Url(signature(input));
}

std::vector<TokenLogin> tokenLogins(const Population& people, const TokenSigner& signer) {
  std::vector<TokenLogin> logins;
  for (std::uint64_t i = 0; i < kTokenUsers; ++i) {
    const std::uint64_t user = tokenUser(people.layout(), i);
    logins.push_back({user, signer.token(claims(people.person(user)))});
  }
  return logins;
}

}  // namespace vestibule::bench
