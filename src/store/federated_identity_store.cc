#include "store/federated_identity_store.h"

#include <algorithm>
#include <iterator>

#include "store/audit_rows.h"
#include "store/control_change.h"
#include "store/event_statements.h"
#include "store/grant_change.h"
#include "store/identity_rows.h"
#include "store/outbox_groups.h"
#include "store/result_rows.h"
#include "store/statement_batch.h"
#include "store/statement_text.h"
#include "store/uniqueness.h"
#include "store/user_lookup.h"
#include "store/user_rows.h"

namespace vestibule::store {
namespace {

/// How many rows one statement looks through: it must end well before the session's read time-out.
constexpr std::uint64_t kScannedAtOnce = 20'000;

struct FindLinkedUserStatement {
  FindLinkedUserStatement(Session&, const std::string& control, const std::string& domain)
      : query(forSchemas(sql::kFindLinkedUser, domain, control)) {
    query.into(user_id, 16);
    query.into(claims_digest, 32);
    query.into(user_version);
    query.into(created);
    query.into(last_synced);
    query.into(group_names);
    user.bind(query, true);
    query.use(identity_provider);
    query.use(subject);
    query.use(row_limit);
  }

  std::uint64_t identity_provider = 0;
  std::string subject;
  std::uint64_t row_limit = kJoinedRows;
  std::string user_id;
  std::string claims_digest;
  std::uint64_t user_version = 0;
  std::int64_t created = 0;
  std::int64_t last_synced = 0;
  std::uint64_t group_names = 0;
  UserColumns user;
  PreparedQuery query;
};

/// What one query tells: the link, its user, and whether the user has more groups than that query
/// reads.
struct Linked {
  LinkedUser found;
  std::optional<std::uint64_t> user_seq;
  bool all_groups = true;
};

Result<std::optional<Linked>> readLinked(Session& session, const std::string& control_schema,
                                         const std::string& schema,
                                         IdentityProviderNumber identity_provider,
                                         const Subject& subject) {
  auto& find = session.prepared<FindLinkedUserStatement>(control_schema, schema);
  find.identity_provider = identity_provider;
  find.subject = subject.value();
  if (auto executed = find.query.execute(session); !executed) return propagate(executed);
  std::optional<Linked> linked;
  for (unsigned rows = 1;; ++rows) {
    auto row = find.query.fetch(session);
    if (!row) return propagate(row);
    if (!*row) break;
    if (!linked) {
      linked.emplace();
      auto& identity = linked->found.identity;
      identity.identity_provider = identity_provider;
      identity.subject = subject;
      identity.user = ResourceId::fromBytes(find.user_id).value_or(ResourceId());
      identity.claims_digest = find.claims_digest;
      identity.user_version = Version(find.user_version);
      identity.created = find.created;
      identity.last_synced = find.last_synced;
      linked->found.group_names = find.group_names;
      if (!find.user.no_user) {
        auto user = find.user.takeUser();
        linked->user_seq = user.seq;
        linked->found.user = std::move(user.user);
      }
    }
    if (rows == kJoinedRows) linked->all_groups = false;
    if (linked->found.user) find.user.takeGroups(linked->found.user->groups);
  }
  if (linked && linked->found.user) eachGroupOnce(linked->found.user->groups);
  return linked;
}

void addUpdateIdentity(StatementBatch& batch, const std::string& control_schema,
                       const FederatedIdentity& identity) {
  batch.add(
      forSchemas(sql::kUpdateIdentity, {}, control_schema),
      {Blob{identity.claims_digest}, identity.user_version.value(),
       static_cast<std::int64_t>(identity.last_synced), std::uint64_t{identity.identity_provider},
       Blob{identity.subject.value()}, Blob{identity.user.bytes()}});
}

}  // namespace

Result<std::optional<LinkedUser>> findLinkedUser(Session& session,
                                                 const std::string& control_schema,
                                                 const DomainTables& expected,
                                                 IdentityProviderNumber identity_provider,
                                                 const Subject& subject) {
  auto linked = readLinked(session, control_schema, expected.schema, identity_provider, subject);
  if (!linked) return propagate(linked);
  if (!*linked) return std::optional<LinkedUser>();
  if (!(*linked)->all_groups) {
    std::vector<NumberedUser> users;
    users.push_back({*(*linked)->user_seq, std::move(*(*linked)->found.user)});
    if (auto filled = fillGroups(session, expected.schema, users); !filled) {
      return propagate(filled);
    }
    (*linked)->found.user = std::move(users.front().user);
  }
  return std::optional<LinkedUser>(std::move((*linked)->found));
}

Result<std::optional<FederatedIdentity>> findIdentity(Session& session,
                                                      const std::string& control_schema,
                                                      IdentityProviderNumber identity_provider,
                                                      const Subject& subject) {
  StatementBatch batch;
  batch.add(forSchemas(sql::kIdentityOfSubject, {}, control_schema),
            {std::uint64_t{identity_provider}, Blob{subject.value()}});
  auto results = batch.run(session);
  if (!results) return propagate(results);
  auto& rows = results->front().rows;
  if (rows.empty()) return std::optional<FederatedIdentity>();
  return takeIdentity(rows.front());
}

Result<std::vector<FederatedIdentity>> findIdentitiesOfUser(Session& session,
                                                            const std::string& control_schema,
                                                            const ResourceId& user) {
  StatementBatch batch;
  batch.add(forSchemas(sql::kIdentitiesOfUser, {}, control_schema), {Blob{user.bytes()}});
  auto results = batch.run(session);
  if (!results) return propagate(results);
  std::vector<FederatedIdentity> identities;
  for (auto& row : results->front().rows) identities.push_back(takeIdentity(row));
  return identities;
}

Result<void> insertProvisionedUser(Session& session, const std::string& control_schema,
                                   const DomainTables& domain, const scim::ResourceMeta& meta,
                                   const UserWrite& user, const FederatedIdentity& identity,
                                   const std::vector<std::uint64_t>& groups,
                                   const LoginRecord& record, std::string_view password_hash) {
  if (auto valid = checkIdentity(identity); !valid) return valid;
  if (auto fits = checkUserWrite(user); !fits) return fits;
  const auto external_id_key = externalIdKey(user.keys.external_id);
  const LoginRows record_rows(record, meta.id);
  StatementBatch batch;
  batch.begin();
  // The link first: of racing first logins of one subject all but one stop here, before they hold
  // anything else.
  addInsertIdentity(batch, control_schema, identity);
  addInsertUser(batch, domain.schema, meta, user, external_id_key, password_hash);
  const auto numbers = ascending(groups);
  if (!numbers.empty()) {
    const std::string list = numberList(numbers);
    // Raising the versions takes the groups' locks, in order; as late as can be, since many logins
    // may share a group.
    batch.add(withList(forSchemas(sql::kRaiseGroups, domain.schema), list),
              {static_cast<std::int64_t>(meta.created)});
    batch.add(withList(forSchemas(sql::kInsertNewUsersMemberships, domain.schema), list));
    batch.add(forSchemas(sql::kInsertNewUsersGrants, domain.schema),
              {std::uint64_t{identity.identity_provider}});
  }
  record_rows.addTo(batch, control_schema);
  // Behind the row about the user: a receiver hears of it before a group has it as a member.
  if (record.audit) {
    addTouchedGroups(batch, domain.schema, control_schema, *record.audit, sql::kOutboxOfNewMember,
                     numbers);
  }
  batch.commit();
  auto stored = batch.run(session);
  if (!stored)
    return tl::make_unexpected(record_rows.nameFailure(session, std::move(stored.error())));
  return {};
}

Result<void> updateProvisionedUser(Session& session, const std::string& control_schema,
                                   const DomainTables& domain, const LockedUser& locked,
                                   const ProvisionUpdate& update, Timestamp now) {
  auto valid = checkIdentity(update.identity);
  if (valid && update.user) valid = checkUserWrite(*update.user);
  if (!valid) {
    rollback(session);
    return valid;
  }
  auto grants =
      readGrantChange(session, domain.schema, locked.seq, update.identity.identity_provider,
                      {update.grant, update.revoke_others, update.keep});
  if (!grants) return propagate(grants);
  LoginRecord record;
  if (update.record) record = update.record({grants->grant, std::move(grants->revoked_names)});
  const LoginRows record_rows(record, update.identity.user);

  StatementBatch batch;
  std::optional<std::string> external_id_key;
  if (update.user) {
    external_id_key = externalIdKey(update.user->keys.external_id);
    addUpdateUser(batch, domain.schema, locked.seq, update.meta, *update.user, update.before,
                  external_id_key, std::nullopt);
  }
  if (update.new_link) {
    addInsertIdentity(batch, control_schema, update.identity);
  } else {
    addUpdateIdentity(batch, control_schema, update.identity);
  }
  addGrantChange(batch, domain.schema, control_schema, locked.seq,
                 update.identity.identity_provider, *grants, now, update.rails,
                 record.audit ? &*record.audit : nullptr);
  record_rows.addTo(batch, control_schema);
  batch.commit();
  auto stored = batch.run(session);
  if (!stored)
    return tl::make_unexpected(record_rows.nameFailure(session, std::move(stored.error())));
  return {};
}

Result<bool> deleteIdentity(Session& session, const std::string& control_schema,
                            IdentityProviderNumber identity_provider, const Subject& subject,
                            const std::optional<ResourceId>& user) {
  std::vector<Parameter> parameters{std::uint64_t{identity_provider}, Blob{subject.value()}};
  if (user) parameters.emplace_back(Blob{user->bytes()});
  StatementBatch batch;
  batch.add(
      forSchemas(user ? sql::kDeleteIdentityOfUser : sql::kDeleteIdentity, {}, control_schema),
      parameters);
  auto results = batch.run(session);
  if (!results) return propagate(results);
  return results->front().affected > 0;
}

Result<void> deleteIdentitiesOfDomain(Session& session, const std::string& control,
                                      DomainNumber number) {
  const std::string bytes = {static_cast<char>(number.value() >> 8),
                             static_cast<char>(number.value() & 0xff)};
  StatementBatch batch;
  batch.add(inControl("SELECT COALESCE(MAX(seq), 0) FROM {control}.federated_identities", control));
  auto results = batch.run(session);
  if (!results) return propagate(results);
  const auto last = unsignedAt(results->front().rows.at(0), 0);
  for (std::uint64_t from = 0; from < last; from += kScannedAtOnce) {
    batch.add(inControl("DELETE FROM {control}.federated_identities WHERE seq > ? AND seq <= ? AND "
                        "SUBSTRING(user_id, 11, 2) = ?",
                        control),
              {from, from + kScannedAtOnce, Blob{bytes}});
    if (results = batch.repeatable().run(session); !results) return propagate(results);
  }
  return {};
}

}  // namespace vestibule::store
