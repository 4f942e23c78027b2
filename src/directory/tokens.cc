#include "directory/tokens.h"

#include <algorithm>

#include "base/crypto.h"
#include "base/encoding.h"
#include "base/log.h"
#include "base/unicode.h"

namespace vestibule::directory {
namespace {

constexpr std::size_t kTokenBytes = 32;
constexpr std::size_t kNameCharacters = 255;

}  // namespace

Result<NewToken> createToken(const Context& context, const TokenRequest& request) {
  if (request.name.empty() || !isValidUtf8(request.name) ||
      codePointCount(request.name) > kNameCharacters ||
      request.name.find('\0') != std::string::npos) {
    return failure(ErrorKind::kInvalidValue, "a token needs a name of 1 to 255 characters", "name");
  }
  auto scopes = parseScopes(request.scopes);
  if (!scopes) return propagate(scopes);

  NewToken token;
  const auto catalog = context.catalog->current();
  for (const auto& name : request.domains) {
    const auto* domain = catalog->findDomain(name);
    if (domain == nullptr) {
      return failure(ErrorKind::kInvalidValue,
                     "there is no user store domain \"" + printable(name, 64) + "\"", "domains");
    }
    token.row.domains.push_back(domain->name().value());
  }
  token.row.created = now();
  if (request.expires && *request.expires <= token.row.created) {
    return failure(ErrorKind::kInvalidValue, "the token would have expired already", "expires");
  }
  token.text = "vst_" + toBase64Url(randomBytes(kTokenBytes));
  token.row.id = toHex(randomBytes(16));
  token.row.name = request.name;
  token.row.sha256 = sha256(token.text);
  token.row.scopes = scopesText(*scopes);
  token.row.expires = request.expires;

  auto stored = context.database->write([&](store::Session& session) {
    return store::insertToken(session, context.database->controlSchema(), token.row);
  });
  if (!stored) return propagate(stored);
  if (auto refreshed = context.catalog->refresh(); !refreshed) return propagate(refreshed);
  return token;
}

Result<void> revokeToken(const Context& context, std::string_view name) {
  auto revoked = context.database->write([&](store::Session& session) {
    return store::deleteToken(session, context.database->controlSchema(), std::string(name));
  });
  if (!revoked) return propagate(revoked);
  if (!*revoked) {
    return failure(ErrorKind::kNotFound, "there is no token \"" + printable(name, 64) + "\"");
  }
  return context.catalog->refresh();
}

json::Object describeToken(const store::TokenRow& row) {
  json::Object object;
  object.set("id", row.id);
  object.set("name", row.name);
  object.set("scopes", row.scopes);
  json::Array domains;
  for (const auto& domain : row.domains) domains.emplace_back(domain);
  object.set("domains", std::move(domains));
  object.set("created", formatTimestamp(row.created));
  object.set("expires", row.expires ? json::Value(formatTimestamp(*row.expires)) : json::Value());
  return object;
}

}  // namespace vestibule::directory
