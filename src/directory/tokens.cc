#include "directory/tokens.h"

#include <algorithm>

#include "base/crypto.h"
#include "base/encoding.h"
#include "base/log.h"
#include "directory/resource_name.h"
#include "store/federated_identity_store.h"
#include "store/user_store.h"

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

/// The user whom the identity provider calls by this subject.
Result<ResourceId> userOfSubject(const Context& context, const std::string& provider,
                                 const std::string& subject) {
  const auto catalog = context.catalog->current();
  const auto* known = catalog->findIdentityProvider(provider);
  if (known == nullptr) {
    return failure(ErrorKind::kInvalidValue,
                   "there is no identity provider \"" + printable(provider, 64) + "\"",
                   "identityProvider");
  }
  auto identity = context.database->read([&](store::Session& session) {
    return store::findIdentity(session, context.database->controlSchema(), known->number,
                               Subject(subject));
  });
  if (!identity) return propagate(identity);
  if (*identity) return (*identity)->user;
  return failure(
      ErrorKind::kInvalidValue,
      "the identity provider has no user here with the subject \"" + printable(subject, 64) + "\"",
      "subject");
}

/// Error kInvalidValue when there is no such user.
Result<void> requireUser(const Context& context, const ResourceId& id, std::string_view asked) {
  const auto catalog = context.catalog->current();
  const auto* domain = catalog->findDomain(id.domain());
  if (domain != nullptr && id.kind() == ResourceKind::kUser) {
    auto version = context.database->read([&](store::Session& session) {
      return store::findUserVersion(session, domain->tables(), id);
    });
    if (!version) return propagate(version);
    if (*version) return {};
  }
  return failure(ErrorKind::kInvalidValue,
                 "there is no user with the id \"" + printable(asked, 64) + "\"", "user");
}

/// The user that the token is to be bound to.
Result<std::optional<ResourceId>> userOf(const Context& context, const TokenRequest& request) {
  if (request.identity_provider.has_value() != request.subject.has_value()) {
    return failure(ErrorKind::kInvalidValue,
                   "an identity provider and a subject together say who the user is",
                   request.subject ? "identityProvider" : "subject");
  }
  if (request.user && request.subject) {
    return failure(ErrorKind::kInvalidValue,
                   "the user is given by id and by identity provider: one of these is enough",
                   "user");
  }
  std::optional<ResourceId> user;
  if (request.subject) {
    auto found = userOfSubject(context, *request.identity_provider, *request.subject);
    if (!found) return propagate(found);
    user = *found;
  } else if (request.user) {
    // An id that is none names nobody, as it does in a URL.
    user = ResourceId::parse(*request.user).value_or(ResourceId());
  }
  if (!user) return user;
  if (auto there = requireUser(context, *user, request.user.value_or(user->text())); !there) {
    return propagate(there);
  }
  return user;
}

/// Error kInvalidValue for a scope that does nothing without another.
Result<void> checkScopes(std::uint8_t scopes) {
  Principal holder;
  holder.scopes = scopes;
  if (!holder.has(Scope::kScimPrivileged) || holder.has(Scope::kScimWrite)) return {};
  return failure(ErrorKind::kInvalidValue,
                 "scim:privileged says what scim:write may change, and goes with it", "scopes");
}

/// Whether scopes, domains and user go together.
Result<void> checkBinding(std::uint8_t scopes, const Numbers& domains,
                          const std::optional<ResourceId>& user) {
  Principal holder;
  holder.scopes = scopes;
  const bool for_me = holder.has(Scope::kMeRead) || holder.has(Scope::kMeWrite);
  if (!user) {
    if (!for_me) return {};
    return failure(ErrorKind::kInvalidValue,
                   "me:read and me:write are for a token that is bound to a user", "scopes");
  }
  if (!for_me && !holder.has(Scope::kScimRead) && !holder.has(Scope::kScimWrite)) {
    return failure(ErrorKind::kInvalidValue,
                   "a token that is bound to a user needs a scope for /Me: me:read, me:write, "
                   "scim:read or scim:write",
                   "scopes");
  }
  holder.all_domains = !domains.has_value();
  if (domains) holder.domains = *domains;
  if (holder.sees(user->domain())) return {};
  return failure(ErrorKind::kInvalidValue,
                 "the user is in none of the domains that the token is bound to", "user");
}

}  // namespace

Result<NewToken> createToken(const Context& context, const TokenRequest& request) {
  if (const auto fault = faultOfName(request.name); !fault.empty()) {
    return failure(ErrorKind::kInvalidValue, "the name of the token " + std::string(fault), "name");
  }
  auto scopes = parseScopes(request.scopes);
  if (!scopes) return propagate(scopes);
  if (auto useful = checkScopes(*scopes); !useful) return propagate(useful);

  auto domains = numbersOf(context, request.domains);
  if (!domains) return propagate(domains);

  if (request.tolerances) {
    if (auto known = scim::parseTolerances(*request.tolerances); !known) return propagate(known);
  }

  auto user = userOf(context, request);
  if (!user) return propagate(user);
  if (auto fits = checkBinding(*scopes, *domains, *user); !fits) return propagate(fits);

  NewToken token;
  token.row.user = *user;
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
  object.set("user", row.user ? json::Value(row.user->text()) : json::Value());
  object.set("tolerances", row.tolerances ? json::Value(*row.tolerances) : json::Value());
  object.set("created", formatTimestamp(row.created));
  object.set("expires", row.expires ? json::Value(formatTimestamp(*row.expires)) : json::Value());
  return object;
}

}  // namespace vestibule::directory
