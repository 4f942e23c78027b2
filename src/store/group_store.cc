#include "store/group_store.h"

#include "scim/schema/comparison_key.h"
#include "store/group_rows.h"
#include "store/member_locks.h"
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

struct ListMembersStatement {
  ListMembersStatement(Session& session, const std::string& schema) : statement(session.soci()) {
    statement.exchange(soci::into(user_seq));
    statement.exchange(soci::into(user_id));
    statement.exchange(soci::into(user_name));
    statement.exchange(soci::use(group_id, "id"));
    statement.exchange(soci::use(after, "after"));
    statement.exchange(soci::use(row_limit, "row_limit"));
    statement.alloc();
    statement.prepare(forSchemas(sql::kListMembers, schema));
    statement.define_and_bind();
  }

  std::string group_id;
  unsigned long long after = 0;
  unsigned long long row_limit = 0;
  unsigned long long user_seq = 0;
  std::string user_id;
  std::string user_name;
  soci::statement statement;
};

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
      found.groups.push_back(
          {unsignedAt(row, 0), idAt(row, 1), takeText(row, 2), takeText(row, 3)});
    }
  }
  return found;
}

Result<MemberPage> listMembers(Session& session, const DomainTables& domain,
                               const ResourceId& group, std::uint64_t after, std::size_t limit) {
  return session.guard([&] {
    auto& list = session.prepared<ListMembersStatement>(domain.schema);
    list.group_id.assign(group.bytes());
    list.after = after;
    list.row_limit = limit;
    list.statement.execute(false);
    MemberPage page;
    page.last = after;
    while (list.statement.fetch()) {
      page.members.push_back({idOf(list.user_id), std::move(list.user_name)});
      page.last = list.user_seq;
    }
    return page;
  });
}

Result<void> insertGroup(Session& session, const DomainTables& domain,
                         const scim::ResourceMeta& meta, const GroupWrite& group,
                         const std::vector<ResourceId>& members) {
  if (auto fits = checkGroupWrite(group); !fits) return fits;
  if (auto valid = checkMembers(domain, members); !valid) return valid;
  const auto external_id_key = externalIdKey(group.keys.external_id);
  std::vector<std::uint64_t> numbers;
  if (!members.empty()) {
    auto locked = lockMembers(session, domain, members, {}, std::nullopt);
    if (!locked) return propagate(locked);
    if (locked->add.size() != members.size()) {
      rollback(session);
      return notAMember();
    }
    numbers = std::move(locked->add);
  }
  StatementBatch batch;
  if (members.empty()) batch.begin();
  batch.add(
      forSchemas(sql::kInsertGroup, domain.schema),
      {Blob{meta.id.bytes()}, std::string_view(group.keys.display_name),
       Blob{group.keys.display_name_key}, blobOrNull(external_id_key), meta.version.value(),
       std::int64_t{meta.created}, std::int64_t{meta.modified}, std::string_view(group.document)});
  const std::string insert = forSchemas(sql::kInsertFirstMembers, domain.schema);
  for (std::size_t from = 0; from < numbers.size(); from += kMembersPerStatement) {
    batch.add(insert + memberRows("LAST_INSERT_ID()", numbers, from));
    if ((from + kMembersPerStatement) % kMembersPerRun != 0) continue;
    if (auto ran = batch.run(session); !ran) {
      return tl::make_unexpected(nameDuplicate(session, std::move(ran.error())));
    }
  }
  batch.add(forSchemas(sql::kRaiseGroupNames, domain.schema));
  batch.commit();
  auto stored = batch.run(session);
  if (!stored) return tl::make_unexpected(nameDuplicate(session, std::move(stored.error())));
  return {};
}

Result<bool> deleteGroup(Session& session, const DomainTables& domain, const ResourceId& id,
                         const std::function<Result<void>(const StoredResource&)>& check) {
  auto locked = lockMembers(session, domain, {}, {}, id);
  if (!locked) return propagate(locked);
  if (!locked->group_seq) {
    rollback(session);
    return false;
  }
  if (auto allowed = check(locked->group); !allowed) {
    rollback(session);
    return propagate(allowed);
  }
  // Members go piece by piece: one cascade over a million rows would outlast the read time-out.
  const std::string text = forSchemas(sql::kDeleteAllMembers, domain.schema);
  for (std::uint64_t gone = kDeletedRows; gone == kDeletedRows;) {
    StatementBatch batch;
    batch.add(text, {*locked->group_seq});
    auto results = batch.run(session);
    if (!results) return propagate(results);
    gone = results->front().affected;
  }
  StatementBatch batch;
  batch.add(forSchemas(sql::kDeleteGroup, domain.schema), {*locked->group_seq});
  batch.commit();
  auto deleted = batch.run(session);
  if (!deleted) return propagate(deleted);
  return true;
}

}  // namespace vestibule::store
