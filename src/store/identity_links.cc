#include "store/identity_links.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "store/audit_rows.h"
#include "store/grant_change.h"
#include "store/identity_rows.h"
#include "store/statement_text.h"
#include "store/uniqueness.h"
#include "store/user_rows.h"

namespace vestibule::store {
namespace {

/// A user of the change, once the transaction has begun.
struct LockedEnd {
  std::optional<LockedUser> locked;  ///< nothing: it does not exist
  std::optional<UserRewrite> rewrite;
  std::optional<std::string> external_id_key;
};

/// Begins a transaction and locks the users that are given, in the order of their ids, so that of
/// two changes none waits for the other's. One round trip.
Result<void> lockEnds(Session& session, const std::optional<LinkUser>& left, LockedEnd& left_end,
                      const std::optional<LinkUser>& target, LockedEnd& target_end) {
  std::vector<std::pair<const LinkUser*, LockedEnd*>> ends;
  if (left) ends.emplace_back(&*left, &left_end);
  if (target) ends.emplace_back(&*target, &target_end);
  std::sort(ends.begin(), ends.end(), [](const auto& one, const auto& other) {
    return one.first->user.bytes() < other.first->user.bytes();
  });
  StatementBatch batch;
  batch.begin();
  for (const auto& [user, end] : ends) addLockUser(batch, user->domain.schema, user->user);
  auto results = batch.run(session);
  if (!results) return propagate(results);
  for (std::size_t i = 0; i < ends.size(); ++i) {
    ends[i].second->locked = takeLockedUser((*results)[i + 1]);
  }
  return {};
}

/// Adds what the change makes of a locked user's row, and tells the event its versions.
Result<void> addRewrite(StatementBatch& batch, const LinkUser& user, LockedEnd& end,
                        AuditEvent& event) {
  if (!user.rewrite) return {};
  auto rewrite = user.rewrite(end.locked->user);
  if (!rewrite) return propagate(rewrite);
  end.rewrite = *std::move(rewrite);
  if (!end.rewrite) return {};
  const auto& [meta, write, before] = *end.rewrite;
  if (auto fits = checkUserWrite(write); !fits) return fits;
  end.external_id_key = externalIdKey(write.keys.external_id);
  addUpdateUser(batch, user.domain.schema, end.locked->seq, meta, write, before,
                end.external_id_key, std::nullopt);
  event.version_before = end.locked->user.resource.meta.version;
  event.version_after = meta.version;
  return {};
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

Result<bool> linkIdentity(Session& session, const std::string& control_schema, const LinkUser& user,
                          IdentityProviderNumber identity_provider, const Subject& subject,
                          AuditEvent event, Timestamp now) {
  const FederatedIdentity identity{identity_provider, subject, user.user, noDigest(),
                                   Version(0),        now,     now};
  if (auto valid = checkIdentity(identity); !valid) return propagate(valid);
  auto locked = lockUser(session, user.domain, user.user, false);
  if (!locked) return propagate(locked);
  if (!*locked) return false;
  LockedEnd end{*std::move(locked), std::nullopt, std::nullopt};
  StatementBatch batch;
  addInsertIdentity(batch, control_schema, identity);
  if (auto added = addRewrite(batch, user, end, event); !added) {
    rollback(session);
    return propagate(added);
  }
  const AuditRow row(event);
  row.addTo(batch, control_schema);
  auto stored = batch.commit().run(session);
  if (!stored) return tl::make_unexpected(nameDuplicate(session, std::move(stored.error())));
  return true;
}

Result<LinkChange> changeLink(Session& session, const std::string& control_schema,
                              const FederatedIdentity& identity,
                              const std::optional<LinkUser>& left,
                              const std::optional<LinkUser>& target, LinkEvents events,
                              Timestamp now, const GuardRails* rails) {
  LockedEnd left_end;
  LockedEnd target_end;
  if (auto locked = lockEnds(session, left, left_end, target, target_end); !locked) {
    return propagate(locked);
  }
  if (target && !target_end.locked) {
    rollback(session);
    return LinkChange::kNoSuchUser;
  }
  StatementBatch batch;
  Result<void> added;
  if (left_end.locked) {
    const auto seq = left_end.locked->seq;
    auto gone = grantsThatGo(session, control_schema, identity, left->domain.schema, seq);
    if (!gone) return propagate(gone);
    added = addRewrite(batch, *left, left_end, events.left);
    addGrantChange(batch, left->domain.schema, control_schema, seq, identity.identity_provider,
                   *gone, now, rails, &events.left);
    events.left.revoked = std::move(gone->revoked_names);
  }
  if (added && target) added = addRewrite(batch, *target, target_end, *events.joined);
  if (!added) {
    rollback(session);
    return propagate(added);
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
  const AuditRow row_left(events.left);
  row_left.addTo(batch, control_schema);
  std::optional<AuditRow> row_joined;
  if (events.joined) row_joined.emplace(*events.joined).addTo(batch, control_schema);
  auto committed = batch.commit().run(session);
  if (!committed) return propagate(committed);
  return LinkChange::kDone;
}

}  // namespace vestibule::store
