#include "directory/tokens.h"

#include <algorithm>

#include "base/crypto.h"
#include "base/encoding.h"
#include "base/log.h"
#include "directory/resource_name.h"

namespace vestibule::directory {
namespace {

constexpr std::size_t kTokenBytes = 32;

using Numbers = std::optional<std::vector<DomainNumber>>;

/// The numbers of the domains that are named.
Result<Numbers> numbersOf(const Context& context,
                          const std::optional<std::vector<std::string>>& names) {
  if (!names) return Numbers();
  // Nobody means "all" by naming none: a script whose list came out empty must not open everything.
  if (names->empty()) {
    return failure(ErrorKind::kInvalidValue,
                   "domains names no domain: leave it out for a token that is bound to none",
                   "domains");
  }
  std::vector<DomainNumber> numbers;
  const auto catalog = context.catalog->current();
  for (const auto& name : *names) {
    const auto* domain = catalog->findDomain(name);
    if (domain == nullptr) {
      return failure(ErrorKind::kInvalidValue,
                     "there is no user store domain \"" + printable(name, 64) + "\"", "domains");
    }
    const auto number = domain->tables().number;
    const bool known = std::find(numbers.begin(), numbers.end(), number) != numbers.end();
    if (!known) numbers.push_back(number);
  }
  return Numbers(std::move(numbers));
}

}  // namespace

Result<NewToken> createToken(const Context& context, const TokenRequest& request) {
  if (const auto fault = faultOfName(request.name); !fault.empty()) {
    return failure(ErrorKind::kInvalidValue, "the name of the token " + std::string(fault), "name");
  }
  auto scopes = parseScopes(request.scopes);
  if (!scopes) return propagate(scopes);

  auto domains = numbersOf(context, request.domains);
  if (!domains) return propagate(domains);

  if (request.tolerances) {
    if (auto known = scim::parseTolerances(*request.tolerances); !known) return propagate(known);
  }

  NewToken token;
  token.row.tolerances = request.tolerances;
  token.row.domains = *std::move(domains);
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

json::Object describeToken(const store::TokenRow& row, const Catalog& catalog) {
  json::Object object;
  object.set("id", row.id);
  object.set("name", row.name);
  object.set("scopes", row.scopes);
  object.set("allDomains", !row.domains.has_value());
  json::Array domains;
  for (const auto number : row.domains.value_or(std::vector<DomainNumber>{})) {
    if (const auto* domain = catalog.findDomain(number)) {
      domains.emplace_back(domain->name().value());
    }
  }
  object.set("domains", std::move(domains));
  object.set("tolerances", row.tolerances ? json::Value(*row.tolerances) : json::Value());
  object.set("created", formatTimestamp(row.created));
  object.set("expires", row.expires ? json::Value(formatTimestamp(*row.expires)) : json::Value());
  return object;
}

}  // namespace vestibule::directory
