#pragma once
// Who issues access tokens that are accepted beside our own, and what such a token allows.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "jose/key_location.h"
#include "jose/token.h"
#include "json/value.h"
#include "scim/tolerance/tolerances.h"
#include "store/token_issuer_store.h"

namespace vestibule::directory {

/// The settings of an issuer, ready for use. Immutable.
struct TokenIssuer {
  std::string name;
  bool enabled = true;
  std::string description;
  jose::TokenRules rules;
  jose::KeyLocation keys;
  std::string scope_claim;                ///< holds the scopes: a text or a list
  std::string scope_prefix;               ///< stands in front of ours in it
  std::string client_claim;               ///< says which client the token was issued to
  std::uint8_t scopes = 0;                ///< the most that its tokens can allow
  std::vector<std::string> clients;       ///< those that may use its tokens; empty: every one
  std::vector<std::string> domain_names;  ///< as the document has them
  bool all_domains = true;
  std::optional<scim::Tolerances> tolerances;
  std::optional<std::uint32_t> requests_per_minute;  ///< of each of its clients
  /// For `/Me`: the identity provider that knows the user by the token's `sub`; empty: there is no
  /// `/Me`.
  std::string identity_provider;
  /// The settings in canonical form, with every default written out.
  json::Object document;

  // Of the row that it was compiled from.
  store::TokenIssuerNumber number = 0;
  Version version;
  std::vector<DomainNumber> domains;  ///< when not all
};

/// Reads the settings of an issuer (docs/access-tokens.md has them all). Error kInvalidValue with a
/// JSON pointer and the reason for the first thing that is wrong. Which domains and identity
/// providers there are is not looked at.
[[nodiscard]] Result<TokenIssuer> compileTokenIssuer(const json::Value& document);

}  // namespace vestibule::directory
