#include "directory/federated_identities.h"

#include <algorithm>
#include <optional>

#include "base/clock.h"
#include "base/log.h"
#include "directory/announcement.h"
#include "directory/guard_rails.h"
#include "directory/provenance.h"
#include "directory/stored_document.h"
#include "directory/user_rewrite.h"
#include "store/identity_links.h"

namespace vestibule::directory {
namespace {

/// How often a change is made anew because the link was changed meanwhile.
constexpr int kAttempts = 5;

Result<store::IdentityProviderNumber> numberOf(const Context& context, std::string_view name) {
  const auto catalog = context.catalog->current();
  const auto* provider = catalog->findIdentityProvider(name);
  if (provider != nullptr) return provider->number;
  return failure(ErrorKind::kNotFound,
                 "there is no identity provider \"" + printable(name, 64) + "\"",
                 "identityProvider");
}

tl::unexpected<Error> noSuchUser() {
  return failure(ErrorKind::kInvalidValue, "there is no such user", "user");
}

tl::unexpected<Error> noSuchIdentity() {
  return failure(ErrorKind::kNotFound, "the subject is linked to nobody", "subject");
}

/// What a change of the link notes in a user: noteLink or forgetIdentity.
using Note = void (*)(const scim::ResourceType& user_type, const IdentityName& identity,
                      json::Object& attributes);

/// Error kUnavailable while the user's domain is being moved: its links are copied with it.
Result<void> requireSettledUser(const Context& context, const ResourceId& user) {
  const auto catalog = context.catalog->current();
  const auto* domain = catalog->findDomain(user.domain());
  return domain == nullptr ? Result<void>() : requireSettled(*domain);
}

/// The user as one that the change of the link concerns; nothing when its domain is there no more.
/// What is returned refers to the arguments.
std::optional<store::LinkUser> linkUser(const Context& context, const ResourceId& user,
                                        const IdentityName& name, Note note) {
  auto catalog = context.catalog->current();
  const auto* domain = catalog->findDomain(user.domain());
  if (domain == nullptr || user.kind() != ResourceKind::kUser) return std::nullopt;
  store::LinkUser concerned{domain->tables(), user, {}};
  concerned.rewrite =
      [&context, &name, note, domain, catalog = std::move(catalog)](
          const store::StoredUser& stored) -> Result<std::optional<store::UserRewrite>> {
    auto current = parseStored(stored.resource.document);
    if (!current) return propagate(current);
    json::Object edited = *current;
    note(*context.user_type, name, edited);
    return rewriteUser(context, *domain, stored.resource.meta, *current, edited, now());
  };
  return concerned;
}

/// The event about one of the users that a link has to do with.
store::AuditEvent eventOf(const Context& context, std::string_view action, const IdentityName& name,
                          const ResourceId& user, const Author& author) {
  store::AuditEvent event;
  event.occurred = now();
  event.correlation_id = author.correlation_id;
  event.action = "identity.";
  event.action += action;
  event.actor_id = author.id;
  event.actor_name = author.name;
  event.identity_provider = name.identity_provider;
  event.subject = name.subject;
  const auto catalog = context.catalog->current();
  if (const auto* domain = catalog->findDomain(user.domain())) {
    event.domain = store::AuditDomain{domain->tables().number, domain->name()};
    event.outbound = domain->outbound_targets;
  }
  event.resource = user;
  announce(*catalog, bitOf(store::ChangeKind::kPatch), {}, event);
  if (event.announcement) {
    event.announcement->attributes.push_back(std::string(kProvenanceSchema) + ":identities");
  }
  return event;
}

/// Moves the link, or removes it without a target.
Result<void> changeIdentity(const Context& context, const IdentityName& name,
                            const std::optional<store::LinkUser>& target, const Author& author) {
  auto& database = *context.database;
  for (int attempt = 1; attempt <= kAttempts; ++attempt) {
    auto identity = findIdentity(context, name);
    if (!identity) return propagate(identity);
    if (target && identity->user == target->user) return {};
    for (const auto& user : {identity->user, target ? target->user : identity->user}) {
      if (auto settled = requireSettledUser(context, user); !settled) return settled;
    }
    store::LinkEvents events{eventOf(context, "unlinked", name, identity->user, author), {}};
    if (target) events.joined = eventOf(context, "moved", name, target->user, author);
    const auto left = linkUser(context, identity->user, name, forgetIdentity);
    const auto catalog = context.catalog->current();
    const auto* domain = catalog->findDomain(identity->user.domain());
    std::optional<GuardedChange> guarded;
    if (domain != nullptr) {
      guarded.emplace(context, *domain, store::RailActor::Kind::kToken, author.id, events.left);
    }
    auto changed = database.write([&](store::Session& session) {
      return store::changeLink(session, database.controlSchema(), *identity, left, target, events,
                               now(), guarded ? guarded->rails() : nullptr);
    });
    if (guarded) changed = guarded->settle(std::move(changed));
    if (!changed) return propagate(changed);
    if (*changed == store::LinkChange::kNoSuchUser) return noSuchUser();
    if (*changed == store::LinkChange::kDone) return {};
  }
  return failure(ErrorKind::kConflict, "others kept changing the link: try again");
}

}  // namespace

Result<std::vector<store::FederatedIdentity>> listIdentities(const Context& context,
                                                             std::string_view identity_provider,
                                                             const Subject& after,
                                                             std::uint64_t count) {
  auto number = numberOf(context, identity_provider);
  if (!number) return propagate(number);
  auto& database = *context.database;
  return database.read([&](store::Session& session) {
    return store::listIdentities(session, database.controlSchema(), *number, after, count);
  });
}

Result<std::vector<store::FederatedIdentity>> identitiesOfUser(const Context& context,
                                                               const ResourceId& user) {
  auto& database = *context.database;
  return database.read([&](store::Session& session) {
    return store::findIdentitiesOfUser(session, database.controlSchema(), user);
  });
}

Result<store::FederatedIdentity> findIdentity(const Context& context, const IdentityName& name) {
  auto number = numberOf(context, name.identity_provider);
  if (!number) return propagate(number);
  auto& database = *context.database;
  auto found = database.read([&](store::Session& session) {
    return store::findIdentity(session, database.controlSchema(), *number, name.subject);
  });
  if (!found) return propagate(found);
  if (!*found) return noSuchIdentity();
  return **std::move(found);
}

Result<store::FederatedIdentity> linkIdentity(const Context& context, const IdentityName& name,
                                              const ResourceId& user, const Author& author) {
  auto number = numberOf(context, name.identity_provider);
  if (!number) return propagate(number);
  const auto target = linkUser(context, user, name, noteLink);
  if (!target) return noSuchUser();
  if (auto settled = requireSettledUser(context, user); !settled) return propagate(settled);
  const auto event = eventOf(context, "linked", name, user, author);
  auto& database = *context.database;
  auto linked = database.write([&](store::Session& session) {
    return store::linkIdentity(session, database.controlSchema(), *target, *number, name.subject,
                               event, now());
  });
  if (!linked) return propagate(linked);
  if (!*linked) return noSuchUser();
  return findIdentity(context, name);
}

Result<store::FederatedIdentity> moveIdentity(const Context& context, const IdentityName& name,
                                              const ResourceId& user, const Author& author) {
  const auto target = linkUser(context, user, name, noteLink);
  if (!target) return noSuchUser();
  auto moved = changeIdentity(context, name, target, author);
  if (!moved) return propagate(moved);
  return findIdentity(context, name);
}

Result<void> unlinkIdentity(const Context& context, const IdentityName& name,
                            const Author& author) {
  return changeIdentity(context, name, std::nullopt, author);
}

json::Object describeIdentity(const store::FederatedIdentity& identity, const Catalog& catalog) {
  const auto& providers = catalog.identityProviders();
  const auto provider = std::find_if(providers.begin(), providers.end(), [&](const auto& known) {
    return known.number == identity.identity_provider;
  });
  const auto* domain = catalog.findDomain(identity.user.domain());
  json::Object shown;
  shown.set("identityProvider",
            provider == providers.end() ? json::Value(nullptr) : json::Value(provider->name));
  shown.set("subject", identity.subject.value());
  shown.set("user", identity.user.text());
  shown.set("domain",
            domain == nullptr ? json::Value(nullptr) : json::Value(domain->name().value()));
  shown.set("created", formatTimestamp(identity.created));
  const bool signed_in = identity.user_version != Version(0);
  shown.set("lastSynced",
            signed_in ? json::Value(formatTimestamp(identity.last_synced)) : json::Value(nullptr));
  return shown;
}

}  // namespace vestibule::directory
