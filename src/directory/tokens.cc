#include "directory/tokens.h"

#include <algorithm>
#include <unordered_map>

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

std::string newText() { return "vst_" + toBase64Url(randomBytes(kTokenBytes)); }

/// Error kInvalidValue for terms that a token cannot have at `time`.
Result<void> checkTerms(const store::TokenRow& row, Timestamp time) {
  if (row.expires && *row.expires <= time) {
    return failure(ErrorKind::kInvalidValue, "the token would have expired already", "expires");
  }
  const auto rate = row.requests_per_minute.value_or(1);
  if (rate >= 1 && rate <= kMostRequestsPerMinute) return {};
  return failure(ErrorKind::kInvalidValue,
                 "a token's requests a minute are 1 to " + std::to_string(kMostRequestsPerMinute),
                 "requestsPerMinute");
}

tl::unexpected<Error> noSuchToken(std::string_view name) {
  return failure(ErrorKind::kNotFound, "there is no token \"" + printable(name, 64) + "\"");
}

/// The token of this name as it is now, in whichever process it was changed last.
Result<store::TokenRow> findToken(const Context& context, std::string_view name) {
  if (auto refreshed = context.catalog->refresh(); !refreshed) return propagate(refreshed);
  const auto catalog = context.catalog->current();
  for (const auto& token : catalog->tokens()) {
    if (token.name == name) return token;
  }
  return noSuchToken(name);
}

/// Applies the change and names what it changes.
std::vector<std::string> apply(store::TokenRow& row, const TokenChange& change) {
  std::vector<std::string> changed;
  if (change.expires && *change.expires != row.expires) {
    row.expires = *change.expires;
    changed.emplace_back("expires");
  }
  if (change.requests_per_minute && *change.requests_per_minute != row.requests_per_minute) {
    row.requests_per_minute = *change.requests_per_minute;
    changed.emplace_back("requestsPerMinute");
  }
  return changed;
}

Result<void> checkOverlap(std::chrono::seconds overlap) {
  if (overlap.count() >= 0 && overlap <= kLongestOverlap) return {};
  return failure(ErrorKind::kInvalidValue, "a token's two texts overlap for 0 seconds to 30 days",
                 "overlapSeconds");
}

}  // namespace

Result<NewToken> createToken(const Context& context, const TokenRequest& request,
                             const Author& author) {
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
  token.row.expires = request.expires;
  token.row.requests_per_minute = request.requests_per_minute;
  if (auto good = checkTerms(token.row, token.row.created); !good) return propagate(good);
  token.text = newText();
  token.row.id = toHex(randomBytes(16));
  token.row.name = request.name;
  token.row.sha256 = sha256(token.text);
  token.row.scopes = scopesText(*scopes);

  const auto event = eventOf(author, "token.created", token.row.name, token.row.created);
  auto stored = context.database->write([&](store::Session& session) {
    return store::insertToken(session, context.database->controlSchema(), token.row, &event);
  });
  if (!stored) return propagate(stored);
  if (auto refreshed = context.catalog->refresh(); !refreshed) return propagate(refreshed);
  return token;
}

Result<store::TokenRow> changeToken(const Context& context, std::string_view name,
                                    const TokenChange& change, const Author& author) {
  auto row = findToken(context, name);
  if (!row) return row;
  auto event = eventOf(author, "token.updated", name, now());
  event.attributes = apply(*row, change);
  if (event.attributes.empty()) return row;
  if (auto good = checkTerms(*row, event.occurred); !good) return propagate(good);
  auto changed = context.database->write([&](store::Session& session) {
    return store::updateToken(session, context.database->controlSchema(), row->name,
                              {row->expires, row->requests_per_minute}, event);
  });
  if (!changed) return propagate(changed);
  if (!*changed) return noSuchToken(name);
  if (auto refreshed = context.catalog->refresh(); !refreshed) return propagate(refreshed);
  return row;
}

Result<NewToken> rotateToken(const Context& context, std::string_view name,
                             std::chrono::seconds overlap, const TokenChange& change,
                             const Author& author) {
  if (auto good = checkOverlap(overlap); !good) return propagate(good);
  auto row = findToken(context, name);
  if (!row) return propagate(row);
  auto event = eventOf(author, "token.rotated", name, now());
  std::optional<Timestamp> former_expires;
  if (overlap.count() > 0) {
    former_expires = event.occurred + std::chrono::microseconds(overlap).count();
    if (row->expires) former_expires = std::min(*former_expires, *row->expires);
  }
  event.attributes = apply(*row, change);
  if (auto good = checkTerms(*row, event.occurred); !good) return propagate(good);
  NewToken token;
  token.text = newText();
  token.row = *std::move(row);
  if (former_expires) token.row.former = store::FormerText{token.row.sha256, *former_expires};
  if (!former_expires) token.row.former.reset();
  token.row.sha256 = sha256(token.text);
  token.row.rotated = event.occurred;
  auto rotated = context.database->write([&](store::Session& session) {
    return store::rotateToken(session, context.database->controlSchema(), token.row.name,
                              token.row.sha256, event.occurred, former_expires,
                              {token.row.expires, token.row.requests_per_minute}, event);
  });
  if (!rotated) return propagate(rotated);
  if (!*rotated) return noSuchToken(name);
  if (auto refreshed = context.catalog->refresh(); !refreshed) return propagate(refreshed);
  return token;
}

Result<void> revokeToken(const Context& context, std::string_view name, const Author& author) {
  const auto event = eventOf(author, "token.revoked", name, now());
  auto revoked = context.database->write([&](store::Session& session) {
    return store::deleteToken(session, context.database->controlSchema(), std::string(name), event);
  });
  if (!revoked) return propagate(revoked);
  if (!*revoked) return noSuchToken(name);
  return context.catalog->refresh();
}

Result<std::vector<store::TokenRow>> listTokens(const Context& context) {
  const auto catalog = context.catalog->current();
  auto noted = context.database->read([&](store::Session& session) {
    return store::readTokenUses(session, context.database->controlSchema());
  });
  if (!noted) return propagate(noted);
  std::unordered_map<std::string, Timestamp> uses;
  for (auto& use : *noted) uses.emplace(std::move(use.id), use.used);
  std::vector<store::TokenRow> tokens = catalog->tokens();
  for (auto& token : tokens) {
    const auto elsewhere = uses.find(token.id);
    if (elsewhere != uses.end()) token.last_used = elsewhere->second;
    token.last_used = std::max(token.last_used, catalog->lastUse(token.id));
  }
  return tokens;
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
  const auto time = [](const std::optional<Timestamp>& at) {
    return at ? json::Value(formatTimestamp(*at)) : json::Value();
  };
  object.set("expires", time(row.expires));
  object.set("requestsPerMinute", row.requests_per_minute
                                      ? json::Value(std::int64_t{*row.requests_per_minute})
                                      : json::Value());
  object.set("lastUsed", time(row.last_used));
  object.set("rotated", time(row.rotated));
  const bool overlaps = row.former && row.former->expires > now();
  object.set("formerExpires", time(overlaps ? std::optional(row.former->expires) : std::nullopt));
  return object;
}

}  // namespace vestibule::directory
