#include "store/group_store.h"

#include "scim/schema/comparison_key.h"
#include "store/audit_rows.h"
#include "store/event_statements.h"
#include "store/group_nesting.h"
#include "store/group_rows.h"
#include "store/guard_rail_statements.h"
#include "store/import_rows.h"
#include "store/index_entry_rows.h"
#include "store/member_locks.h"
#include "store/outbox_groups.h"
#include "store/result_rows.h"
#include "store/statement_batch.h"
#include "store/statement_text.h"
#include "store/uniqueness.h"
#include "store/user_rows.h"

namespace vestibule::store {
namespace {

constexpr std::size_t kNamesPerQuery = 500;

ResourceId idOf(const std::string& bytes) {
  return ResourceId::fromBytes(bytes).value_or(ResourceId());
}

struct FindGroupStatement {
  FindGroupStatement(Session& session, const std::string& schema) : statement(session.soci()) {
    statement.exchange(soci::into(found_id));
    statement.exchange(soci::into(version));
    statement.exchange(soci::into(created));
    statement.exchange(soci::into(modified));
    statement.exchange(soci::into(document));
    statement.exchange(soci::use(id, "id"));
    statement.alloc();
    statement.prepare(forSchemas(sql::kFindGroup, schema));
    statement.define_and_bind();
  }

  std::string id;
  std::string found_id;
  unsigned long long version = 0;
  long long created = 0;
  long long modified = 0;
  std::string document;
  soci::statement statement;
};

/// Adds members to a page until it is full.
void fillPage(MemberPage& page, std::vector<ResultRow>& rows, bool groups, std::size_t limit) {
  for (auto& row : rows) {
    if (page.members.size() == limit) return;
    page.members.push_back({idAt(row, 1), takeText(row, 2)});
    page.last = {groups, unsignedAt(row, 0)};
  }
}

}  // namespace

Result<std::optional<StoredResource>> findGroup(Session& session, const DomainTables& domain,
                                                const ResourceId& id) {
  return session.guard([&]() -> std::optional<StoredResource> {
    auto& find = session.prepared<FindGroupStatement>(domain.schema);
    find.id.assign(id.bytes());
    find.statement.execute(false);
    if (!find.statement.fetch()) return std::nullopt;
    StoredResource group;
    group.meta.id = idOf(find.found_id);
    group.meta.version = Version(find.version);
    group.meta.created = find.created;
    group.meta.modified = find.modified;
    group.document.swap(find.document);
    return group;
  });
}

Result<NamedGroups> findGroupsByName(Session& session, const DomainTables& domain,
                                     const std::vector<std::string>& display_name_keys) {
  NamedGroups found;
  const std::string text = forSchemas(sql::kGroupsByName, domain.schema);
  for (std::size_t from = 0; from < display_name_keys.size(); from += kNamesPerQuery) {
    std::vector<Parameter> parameters;
    for (std::size_t i = from; i < display_name_keys.size() && i < from + kNamesPerQuery; ++i) {
      parameters.emplace_back(Blob{display_name_keys[i]});
    }
    StatementBatch batch;
    // Read before the names: a group that comes in between is seen, or raises it once more.
    if (from == 0) batch.add(forSchemas(sql::kGroupNamesRevision, domain.schema));
    batch.add(withList(text, placeholders(parameters.size())), parameters);
    auto results = batch.run(session);
    if (!results) return propagate(results);
    if (from == 0 && !results->front().rows.empty()) {
      found.revision = unsignedAt(results->front().rows.front(), 0);
    }
    for (auto& row : results->back().rows) {
      found.groups.push_back({unsignedAt(row, 0), idAt(row, 1), takeText(row, 2), takeText(row, 3),
                              unsignedAt(row, 4) != 0});
    }
  }
  return found;
}

Result<MemberPage> listMembers(Session& session, const DomainTables& domain,
                               const ResourceId& group, const MemberPlace& after,
                               std::size_t limit) {
  MemberPage page;
  page.last = after;
  const auto add = [&](StatementBatch& batch, std::string_view statement, std::uint64_t row) {
    batch.add(forSchemas(statement, domain.schema),
              {Blob{group.bytes()}, row, std::uint64_t{limit}});
  };
  if (!after.among_groups) {
    // Most groups fit one page: there both are read at once.
    const bool first = after.row == 0;
    StatementBatch batch;
    add(batch, sql::kListMembers, after.row);
    if (first) add(batch, sql::kListNestedMembers, 0);
    auto results = batch.run(session);
    if (!results) return propagate(results);
    fillPage(page, results->front().rows, false, limit);
    if (first) fillPage(page, results->back().rows, true, limit);
    if (first || page.members.size() == limit) return page;
  }
  StatementBatch batch;
  add(batch, sql::kListNestedMembers, after.among_groups ? after.row : 0);
  auto results = batch.run(session);
  if (!results) return propagate(results);
  fillPage(page, results->front().rows, true, limit);
  return page;
}

Result<void> insertGroup(Session& session, const DomainTables& domain,
                         const scim::ResourceType& type, const scim::ResourceMeta& meta,
                         const GroupWrite& group, const std::vector<ResourceId>& members,
                         const ChangeAudit& audit) {
  if (auto fits = checkGroupWrite(group); !fits) return fits;
  if (auto valid = checkMembers(domain, members); !valid) return valid;
  const auto external_id_key = externalIdKey(group.keys.external_id);
  LockedMembers locked;
  if (!members.empty()) {
    LockRequest request;
    request.add = members;
    auto found = lockMembers(session, domain, request);
    if (!found) return propagate(found);
    if (found->found() != members.size()) {
      rollback(session);
      return notAMember();
    }
    locked = *std::move(found);
  }
  const auto& numbers = locked.add;
  const std::vector<scim::IndexEntry> none;
  const auto& entries = group.keys.entries ? *group.keys.entries : none;
  const auto refused = [&](Error error) {
    return tl::make_unexpected(
        writeDuplicate(session, domain.schema, {type, entries, std::nullopt}, std::move(error)));
  };
  StatementBatch batch;
  if (members.empty()) batch.begin();
  batch.add(
      forSchemas(sql::kInsertGroup, domain.schema),
      {Blob{meta.id.bytes()}, std::string_view(group.keys.display_name),
       Blob{group.keys.display_name_key}, blobOrNull(external_id_key), meta.version.value(),
       std::int64_t{meta.created}, std::int64_t{meta.modified}, std::string_view(group.document)});
  addIndexEntries(batch, domain.schema, ResourceKind::kGroup, entriesWithout(entries, {}),
                  std::nullopt);
  if (locked.has_turn) {
    batch.add("SELECT LAST_INSERT_ID()");
    auto inserted = batch.run(session);
    if (!inserted) return refused(std::move(inserted.error()));
    const auto number = unsignedAt(inserted->back().rows.front(), 0);
    auto nested = changeNesting(session, domain.schema, number, {locked.add_groups, {}, false});
    if (!nested) return propagate(nested);
  }
  const std::string insert = forSchemas(sql::kInsertFirstMembers, domain.schema);
  for (std::size_t from = 0; from < numbers.size(); from += kMembersPerStatement) {
    batch.add(insert + memberRows("LAST_INSERT_ID()", numbers, from));
    if ((from + kMembersPerStatement) % kMembersPerRun != 0) continue;
    if (auto ran = batch.run(session); !ran) return refused(std::move(ran.error()));
  }
  batch.add(forSchemas(sql::kRaiseGroupNames, domain.schema));
  AuditEvent event = audit.event;
  tellMembers(event, {members, {}, true});
  const AuditRow row(event);
  row.addTo(batch, audit.control_schema);
  if (audit.mark != nullptr) addImportBatch(batch, audit.control_schema, *audit.mark);
  batch.commit();
  auto stored = batch.run(session);
  if (!stored) return refused(std::move(stored.error()));
  return {};
}

Result<bool> deleteGroup(Session& session, const DomainTables& domain, const ResourceId& id,
                         const std::function<Result<void>(const StoredResource&)>& check,
                         Timestamp now, const ChangeAudit& audit, const MembershipGuard& guard) {
  LockRequest request;
  request.group = id;
  request.deletes_group = true;
  request.asks_names = static_cast<bool>(guard);
  auto locked = lockMembers(session, domain, request);
  if (!locked) return propagate(locked);
  if (!locked->group_seq) {
    rollback(session);
    return false;
  }
  auto allowed = check(locked->group);
  if (allowed && guard) allowed = guard(locked->names);
  if (!allowed) {
    rollback(session);
    return propagate(allowed);
  }
  if (locked->has_turn) {
    auto emptied = changeNesting(session, domain.schema, *locked->group_seq, {{}, {}, true});
    if (!emptied) return propagate(emptied);
  }
  // Members go piece by piece: one cascade over a million rows would outlast the read time-out.
  const std::string text = forSchemas(sql::kDeleteAllMembers, domain.schema);
  StatementBatch batch;
  // Before all that work; nobody else can be at these memberships while the group is locked.
  addCount(batch, domain.schema, audit.rails, RailKind::kDeletes, 1);
  for (std::uint64_t gone = kDeletedRows; gone == kDeletedRows;) {
    batch.add(text, {*locked->group_seq});
    auto results = batch.run(session);
    if (!results) return propagate(results);
    gone = results->back().affected;
  }
  if (locked->has_turn) {
    batch.add(forSchemas(sql::kDeleteEdgesTo, domain.schema), {*locked->group_seq});
    batch.add(forSchemas(sql::kDeleteAncestors, domain.schema), {*locked->group_seq});
  }
  if (!locked->containers.empty()) {
    batch.add(
        withList(forSchemas(sql::kRaiseGroups, domain.schema), numberList(locked->containers)),
        {static_cast<std::int64_t>(now)});
    addTouchedGroups(batch, domain.schema, audit.control_schema, audit.event,
                     sql::kOutboxOfContainers, locked->containers);
  }
  batch.add(forSchemas(sql::kDeleteGroup, domain.schema), {*locked->group_seq});
  AuditEvent event = audit.event;
  event.version_before = locked->group.meta.version;
  const AuditRow row(event);
  row.addTo(batch, audit.control_schema);
  batch.commit();
  auto deleted = batch.run(session);
  if (!deleted) return propagate(deleted);
  return true;
}

}  // namespace vestibule::store
