#pragma once
// Access tokens of other issuers (RFC 9068), and who presents them.

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"
#include "base/result.h"
#include "directory/catalog.h"
#include "directory/principal.h"
#include "directory/token_issuer.h"
#include "jose/key_sources.h"

namespace vestibule::directory {

/// Whom an access token makes its bearer.
struct TokenBearer {
  std::shared_ptr<const Principal> principal;
  std::shared_ptr<const TokenIssuer> issuer;
  Subject subject;  ///< the token's `sub`
};

/// Verifies access tokens, and remembers those that held for as long as they do, at most a minute,
/// and at most some thousands. The keys of an issuer that is deleted or disabled go with the next
/// token that is verified by a catalog without it. Thread-safe.
class AccessTokens {
 public:
  explicit AccessTokens(jose::FetchOptions fetching = {}, const jose::KeySourceLimits& limits = {})
      : key_sources_(std::move(fetching), limits) {}

  /// The bearer of a token that was verified a short time ago and still holds; null when it has to
  /// be verified. Waits for nothing.
  [[nodiscard]] std::shared_ptr<const TokenBearer> remembered(const Catalog& catalog,
                                                              std::string_view sha256,
                                                              Timestamp now);

  /// Verifies a token by the settings of the issuer that it names: signature, `typ`, `iss`, `aud`,
  /// times and client. Its scopes are those that the settings and the token both have; it may be
  /// none. Errors kUnauthenticated with the reason, which holds no claim of the token; kUnavailable
  /// when the issuer's keys cannot be had. Costs a verification and, now and then, a reading of the
  /// keys.
  [[nodiscard]] Result<std::shared_ptr<const TokenBearer>> verify(const Catalog& catalog,
                                                                  std::string_view token,
                                                                  std::string_view sha256,
                                                                  Timestamp now);

 private:
  struct Entry {
    std::shared_ptr<const TokenBearer> bearer;
    Timestamp until = 0;
  };
  struct Keys {
    std::string issuer;  ///< as `iss` has it
    std::shared_ptr<jose::KeySource> source;
  };
  /// The issuer that a token names by `iss`, which nobody has verified. Null: none that is enabled.
  [[nodiscard]] static std::shared_ptr<const TokenIssuer> issuerOf(const Catalog& catalog,
                                                                   std::string_view token);
  /// Lets go of the keys of issuers that the catalog does not have.
  void forgetKeys(const Catalog& catalog);
  /// The keys of an issuer of the catalog.
  [[nodiscard]] std::shared_ptr<jose::KeySource> keysOf(const Catalog& catalog,
                                                        const TokenIssuer& issuer);
  [[nodiscard]] std::shared_ptr<TokenActivity> activityOf(const std::string& token_id);
  void remember(std::string sha256, Entry entry);

  jose::KeySources key_sources_;
  std::mutex mutex_;  ///< of what follows
  /// By issuer: kept here, so that a source outlives the request that made it.
  std::unordered_map<store::TokenIssuerNumber, Keys> keys_;
  std::uint64_t keys_revision_ = 0;               ///< of the catalog that has all their issuers
  std::unordered_map<std::string, Entry> newer_;  ///< half of what is remembered at most
  std::unordered_map<std::string, Entry> older_;
  std::unordered_map<std::string, std::shared_ptr<TokenActivity>> activities_;  ///< by token id
};

}  // namespace vestibule::directory
