#include "store/resource_store.h"

#include <algorithm>

#include "store/audit_rows.h"
#include "store/guard_rail_statements.h"
#include "store/index_entry_rows.h"
#include "store/prepared_query.h"
#include "store/result_rows.h"
#include "store/statement_batch.h"
#include "store/statement_text.h"
#include "store/uniqueness.h"
#include "store/user_rows.h"

namespace vestibule::store {
namespace {

std::uint64_t kindOf(const ResourceId& id) { return static_cast<std::uint64_t>(id.kind()); }

struct FindResourceStatement {
  FindResourceStatement(Session&, const std::string& schema)
      : query(forSchemas(sql::kFindResource, schema)) {
    constexpr std::size_t kExpectedDocument = 2'048;
    query.into(found_id, ResourceId::Bytes().size());
    query.into(version);
    query.into(created);
    query.into(modified);
    query.into(document, kExpectedDocument);
    query.use(kind);
    query.use(id);
  }

  std::uint64_t kind = 0;
  std::string id;
  std::string found_id;
  std::uint64_t version = 0;
  std::int64_t created = 0;
  std::int64_t modified = 0;
  std::string document;
  PreparedQuery query;
};

}  // namespace

Result<std::optional<StoredResource>> findResource(Session& session, const DomainTables& domain,
                                                   const ResourceId& id) {
  auto& find = session.prepared<FindResourceStatement>(domain.schema);
  find.kind = kindOf(id);
  find.id.assign(id.bytes());
  if (auto executed = find.query.execute(session); !executed) return propagate(executed);
  std::optional<StoredResource> found;
  for (;;) {
    auto row = find.query.fetch(session);
    if (!row) return propagate(row);
    if (!*row) return found;
    found.emplace();
    found->meta.id = id;
    found->meta.version = Version(find.version);
    found->meta.created = find.created;
    found->meta.modified = find.modified;
    found->document.swap(find.document);
  }
}

Result<void> insertResource(Session& session, const DomainTables& domain,
                            const scim::ResourceType& type, const scim::ResourceMeta& meta,
                            const ResourceWrite& resource, const ChangeAudit& audit) {
  if (auto fits = checkDocument(resource.document); !fits) return fits;
  const auto kind = kindOf(meta.id);
  const auto external_id_key = externalIdKey(resource.keys.external_id);
  const AuditRow event(audit.event);
  StatementBatch batch;
  batch.begin();
  batch.add(forSchemas(sql::kInsertResource, domain.schema),
            {kind, Blob{meta.id.bytes()}, blobOrNull(resource.keys.name),
             blobOrNull(external_id_key), meta.version.value(), std::int64_t{meta.created},
             std::int64_t{meta.modified}, std::string_view(resource.document)});
  addIndexEntries(batch, domain.schema, meta.id.kind(), entriesWithout(resource.keys.entries, {}),
                  std::nullopt);
  event.addTo(batch, audit.control_schema);
  batch.commit();
  auto stored = batch.run(session);
  if (stored) return {};
  return tl::make_unexpected(writeDuplicate(session, domain.schema,
                                            {type, resource.keys.entries, std::nullopt},
                                            std::move(stored.error())));
}

Result<std::optional<LockedResource>> lockResource(Session& session, const DomainTables& domain,
                                                   const ResourceId& id) {
  StatementBatch batch;
  batch.begin();
  batch.add(forSchemas(sql::kLockResource, domain.schema), {kindOf(id), Blob{id.bytes()}});
  batch.add(forSchemas(sql::kAttributesOfResource, domain.schema), {kindOf(id), Blob{id.bytes()}});
  auto results = batch.run(session);
  if (!results) return propagate(results);
  auto& rows = (*results)[1].rows;
  if (rows.empty()) {
    rollback(session);
    return std::optional<LockedResource>();
  }
  LockedResource locked;
  locked.seq = unsignedAt(rows.front(), 0);
  locked.resource = takeResource(rows.front(), 1);
  for (auto& row : (*results)[2].rows) {
    locked.entries.push_back({static_cast<std::uint16_t>(unsignedAt(row, 0)), takeText(row, 1),
                              unsignedAt(row, 2) != 0});
  }
  std::sort(locked.entries.begin(), locked.entries.end());
  return std::optional<LockedResource>(std::move(locked));
}

Result<void> updateLockedResource(Session& session, const DomainTables& domain,
                                  const scim::ResourceType& type, const LockedResource& locked,
                                  const scim::ResourceMeta& meta, const ResourceWrite& resource,
                                  const ChangeAudit& audit) {
  if (auto fits = checkDocument(resource.document); !fits) {
    rollback(session);
    return fits;
  }
  const auto kind = kindOf(meta.id);
  const auto external_id_key = externalIdKey(resource.keys.external_id);
  StatementBatch batch;
  batch.add(forSchemas(sql::kUpdateResource, domain.schema),
            {blobOrNull(resource.keys.name), blobOrNull(external_id_key), meta.version.value(),
             std::int64_t{meta.modified}, std::string_view(resource.document), kind, locked.seq});
  for (const auto* gone : entriesWithout(locked.entries, resource.keys.entries)) {
    batch.add(forSchemas(sql::kDeleteResourceAttribute, domain.schema),
              {kind, std::uint64_t{gone->index}, Blob{gone->key}, locked.seq});
  }
  addIndexEntries(batch, domain.schema, meta.id.kind(),
                  entriesWithout(resource.keys.entries, locked.entries), locked.seq);
  const AuditRow event(audit.event);
  event.addTo(batch, audit.control_schema);
  batch.commit();
  auto stored = batch.run(session);
  if (stored) return {};
  return tl::make_unexpected(writeDuplicate(session, domain.schema,
                                            {type, resource.keys.entries, locked.seq},
                                            std::move(stored.error())));
}

Result<void> deleteLockedResource(Session& session, const DomainTables& domain,
                                  const LockedResource& locked, const ChangeAudit& audit) {
  StatementBatch batch;
  batch.add(forSchemas(sql::kDeleteResource, domain.schema),
            {kindOf(locked.resource.meta.id), locked.seq});
  addCount(batch, domain.schema, audit.rails, RailKind::kDeletes, 1);
  const AuditRow event(audit.event);
  event.addTo(batch, audit.control_schema);
  batch.commit();
  auto deleted = batch.run(session);
  if (!deleted) return propagate(deleted);
  return {};
}

}  // namespace vestibule::store
