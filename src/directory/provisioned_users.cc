#include "directory/provisioned_users.h"

#include <algorithm>

#include "directory/announcement.h"
#include "directory/changed_attributes.h"
#include "directory/guard_rails.h"
#include "directory/provenance.h"
#include "directory/stored_document.h"
#include "directory/user_rewrite.h"
#include "directory/users.h"
#include "scim/resource/validate.h"
#include "store/sole_grants.h"

namespace vestibule::directory {
namespace {

/// What the store's key columns hold. Checked here as well, so that an explanation knows what the
/// write would say.
constexpr std::size_t kUserNameBytes = 1'020;

std::vector<std::uint64_t> rowsOf(const std::vector<store::NamedGroup>& groups) {
  std::vector<std::uint64_t> rows;
  rows.reserve(groups.size());
  for (const auto& group : groups) rows.push_back(group.seq);
  return rows;
}

store::FederatedIdentity identityOf(const Login& login, const scim::ResourceMeta& meta,
                                    Timestamp time) {
  store::FederatedIdentity identity;
  identity.identity_provider = login.identity_provider;
  identity.subject = login.subject;
  identity.user = meta.id;
  identity.claims_digest = login.claims_digest;
  identity.user_version = meta.version;
  identity.created = identity.last_synced = time;
  return identity;
}

/// Has the change of a login go to the event streams that want it.
using Announcer = std::function<void(store::AuditEvent&)>;

/// What the login's record is made of, as soon as its grants are settled.
std::function<store::LoginRecord(const store::GrantsChanged&)> recordOf(
    LoginChange change, const Login& login, const std::vector<store::NamedGroup>& groups,
    Announcer announcer) {
  if (!login.record) return nullptr;
  return [change = std::move(change), &login, &groups,
          announcer = std::move(announcer)](const store::GrantsChanged& grants) {
    LoginChange settled = change;
    for (const auto& group : groups) {
      const bool is_new =
          std::binary_search(grants.granted.begin(), grants.granted.end(), group.seq);
      if (is_new) settled.granted.push_back(group.display_name);
    }
    settled.revoked = grants.revoked;
    auto record = login.record(settled);
    if (record.audit) announcer(*record.audit);
    return record;
  };
}

/// What the edit makes of a locked user; `user` of the answer is empty when its attributes stay.
Result<store::ProvisionUpdate> computeUpdate(const Context& context, const Domain& domain,
                                             const store::StoredUser& user, const Login& login,
                                             const ProvisionedUserEdit& edit,
                                             const store::GuardRails* rails, Timestamp time) {
  store::ProvisionUpdate update;
  update.meta = user.resource.meta;
  auto current = parseStored(user.resource.document);
  if (!current) return propagate(current);
  if (edit.condition) {
    if (auto met = edit.condition(user, *current); !met) return propagate(met);
  }
  auto edited = edit.attributes(*current);
  if (!edited) return propagate(edited);
  LoginChange change;
  change.attributes = changedAttributes(*current, *edited);
  noteLogin(context, login, edit.new_link || *edited != *current, time, *edited);
  // Each login that writes the user notes itself: that is told only where it is all.
  if (change.attributes.empty()) change.attributes = changedAttributes(*current, *edited);
  auto rewrite = rewriteUser(context, domain, update.meta, *current, *edited, time);
  if (!rewrite) return propagate(rewrite);
  if (*rewrite) {
    update.user = std::move((*rewrite)->user);
    update.before = std::move((*rewrite)->before);
    update.meta = (*rewrite)->meta;
  }
  update.rails = rails;
  if (edit.sync_groups) {
    update.grant = rowsOf(edit.grant);
    update.revoke_others = edit.revoke_others;
    update.keep = rowsOf(edit.keep);
  }
  update.identity = identityOf(login, update.meta, time);
  update.new_link = edit.new_link;
  change.user = update.meta.id;
  change.before = user.resource.meta.version;
  change.after = update.meta.version;
  change.new_link = edit.new_link;
  const auto kinds = withActivation(bitOf(store::ChangeKind::kPatch), *current, *edited);
  update.record = recordOf(std::move(change), login, edit.grant,
                           [&context, kinds, after = *std::move(edited)](store::AuditEvent& event) {
                             announce(*context.catalog->current(), kinds, after, event);
                           });
  return update;
}

/// Under the user's lock: of two subjects that a rule brings to one user at once, one comes late.
Result<void> requireNoOtherSubject(store::Session& session, const std::string& control_schema,
                                   const ResourceId& user, const Login& login) {
  auto identities = store::findIdentitiesOfUser(session, control_schema, user);
  if (!identities) return propagate(identities);
  const bool is_linked = std::any_of(
      identities->begin(), identities->end(),
      [&](const auto& identity) { return identity.identity_provider == login.identity_provider; });
  if (!is_linked) return {};
  return failure(ErrorKind::kUniqueness, "the user is linked to another subject", "subject");
}

/// Under the user's lock, where nobody else's grants of it change.
Result<void> requireFewRevoked(store::Session& session, const store::DomainTables& tables,
                               const ResourceId& user, const Login& login,
                               const ProvisionedUserEdit& edit) {
  if (!edit.sync_groups || !edit.revoke_others || !edit.max_revoked) return {};
  auto sole = store::findSoleGrants(session, tables, user, login.identity_provider);
  if (!sole) return propagate(sole);
  const auto stays = [&](const scim::GroupMembership& held) {
    const auto is_it = [&](const store::NamedGroup& group) { return group.id == held.id; };
    return std::any_of(edit.grant.begin(), edit.grant.end(), is_it) ||
           std::any_of(edit.keep.begin(), edit.keep.end(), is_it);
  };
  const auto kept = std::count_if(sole->begin(), sole->end(), stays);
  if (sole->size() - static_cast<std::size_t>(kept) <= *edit.max_revoked) return {};
  return failure(ErrorKind::kVersionMismatch, "the user's groups have changed meanwhile");
}

IdentityName nameOf(const Login& login) { return {login.identity_provider_name, login.subject}; }

}  // namespace

bool noteLogin(const Context& context, const Login& login, bool changes, Timestamp time,
               json::Object& attributes) {
  if (!changes && isProvisionNoted(*context.user_type, attributes, nameOf(login))) return false;
  const json::Object before = attributes;
  noteProvision(*context.user_type, nameOf(login), login.known_since.value_or(time), time,
                attributes);
  return attributes != before;
}

Result<store::UserWrite> checkProvisionedUser(const Context& context, const Domain& domain,
                                              const json::Object& attributes) {
  if (auto writable = requireWritable(domain); !writable) return propagate(writable);
  auto finished = scim::finish(*context.registry, *context.user_type, attributes);
  if (!finished) return propagate(finished);
  auto write = prepareUserWrite(context, domain, *finished, true);
  if (write && std::max(write->keys.user_name_fold.size(), write->keys.user_name_case.size()) >
                   kUserNameBytes) {
    return failure(ErrorKind::kInvalidValue, "userName is too long",
                   context.user_type->naming_attribute->name);
  }
  return write;
}

Result<store::StoredUser> createProvisionedUser(const Context& context, const Domain& domain,
                                                const json::Object& attributes, const Login& login,
                                                const std::vector<store::NamedGroup>& groups,
                                                std::string_view password_hash) {
  const Timestamp time = now();
  json::Object noted = attributes;
  noteLogin(context, login, true, time, noted);
  auto write = checkProvisionedUser(context, domain, noted);
  if (!write) return propagate(write);
  scim::ResourceMeta meta;
  meta.id = ResourceId::generate(domain.tables().number, ResourceKind::kUser);
  meta.version = Version(1);
  meta.created = meta.modified = time;
  const auto identity = identityOf(login, meta, time);
  store::LoginRecord record;
  if (login.record) {
    LoginChange change;
    change.user = meta.id;
    change.after = meta.version;
    change.new_link = true;
    change.attributes = changedAttributes({}, attributes);
    for (const auto& group : groups) change.granted.push_back(group.display_name);
    record = login.record(change);
    if (record.audit) {
      announce(*context.catalog->current(), bitOf(store::ChangeKind::kCreate), noted,
               *record.audit);
    }
  }
  auto& database = *context.database;
  auto stored = database.write([&](store::Session& session) {
    return store::insertProvisionedUser(session, database.controlSchema(), domain.tables(), meta,
                                        *write, identity, rowsOf(groups), record, password_hash);
  });
  if (!stored) return propagate(stored);
  store::StoredUser user;
  user.resource.meta = meta;
  user.resource.document = std::move(write->document);
  for (const auto& group : groups) user.groups.push_back({group.id, group.display_name});
  const bool indirect =
      std::any_of(groups.begin(), groups.end(), [](const auto& group) { return group.nested; });
  if (!indirect) return user;
  auto complete = database.read([&](store::Session& session) {
    return store::findUser(session, domain.tables(), meta.id, true);
  });
  if (!complete) return propagate(complete);
  // Gone already: what was made is the answer.
  if (*complete) user.groups = std::move((*complete)->groups);
  return user;
}

Result<std::optional<ProvisionedUserChange>> updateProvisionedUser(
    const Context& context, const Domain& domain, const ResourceId& id, const Login& login,
    const ProvisionedUserEdit& edit) {
  using Change = std::optional<ProvisionedUserChange>;
  if (auto writable = requireWritable(domain); !writable) return propagate(writable);
  auto& database = *context.database;
  const GuardedChange guarded(context, domain, store::RailActor::Kind::kIdentityProvider,
                              std::to_string(login.identity_provider), login.asked_by);
  auto changed = database.write([&](store::Session& session) -> Result<Change> {
    auto locked = store::lockUser(session, domain.tables(), id, true);
    if (!locked) return propagate(locked);
    if (!*locked) return Change();
    const Timestamp time = now();
    auto update =
        computeUpdate(context, domain, (*locked)->user, login, edit, guarded.rails(), time);
    if (update && edit.new_link) {
      auto single = requireNoOtherSubject(session, database.controlSchema(), id, login);
      if (!single) update = propagate(single);
    }
    if (update) {
      auto few = requireFewRevoked(session, domain.tables(), id, login, edit);
      if (!few) update = propagate(few);
    }
    if (!update) {
      store::rollback(session);
      return propagate(update);
    }
    auto written = store::updateProvisionedUser(session, database.controlSchema(), domain.tables(),
                                                **locked, *update, time);
    if (!written) return propagate(written);
    ProvisionedUserChange change{(*locked)->user, std::move((*locked)->user)};
    change.after.resource.meta = update->meta;
    if (update->user) change.after.resource.document = std::move(update->user->document);
    return Change(std::move(change));
  });
  changed = guarded.settle(std::move(changed));
  if (!changed || !*changed || !edit.sync_groups) return changed;
  // Whether a revoked group is left depends on its other grants, which only the store knows.
  auto stored = database.read(
      [&](store::Session& session) { return store::findUser(session, domain.tables(), id, true); });
  if (!stored) return propagate(stored);
  if (!*stored) return Change();
  (*changed)->after = **std::move(stored);
  return changed;
}

}  // namespace vestibule::directory
