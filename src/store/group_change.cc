// changeGroup: one transaction that locks the members and the group, lets the caller edit, and then
// moves rows.

#include <algorithm>
#include <limits>

#include "scim/schema/comparison_key.h"
#include "store/audit_rows.h"
#include "store/group_nesting.h"
#include "store/group_rows.h"
#include "store/group_store.h"
#include "store/guard_rail_statements.h"
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

constexpr RailKind kRemovals = RailKind::kMembershipRemovals;

/// Row operations of one membership change, as SQL text ready to run. What each of them changes
/// adds up to "has the group changed?".
struct RowOperations {
  std::vector<std::string> changes;
  std::vector<std::string> claims;  ///< make memberships SCIM's own that an IdP granted; the group
                                    ///< looks the same afterwards
  bool bounded =
      true;  ///< false: a change deletes kDeletedRows at most and has to be repeated while it does
};

std::string numbered(std::string_view sql, const std::string& schema, std::uint64_t number) {
  std::string text = forSchemas(sql, schema);
  const auto at = text.find('?');
  return text.replace(at, 1, std::to_string(number));
}

/// Deletes of all members that are not in `keep` (ascending): the row numbers from one piece of the
/// list to the next at a time, so that neither the list nor the members have to be in one place.
void removeOthers(RowOperations& operations, const std::string& schema, std::uint64_t group,
                  const std::vector<std::uint64_t>& keep) {
  operations.bounded = false;
  if (keep.empty()) {
    operations.changes.push_back(numbered(sql::kDeleteAllMembers, schema, group));
    return;
  }
  const std::string of_group = numbered(sql::kDeleteOtherMembers, schema, group);
  std::uint64_t low = 0;
  for (std::size_t from = 0; from < keep.size(); from += kMembersPerStatement) {
    const std::size_t end = std::min(keep.size(), from + kMembersPerStatement);
    const std::uint64_t high =
        end == keep.size() ? static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())
                           : keep[end - 1];
    std::string text = of_group;
    text.replace(text.find('?'), 1, std::to_string(low));
    text.replace(text.find('?'), 1, std::to_string(high));
    operations.changes.push_back(withList(text, numberList(keep, from, kMembersPerStatement)));
    low = high;
  }
}

RowOperations plan(const std::string& schema, const LockedMembers& locked, bool replace_all) {
  RowOperations operations;
  const std::uint64_t group = *locked.group_seq;
  if (replace_all) removeOthers(operations, schema, group, locked.add);
  for (std::size_t from = 0; from < locked.remove.size(); from += kMembersPerStatement) {
    operations.changes.push_back(withList(numbered(sql::kDeleteMembers, schema, group),
                                          numberList(locked.remove, from, kMembersPerStatement)));
  }
  const std::string number = std::to_string(group);
  for (std::size_t from = 0; from < locked.add.size(); from += kMembersPerStatement) {
    operations.changes.push_back(forSchemas(sql::kInsertMembers, schema) +
                                 memberRows(number, locked.add, from));
    operations.claims.push_back(withList(numbered(sql::kClaimMembers, schema, group),
                                         numberList(locked.add, from, kMembersPerStatement)));
  }
  return operations;
}

bool isDelete(std::string_view statement) { return statement.starts_with("DELETE"); }

/// Rows of memberships that changes moved.
struct Moved {
  std::uint64_t changed = 0;
  std::uint64_t removed = 0;  ///< of these
};

/// How far runChanges goes.
struct Reach {
  bool to_see = false;  ///< to the first that have changed anything
  std::uint64_t most_removed = std::numeric_limits<std::uint64_t>::max();
};

/// Runs the changes and says how many rows they changed. Ends early where more have gone than may:
/// of a large group not everybody has to, to be taken back.
Result<Moved> runChanges(Session& session, const RowOperations& operations, const Reach& reach) {
  constexpr std::size_t kStatementsPerRun = kMembersPerRun / kMembersPerStatement;
  Moved moved;
  const auto& all = operations.changes;
  for (std::size_t from = 0; from < all.size(); from += kStatementsPerRun) {
    std::vector<std::string> left(
        all.begin() + static_cast<std::ptrdiff_t>(from),
        all.begin() + static_cast<std::ptrdiff_t>(std::min(all.size(), from + kStatementsPerRun)));
    while (!left.empty() && !(reach.to_see && moved.changed > 0) &&
           moved.removed <= reach.most_removed) {
      StatementBatch batch;
      for (const auto& statement : left) batch.add(statement);
      auto results = batch.run(session);
      if (!results) return propagate(results);
      std::vector<std::string> again;
      for (std::size_t i = 0; i < results->size(); ++i) {
        const std::uint64_t affected = (*results)[i].affected;
        moved.changed += affected;
        if (!isDelete(left[i])) continue;
        moved.removed += affected;
        if (!operations.bounded && affected == kDeletedRows) again.push_back(left[i]);
      }
      left = std::move(again);
    }
  }
  return moved;
}

struct Outcome {
  const StoredResource& before;
  Timestamp modified;
  [[nodiscard]] GroupChange of(bool changed) const {
    GroupChange change{before.meta, changed};
    if (!changed) return change;
    change.meta.version = Version(before.meta.version.value() + 1);
    change.meta.modified = modified;
    return change;
  }
};

/// The event with what is known now.
AuditEvent finished(AuditEvent event, const Outcome& outcome, const scim::ResourceType& type,
                    const MembershipChange& members, bool members_changed) {
  event.version_before = outcome.before.meta.version;
  event.version_after = outcome.of(true).meta.version;
  if (members_changed) event.attributes.push_back(scim::relationOf(type)->name);
  tellMembers(event, members);
  return event;
}

void addRaise(StatementBatch& batch, const std::string& schema, const LockedMembers& locked,
              Timestamp modified) {
  batch.add(forSchemas(sql::kRaiseGroup, schema),
            {static_cast<std::int64_t>(modified), *locked.group_seq});
}

void addWrite(StatementBatch& batch, const std::string& schema, const LockedMembers& locked,
              const GroupWrite& write, const std::optional<std::string>& external_id_key,
              Timestamp modified) {
  batch.add(forSchemas(sql::kUpdateGroup, schema),
            {std::string_view(write.keys.display_name), Blob{write.keys.display_name_key},
             blobOrNull(external_id_key), static_cast<std::int64_t>(modified),
             std::string_view(write.document), *locked.group_seq});
}

/// The index entries of the group as they are stored, sorted.
Result<std::vector<scim::IndexEntry>> readEntries(Session& session, const std::string& schema,
                                                  std::uint64_t group) {
  StatementBatch batch;
  batch.add(forSchemas(sql::kAttributesOfGroup, schema), {group});
  auto results = batch.run(session);
  if (!results) return propagate(results);
  std::vector<scim::IndexEntry> entries;
  for (auto& row : results->front().rows) {
    entries.push_back({static_cast<std::uint16_t>(unsignedAt(row, 0)), takeText(row, 1),
                       unsignedAt(row, 2) != 0});
  }
  std::sort(entries.begin(), entries.end());
  return entries;
}

/// Adds what makes the stored entries `after`.
void addEntryChange(StatementBatch& batch, const std::string& schema, std::uint64_t group,
                    const std::vector<scim::IndexEntry>& before,
                    const std::vector<scim::IndexEntry>& after) {
  for (const auto* gone : entriesWithout(before, after)) {
    batch.add(forSchemas(sql::kDeleteGroupAttribute, schema),
              {std::uint64_t{gone->index}, Blob{gone->key}, group});
  }
  addIndexEntries(batch, schema, ResourceKind::kGroup, entriesWithout(after, before), group);
}

/// Writes everything and commits. `closed`: the error to return if the members would change.
Result<GroupChange> write(Session& session, const std::string& schema,
                          const scim::ResourceType& type, const LockedMembers& locked,
                          const std::optional<GroupWrite>& edited, const MembershipChange& members,
                          const std::optional<Error>& closed, Timestamp now,
                          const ChangeAudit& audit) {
  const Timestamp modified = std::max(now, locked.group.meta.modified);
  const Outcome outcome{locked.group, modified};
  NestingChanged nesting;
  if (locked.has_turn) {
    auto nested = changeNesting(session, schema, *locked.group_seq,
                                {locked.add_groups, locked.remove_groups, members.replace_all});
    if (!nested) return propagate(nested);
    nesting = *nested;
  }
  RowOperations operations = plan(schema, locked, members.replace_all);
  if (closed) operations.claims.clear();
  StatementBatch last;
  // The common case, one statement on memberships and nothing else, takes one round trip: the
  // server sees by itself whether the version has to be raised, and the answer says whether it was.
  if (!edited && !closed && !nesting.any() && operations.bounded &&
      operations.changes.size() == 1) {
    last.add(operations.changes.front());
    // Counting changes a row if, and only if, the statement in front has.
    if (isDelete(operations.changes.front())) addCountOfRows(last, schema, audit.rails, kRemovals);
    last.add(forSchemas(sql::kRaiseGroupIfChanged, schema),
             {static_cast<std::int64_t>(modified), *locked.group_seq});
    const AuditEvent event = finished(audit.event, outcome, type, members, true);
    const AuditRow row(event);
    row.addIfChangedTo(last, audit.control_schema);
    for (const auto& claim : operations.claims) last.add(claim);
    last.commit();
    auto results = last.run(session);
    if (!results) return propagate(results);
    return outcome.of(results->front().affected > 0);
  }

  Reach reach;
  reach.to_see = closed.has_value();
  if (audit.rails != nullptr) {
    reach.most_removed = audit.rails->cap(kRemovals).value_or(reach.most_removed);
  }
  auto moved = runChanges(session, operations, reach);
  if (!moved) return propagate(moved);
  if (closed && (nesting.any() || moved->changed > 0)) {
    rollback(session);
    return tl::make_unexpected(*closed);
  }
  const std::uint64_t removed = nesting.removed + moved->removed;
  if (removed > reach.most_removed) {
    rollback(session);
    return railReached(kRemovals);
  }
  const bool changed = edited || nesting.any() || moved->changed > 0;
  std::optional<std::string> external_id_key;
  std::vector<scim::IndexEntry> before;
  const std::vector<scim::IndexEntry> none;
  const auto& after = edited && edited->keys.entries ? *edited->keys.entries : none;
  if (edited) {
    external_id_key = externalIdKey(edited->keys.external_id);
    addWrite(last, schema, locked, *edited, external_id_key, modified);
    if (edited->keys.entries) {
      auto stored = readEntries(session, schema, *locked.group_seq);
      if (!stored) return propagate(stored);
      before = *std::move(stored);
      addEntryChange(last, schema, *locked.group_seq, before, after);
    }
  } else if (changed) {
    addRaise(last, schema, locked, modified);
  }
  for (const auto& claim : operations.claims) last.add(claim);
  addCount(last, schema, audit.rails, kRemovals, removed);
  // The name may be a new one; what else an edit can bring is too rare to be told apart.
  if (edited) last.add(forSchemas(sql::kRaiseGroupNames, schema));
  const AuditEvent event =
      finished(audit.event, outcome, type, members, nesting.any() || moved->changed > 0);
  const AuditRow row(event);
  if (changed) row.addTo(last, audit.control_schema);
  last.commit();
  auto results = last.run(session);
  if (!results) {
    return tl::make_unexpected(writeDuplicate(session, schema, {type, after, locked.group_seq},
                                              std::move(results.error())));
  }
  return outcome.of(changed);
}

}  // namespace

Result<std::optional<GroupChange>> changeGroup(Session& session, const DomainTables& domain,
                                               const scim::ResourceType& type, const ResourceId& id,
                                               const GroupEdit& edit,
                                               const MembershipChange& members, Timestamp now,
                                               const ChangeAudit& audit,
                                               const MembershipGuard& guard) {
  if (auto valid = checkMembers(domain, members.add); !valid) return propagate(valid);
  LockRequest request;
  request.add = members.add;
  request.remove = members.remove;
  request.group = id;
  request.replaces_members = members.replace_all;
  request.asks_names = static_cast<bool>(guard);
  auto locked = lockMembers(session, domain, request);
  if (!locked) return propagate(locked);
  if (!locked->group_seq) {
    rollback(session);
    return std::optional<GroupChange>();
  }
  auto edited = edit(locked->group);
  if (!edited) {
    rollback(session);
    return propagate(edited);
  }
  if (locked->found() != members.add.size()) {
    rollback(session);
    return notAMember();
  }
  if (*edited && (*edited)->document == locked->group.document) edited->reset();
  if (*edited) {
    if (auto fits = checkGroupWrite(**edited); !fits) {
      rollback(session);
      return propagate(fits);
    }
  }
  if (!*edited && members.empty()) {
    rollback(session);
    return std::optional<GroupChange>(GroupChange{locked->group.meta, false});
  }
  std::optional<Error> closed;
  if (guard && !members.empty()) {
    auto may = guard(locked->names);
    if (!may && may.error().kind != ErrorKind::kForbidden) {
      rollback(session);
      return propagate(may);
    }
    if (!may) closed = std::move(may.error());
  }
  auto changed = write(session, domain.schema, type, *locked, *edited, members, closed, now, audit);
  if (!changed) return propagate(changed);
  return std::optional<GroupChange>(*changed);
}

}  // namespace vestibule::store
