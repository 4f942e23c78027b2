#include "jit/linking.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/blanks.h"
#include "base/unicode.h"
#include "directory/self_service.h"
#include "directory/stored_document.h"
#include "directory/users.h"
#include "jit/claims.h"
#include "jit/codes.h"
#include "jit/verified_email.h"
#include "json/write.h"
#include "store/federated_identity_store.h"
#include "store/search.h"

namespace vestibule::jit {
namespace {

constexpr std::string_view kStep = "link";

/// More users are never looked at: of names that differ by case alone there are few.
constexpr std::uint64_t kCandidates = 100;

std::string withoutPlusTag(const std::string& address) {
  const std::size_t at = address.rfind('@');
  const std::size_t plus = address.find('+');
  if (at == std::string::npos || plus == 0 || plus >= at) return address;
  return address.substr(0, plus) + address.substr(at);
}

std::string normalized(std::string value, const std::vector<Normalizer>& normalizers) {
  for (const Normalizer normalizer : normalizers) {
    switch (normalizer) {
      case Normalizer::kTrim:
        value = std::string(trimmed(value));
        break;
      case Normalizer::kLowercase:
        value = foldCase(value);
        break;
      case Normalizer::kStripPlusTag:
        value = withoutPlusTag(value);
        break;
    }
  }
  return value;
}

/// `CORP/bob` is `bob` where CORP is looked at.
std::string withoutPrefix(const directory::Domain& domain, const std::string& name) {
  const std::size_t slash = name.find('/');
  const bool named = slash != std::string::npos &&
                     equalIgnoringAsciiCase(name.substr(0, slash), domain.name().value());
  return named ? name.substr(slash + 1) : name;
}

std::string nameOf(const LinkRule& rule) {
  return rule.claim.text() + " = " + rule.local_attribute;
}

/// What the rule looks for; nothing when it is to be left out.
std::optional<std::string> valueOf(const LinkRule& rule, const directory::Domain& domain,
                                   const json::Object& claims, Trace& trace) {
  const auto leave_out = [&](std::string_view input, std::string_view reason) {
    trace.add(kStep, nameOf(rule), input, std::string(reason) + ": the rule is left out");
    return std::nullopt;
  };
  const ClaimValues found = rule.claim.find(claims);
  if (found.elsewhere) return leave_out(rule.claim.text(), "is to be fetched elsewhere");
  if (found.values.empty()) return leave_out(rule.claim.text(), "absent or blank");
  const auto text = found.values.size() == 1 ? claimText(*found.values.front()) : std::nullopt;
  if (!text) return leave_out(rule.claim.text(), "is not one text");
  if (rule.verified_email && !hasVerifiedEmail(claims)) {
    return leave_out(*text, "email_verified is not true");
  }
  std::string value = normalized(*text, rule.normalizers);
  if (rule.on_user_name) value = withoutPrefix(domain, value);
  if (trimmed(value).empty()) return leave_out(*text, "nothing is left of it");
  return value;
}

/// What is looked for.
struct Search {
  std::string rule;  ///< as traces name it
  std::string local_attribute;
  bool on_user_name = false;
  std::string value;
};

/// What a user has to satisfy; nothing for a value that no user can have.
std::optional<LinkMatch> conditionOf(const directory::Context& context,
                                     const directory::Domain& domain, const Search& wanted) {
  auto filter =
      scim::parseFilter(*context.registry, *context.user_type,
                        wanted.local_attribute + " eq " + json::write(json::Value(wanted.value)));
  if (!filter) return std::nullopt;
  LinkMatch match{{}, *std::move(filter), {}};
  if (wanted.on_user_name && !domain.policy.settings().case_insensitive_username) {
    auto name = prepareUserNameKeepingCase(wanted.value);
    if (!name) return std::nullopt;
    match.name_by_case = *std::move(name);
  }
  return match;
}

Result<std::vector<store::StoredUser>> candidates(const directory::Context& context,
                                                  const directory::Domain& domain,
                                                  const LinkMatch& match) {
  store::SearchRequest request;
  request.registry = context.registry.get();
  request.type = context.user_type;
  request.filter = &match.filter;
  request.with_total = false;
  request.count = kCandidates;
  request.with_groups = true;
  auto page = context.database->read(
      [&](store::Session& session) { return store::search(session, domain.tables(), request); });
  if (!page) return propagate(page);
  return std::move(page->resources);
}

/// The users that the rule finds.
Result<std::vector<store::StoredUser>> usersOf(const directory::Context& context,
                                               const directory::Domain& domain,
                                               const LinkMatch& match) {
  auto users = candidates(context, domain, match);
  if (!users || match.name_by_case.empty() || users->size() == kCandidates) return users;
  std::vector<store::StoredUser> same;
  for (auto& user : *users) {
    auto attributes = directory::parseStored(user.resource.document);
    if (!attributes) return propagate(attributes);
    if (stillMatches(match, context, domain, *attributes)) same.push_back(std::move(user));
  }
  return same;
}

/// An identity provider that tells two subjects apart does not mean one person.
Result<void> requireNoOtherSubject(const directory::Context& context,
                                   const IdentityProvider& provider, const ResourceId& user) {
  auto& database = *context.database;
  auto identities = database.read([&](store::Session& session) {
    return store::findIdentitiesOfUser(session, database.controlSchema(), user);
  });
  if (!identities) return propagate(identities);
  const bool is_linked = std::any_of(
      identities->begin(), identities->end(),
      [&](const auto& identity) { return identity.identity_provider == provider.number; });
  if (!is_linked) return {};
  return refusal(kLinkedToAnother,
                 "the local user that matches is linked to another subject of this identity "
                 "provider");
}

/// The one user that has the value, when it may be linked.
Result<std::optional<LinkMatch>> find(const directory::Context& context,
                                      const directory::Domain& domain,
                                      const IdentityProvider& provider, const Search& wanted,
                                      Trace& trace) {
  auto match = conditionOf(context, domain, wanted);
  if (!match) {
    trace.add(kStep, wanted.rule, wanted.value, "no local user can have this value");
    return std::optional<LinkMatch>();
  }
  auto users = usersOf(context, domain, *match);
  if (!users) return propagate(users);
  if (users->empty()) {
    trace.add(kStep, wanted.rule, wanted.value, "no local user");
    return std::optional<LinkMatch>();
  }
  if (users->size() > 1) {
    trace.add(kStep, wanted.rule, wanted.value, "several local users: refused");
    return refusal(kSeveralMatches, "several local users match by " + wanted.rule);
  }
  match->user = std::move(users->front());
  const std::string id = match->user.resource.meta.id.text();
  trace.add(kStep, wanted.rule, wanted.value, "user " + id);
  auto attributes = directory::parseStored(match->user.resource.document);
  if (!attributes) return propagate(attributes);
  auto linkable = requireLinkable(provider, context, domain, match->user, *attributes);
  if (linkable) {
    linkable = requireNoOtherSubject(context, provider, match->user.resource.meta.id);
  }
  if (!linkable) {
    trace.add(kStep, "may be linked", id, linkable.error().detail);
    return propagate(linkable);
  }
  return match;
}

}  // namespace

Result<std::optional<LinkMatch>> findLocalUser(const directory::Context& context,
                                               const directory::Domain& domain,
                                               const IdentityProvider& provider,
                                               const json::Object& claims, Trace& trace) {
  for (const LinkRule& rule : provider.linking.rules) {
    auto value = valueOf(rule, domain, claims, trace);
    if (!value) continue;
    auto match =
        find(context, domain, provider,
             {nameOf(rule), rule.local_attribute, rule.on_user_name, *std::move(value)}, trace);
    if (!match || *match) return match;
  }
  return std::optional<LinkMatch>();
}

Result<std::optional<LinkMatch>> findNameHolder(const directory::Context& context,
                                                const directory::Domain& domain,
                                                const IdentityProvider& provider,
                                                const json::Object& claims,
                                                const std::string& user_name, Trace& trace) {
  constexpr std::string_view kRule = "onUserNameTaken";
  if (!hasVerifiedEmail(claims)) {
    trace.add(kStep, kRule, user_name, "email_verified is not true: no link");
    return std::optional<LinkMatch>();
  }
  return find(context, domain, provider,
              {std::string(kRule), context.user_type->naming_attribute->name, true, user_name},
              trace);
}

bool stillMatches(const LinkMatch& match, const directory::Context& context,
                  const directory::Domain& domain, const json::Object& attributes) {
  if (!scim::evaluate(match.filter, attributes)) return false;
  if (match.name_by_case.empty()) return true;
  const auto keys = directory::userKeys(context, domain, attributes);
  return keys && keys->user_name_case == match.name_by_case;
}

Result<void> requireLinkable(const IdentityProvider& provider, const directory::Context& context,
                             const directory::Domain& domain, const store::StoredUser& user,
                             const json::Object& attributes) {
  if (!provider.linking.allowed) {
    return refusal(kLinkSwitchedOff,
                   "a local user matches, and the identity provider may not link to local users");
  }
  if (isProtectedUser(provider.protection, domain.name(), *context.user_type, user, attributes,
                      true)) {
    return refusal(kProtectedUser, "the local user that matches is protected");
  }
  if (!directory::isActive(attributes)) {
    return refusal(kLinkToDisabled, "the local user that matches is disabled");
  }
  return {};
}

}  // namespace vestibule::jit
