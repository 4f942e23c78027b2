#include "store/user_store.h"

#include "store/audit_rows.h"
#include "store/consent_statements.h"
#include "store/event_statements.h"
#include "store/guard_rail_statements.h"
#include "store/outbox_groups.h"
#include "store/prepared_query.h"
#include "store/result_rows.h"
#include "store/statement_batch.h"
#include "store/statement_text.h"
#include "store/uniqueness.h"
#include "store/user_lookup.h"
#include "store/user_rows.h"

namespace vestibule::store {
namespace {

/// More users than that can hardly differ in the case of one name; a limit keeps the statement's
/// shape.
constexpr std::uint64_t kNamesakes = 1'000'000;

struct UserVersionStatement {
  UserVersionStatement(Session&, const std::string& schema)
      : query(forSchemas(sql::kUserVersion, schema)) {
    query.into(version);
    query.use(id);
  }

  std::string id;
  std::uint64_t version = 0;
  PreparedQuery query;
};

Result<std::vector<NumberedUser>> findUsers(Session& session, const std::string& schema,
                                            const UserCriterion& criterion, bool with_groups) {
  if (with_groups) {
    auto users = lookUpUsers(session, schema, criterion, true, kJoinedRows - 1);
    if (!users) return propagate(users);
    if (*users) return std::move(**users);
  }
  auto users = lookUpUsers(session, schema, criterion, false, kNamesakes);
  if (!users) return propagate(users);
  if (!*users) return internalFailure("more users of one name than can be");
  if (with_groups) {
    if (auto filled = fillGroups(session, schema, **users); !filled) return propagate(filled);
  }
  return std::move(**users);
}

}  // namespace

Result<std::optional<StoredUser>> findUser(Session& session, const DomainTables& domain,
                                           const ResourceId& id, bool with_groups) {
  auto users = findUsers(session, domain.schema, {FoundBy::kId, id.bytes(), 0}, with_groups);
  if (!users) return propagate(users);
  if (users->empty()) return std::optional<StoredUser>();
  return std::optional<StoredUser>(std::move(users->front().user));
}

Result<std::vector<StoredUser>> findUsersByName(Session& session, const DomainTables& domain,
                                                std::string_view user_name_fold, bool with_groups) {
  auto users =
      findUsers(session, domain.schema, {FoundBy::kUserName, user_name_fold, 0}, with_groups);
  if (!users) return propagate(users);
  std::vector<StoredUser> found;
  found.reserve(users->size());
  for (auto& user : *users) found.push_back(std::move(user.user));
  return found;
}

Result<std::optional<Version>> findUserVersion(Session& session, const DomainTables& domain,
                                               const ResourceId& id) {
  auto& find = session.prepared<UserVersionStatement>(domain.schema);
  find.id.assign(id.bytes());
  if (auto executed = find.query.execute(session); !executed) return propagate(executed);
  std::optional<Version> version;
  for (;;) {
    auto row = find.query.fetch(session);
    if (!row) return propagate(row);
    if (!*row) return version;
    version = Version(find.version);
  }
}

Result<void> insertUser(Session& session, const DomainTables& domain,
                        const scim::ResourceMeta& meta, const UserWrite& user,
                        std::string_view password_hash, const ChangeAudit& audit) {
  if (auto fits = checkUserWrite(user); !fits) return fits;
  const auto external_id_key = externalIdKey(user.keys.external_id);
  const AuditRow event(audit.event);
  StatementBatch batch;
  batch.begin();
  addInsertUser(batch, domain.schema, meta, user, external_id_key, password_hash);
  event.addTo(batch, audit.control_schema);
  batch.commit();
  auto stored = batch.run(session);
  if (!stored) return tl::make_unexpected(nameDuplicate(session, std::move(stored.error())));
  return {};
}

Result<std::optional<LockedUser>> lockUser(Session& session, const DomainTables& domain,
                                           const ResourceId& id, bool with_groups) {
  StatementBatch batch;
  batch.begin();
  addLockUser(batch, domain.schema, id);
  if (with_groups) {
    batch.add(forSchemas(sql::kGroupsOfUser, domain.schema), {Blob{id.bytes()}});
    batch.add(forSchemas(sql::kIndirectGroupsOfUser, domain.schema), {Blob{id.bytes()}});
  }
  auto results = batch.run(session);
  if (!results) return propagate(results);
  auto locked = takeLockedUser((*results)[1]);
  if (!locked) {
    rollback(session);
    return locked;
  }
  if (with_groups) {
    auto& groups = locked->user.groups;
    for (auto& row : (*results)[2].rows) groups.push_back({idAt(row, 0), takeText(row, 1)});
    for (auto& row : (*results)[3].rows) groups.push_back({idAt(row, 0), takeText(row, 1), false});
    eachGroupOnce(groups);
  }
  return locked;
}

Result<void> updateLockedUser(Session& session, const DomainTables& domain,
                              const LockedUser& locked, const scim::ResourceMeta& meta,
                              const UserWrite& user, const UserKeys& before,
                              const std::optional<std::string>& password_hash,
                              const ChangeAudit& audit) {
  if (auto fits = checkUserWrite(user); !fits) {
    rollback(session);
    return fits;
  }
  const auto external_id_key = externalIdKey(user.keys.external_id);
  const AuditRow event(audit.event);
  StatementBatch batch;
  addUpdateUser(batch, domain.schema, locked.seq, meta, user, before, external_id_key,
                password_hash);
  addCount(batch, domain.schema, audit.rails, RailKind::kDeactivations, 1);
  event.addTo(batch, audit.control_schema);
  batch.commit();
  auto stored = batch.run(session);
  if (!stored) return tl::make_unexpected(nameDuplicate(session, std::move(stored.error())));
  return {};
}

Result<void> deleteLockedUser(Session& session, const DomainTables& domain,
                              const LockedUser& locked, Timestamp now, const ChangeAudit& audit) {
  // Nobody can make the user a member while its row is locked, so the list can only get shorter. It
  // is read without locks: group rows come before memberships in the order of locks.
  StatementBatch read;
  read.add(forSchemas(sql::kGroupNumbersOfUser, domain.schema), {locked.seq});
  auto numbers = read.run(session);
  if (!numbers) return propagate(numbers);

  StatementBatch batch;
  if (!numbers->front().rows.empty()) {
    const auto of_user = numbersOf(numbers->front().rows);
    const std::string groups = numberList(of_user);
    batch.add(withList(forSchemas(sql::kLockGroups, domain.schema), groups));
    batch.add(withList(forSchemas(sql::kRaiseGroupsOfMember, domain.schema), groups),
              {static_cast<std::int64_t>(now), locked.seq});
    addTouchedGroups(batch, domain.schema, audit.control_schema, audit.event, sql::kOutboxOfMember,
                     of_user, locked.seq);
  }
  batch.add(forSchemas(sql::kDeleteIdentitiesOfUser, domain.schema, audit.control_schema),
            {Blob{locked.user.resource.meta.id.bytes()}});
  for (const auto consent :
       {sql::kDeleteConsentDecisionsOfUser, sql::kDeleteConsentReceiptsOfUser}) {
    batch.add(forSchemas(consent, domain.schema, audit.control_schema),
              {Blob{locked.user.resource.meta.id.bytes()}});
  }
  batch.add(forSchemas(sql::kDeleteUser, domain.schema), {locked.seq});
  addCount(batch, domain.schema, audit.rails, RailKind::kDeletes, 1);
  const AuditRow event(audit.event);
  event.addTo(batch, audit.control_schema);
  batch.commit();
  auto deleted = batch.run(session);
  if (!deleted) return propagate(deleted);
  return {};
}

}  // namespace vestibule::store
