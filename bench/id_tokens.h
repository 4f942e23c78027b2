#pragma once
// The benchmark's side of the identity provider: a key, its JWK Set, and signed ID tokens.

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "population.h"

// OpenSSL's name for it.
struct evp_pkey_st;

namespace vestibule::bench {

/// An RSA key of 2048 bits that signs by RS256. Immutable, thread-safe.
class TokenSigner {
 public:
  /// Reads the key from a PEM file. Throws std::runtime_error when there is none.
  explicit TokenSigner(const std::filesystem::path& file);
  /// Makes a key and its JWK Set, unless both files are there. Throws std::runtime_error.
  static void provide(const std::filesystem::path& key_file,
                      const std::filesystem::path& key_set_file);

  /// RS256 of the text. About a millisecond.
  [[nodiscard]] std::string signature(std::string_view text) const;
  [[nodiscard]] bool verifies(std::string_view text, std::string_view signature) const;
  /// A token with these claims (a JSON object), issued now and good for an hour.
  [[nodiscard]] std::string token(std::string_view claims) const;

 private:
  std::shared_ptr<evp_pkey_st> key_;
};

/// A user and the ID token of their login.
struct TokenLogin {
  std::uint64_t user = 0;
  std::string token;
};

/// Logins of all the users that sign in by token.
[[nodiscard]] std::vector<TokenLogin> tokenLogins(const Population& people,
                                                  const TokenSigner& signer);

}  // namespace vestibule::bench
