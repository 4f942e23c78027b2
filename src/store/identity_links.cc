#include "store/identity_links.h"

#include <algorithm>

#include "store/audit_rows.h"
#include "store/grant_change.h"
#include "store/identity_rows.h"
#include "store/statement_text.h"
#include "store/uniqueness.h"

namespace vestibule::store {
namespace {

/// True when the target is there; its row stays as it is until the end of the transaction.
Result<bool> holdUser(Session& session, const LinkTarget& target) {
  StatementBatch batch;
  batch.add(withList(forSchemas(sql::kShareUsers, target.domain.schema), "?"),
            {Blob{target.user.bytes()}});
  auto results = batch.run(session);
  if (!results) return propagate(results);
  return !results->front().rows.empty();
}

/// What the identity provider grants the locked user and has no other link to it for.
Result<GrantChange> grantsThatGo(Session& session, const std::string& control_schema,
                                 const FederatedIdentity& identity, const std::string& schema,
                                 std::uint64_t user_seq) {
  auto identities = findIdentitiesOfUser(session, control_schema, identity.user);
  if (!identities) return propagate(identities);
  const bool another = std::any_of(identities->begin(), identities->end(), [&](const auto& other) {
    return other.identity_provider == identity.identity_provider &&
           other.subject != identity.subject;
  });
  if (another) return GrantChange{};
  return readGrantChange(session, schema, user_seq, identity.identity_provider,
                         WantedGrants{{}, true, {}});
}

}  // namespace

Result<std::vector<FederatedIdentity>> listIdentities(Session& session,
                                                      const std::string& control_schema,
                                                      IdentityProviderNumber identity_provider,
                                                      const Subject& after, std::uint64_t limit) {
  StatementBatch batch;
  batch.add(forSchemas(sql::kListIdentities, {}, control_schema),
            {std::uint64_t{identity_provider}, Blob{after.value()}, limit});
  auto results = batch.run(session);
  if (!results) return propagate(results);
  std::vector<FederatedIdentity> identities;
  for (auto& row : results->front().rows) identities.push_back(takeIdentity(row));
  return identities;
}

Result<bool> linkIdentity(Session& session, const std::string& control_schema,
                          const DomainTables& domain, IdentityProviderNumber identity_provider,
                          const Subject& subject, const ResourceId& user, const AuditEvent& event,
                          Timestamp now) {
  const FederatedIdentity identity{identity_provider, subject, user, noDigest(),
                                   Version(0),        now,     now};
  if (auto valid = checkIdentity(identity); !valid) return propagate(valid);
  auto locked = lockUser(session, domain, user, false);
  if (!locked) return propagate(locked);
  if (!*locked) return false;
  StatementBatch batch;
  addInsertIdentity(batch, control_schema, identity);
  const AuditRow row(event);
  row.addTo(batch, control_schema);
  auto stored = batch.commit().run(session);
  if (!stored) return tl::make_unexpected(nameDuplicate(session, std::move(stored.error())));
  return true;
}

Result<LinkChange> changeLink(Session& session, const std::string& control_schema,
                              const FederatedIdentity& identity,
                              const std::optional<DomainTables>& domain,
                              const std::optional<LinkTarget>& target, LinkEvents events,
                              Timestamp now) {
  std::optional<LockedUser> locked;
  if (domain) {
    auto found = lockUser(session, *domain, identity.user, false);
    if (!found) return propagate(found);
    locked = *std::move(found);
  }
  StatementBatch batch;
  if (!locked) {
    auto begun = batch.begin().run(session);
    if (!begun) return propagate(begun);
  }
  if (target) {
    auto held = holdUser(session, *target);
    if (!held) return propagate(held);
    if (!*held) {
      rollback(session);
      return LinkChange::kNoSuchUser;
    }
  }
  if (locked) {
    auto gone = grantsThatGo(session, control_schema, identity, domain->schema, locked->seq);
    if (!gone) return propagate(gone);
    addGrantChange(batch, domain->schema, locked->seq, identity.identity_provider, *gone, now);
    events.left.revoked = std::move(gone->revoked_names);
  }
  const Blob subject{identity.subject.value()};
  const Blob user{identity.user.bytes()};
  const std::uint64_t provider = identity.identity_provider;
  if (target) {
    batch.add(forSchemas(sql::kMoveIdentity, {}, control_schema),
              {Blob{target->user.bytes()}, Blob{noDigest()}, provider, subject, user});
  } else {
    batch.add(forSchemas(sql::kDeleteIdentityOfUser, {}, control_schema),
              {provider, subject, user});
  }
  auto changed = batch.run(session);
  if (!changed) return propagate(changed);
  if (changed->back().affected == 0) {
    rollback(session);
    return LinkChange::kChangedMeanwhile;
  }
  const AuditRow left(events.left);
  left.addTo(batch, control_schema);
  std::optional<AuditRow> joined;
  if (events.joined) joined.emplace(*events.joined).addTo(batch, control_schema);
  auto committed = batch.commit().run(session);
  if (!committed) return propagate(committed);
  return LinkChange::kDone;
}

}  // namespace vestibule::store
