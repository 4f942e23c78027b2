#include "store/user_lookup.h"

#include <algorithm>
#include <cassert>
#include <set>
#include <unordered_map>

#include "store/result_rows.h"
#include "store/statement_batch.h"

namespace vestibule::store {
namespace {

constexpr std::size_t kUsersPerQuery = 1'000;
constexpr std::size_t kGroupsPerQuery = 1'000;

// Buffers for columns; longer values cost a second look.
constexpr std::size_t kIdBytes = 16;
constexpr std::size_t kUsualDocumentBytes = 4'096;
constexpr std::size_t kUsualNameBytes = 256;

ResourceId idOf(const std::string& bytes) {
  const auto id = ResourceId::fromBytes(bytes);
  assert(id);
  return id.value_or(ResourceId());
}

/// One way to find users, prepared once for each session and schema.
template <FoundBy kKey, bool kWithGroups>
struct LookupStatement {
  LookupStatement(Session&, const std::string& schema)
      : query(forSchemas(userLookup(kKey, kWithGroups), schema)) {
    columns.bind(query, kWithGroups);
    query.use(key);
    if constexpr (kKey == FoundBy::kAttribute) query.use(attribute);
    query.use(row_limit);
  }

  UserColumns columns;
  std::string key;
  std::uint64_t attribute = 0;
  std::uint64_t row_limit = 0;
  PreparedQuery query;
};

template <FoundBy kKey, bool kWithGroups>
Result<std::optional<std::vector<NumberedUser>>> lookUp(Session& session, const std::string& schema,
                                                        const UserCriterion& criterion,
                                                        std::uint64_t row_limit) {
  auto& lookup = session.prepared<LookupStatement<kKey, kWithGroups>>(schema);
  lookup.key.assign(criterion.value);
  lookup.attribute = criterion.attribute;
  lookup.row_limit = row_limit + 1;
  if (auto executed = lookup.query.execute(session); !executed) return propagate(executed);
  std::vector<NumberedUser> users;
  std::uint64_t rows = 0;
  for (;;) {
    auto row = lookup.query.fetch(session);
    if (!row) return propagate(row);
    if (!*row) break;
    if (++rows > row_limit) continue;  // every row has to be fetched
    // Rows of one user need not follow each other, but there are few.
    auto known = std::find_if(users.begin(), users.end(), [&](const NumberedUser& user) {
      return user.seq == lookup.columns.seq;
    });
    if (known == users.end()) known = users.insert(known, lookup.columns.takeUser());
    if (kWithGroups) lookup.columns.takeGroups(known->user.groups);
  }
  for (auto& user : users) eachGroupOnce(user.user.groups);
  if (rows > row_limit) return std::optional<std::vector<NumberedUser>>();
  return std::optional<std::vector<NumberedUser>>(std::move(users));
}

template <bool kWithGroups>
Result<std::optional<std::vector<NumberedUser>>> lookUpBy(Session& session,
                                                          const std::string& schema,
                                                          const UserCriterion& criterion,
                                                          std::uint64_t row_limit) {
  switch (criterion.key) {
    case FoundBy::kId:
      return lookUp<FoundBy::kId, kWithGroups>(session, schema, criterion, row_limit);
    case FoundBy::kUserName:
      return lookUp<FoundBy::kUserName, kWithGroups>(session, schema, criterion, row_limit);
    case FoundBy::kExternalId:
      return lookUp<FoundBy::kExternalId, kWithGroups>(session, schema, criterion, row_limit);
    case FoundBy::kAttribute:
      return lookUp<FoundBy::kAttribute, kWithGroups>(session, schema, criterion, row_limit);
  }
  return internalFailure("a key of users that does not exist");
}

}  // namespace

void UserColumns::bind(PreparedQuery& query, bool with_groups) {
  query.into(seq, &no_user);
  query.into(id, kIdBytes);
  query.into(version);
  query.into(created);
  query.into(modified);
  query.into(document, kUsualDocumentBytes);
  if (!with_groups) return;
  query.into(group_id, kIdBytes, &no_group);
  query.into(group_display, kUsualNameBytes);
  query.into(container_id, kIdBytes, &no_container);
  query.into(container_display, kUsualNameBytes);
}

NumberedUser UserColumns::takeUser() {
  NumberedUser taken;
  taken.seq = seq;
  auto& resource = taken.user.resource;
  resource.meta.id = idOf(id);
  resource.meta.version = Version(version);
  resource.meta.created = created;
  resource.meta.modified = modified;
  resource.document.swap(document);
  return taken;
}

void UserColumns::takeGroups(std::vector<scim::GroupMembership>& groups) {
  if (no_group) return;
  groups.push_back({idOf(group_id), std::move(group_display)});
  if (!no_container) groups.push_back({idOf(container_id), std::move(container_display), false});
}

void eachGroupOnce(std::vector<scim::GroupMembership>& groups) {
  if (groups.size() < 2) return;
  std::stable_partition(groups.begin(), groups.end(),
                        [](const scim::GroupMembership& group) { return group.direct; });
  std::set<ResourceId> seen;
  std::erase_if(groups,
                [&](const scim::GroupMembership& group) { return !seen.insert(group.id).second; });
}

Result<std::optional<std::vector<NumberedUser>>> lookUpUsers(Session& session,
                                                             const std::string& schema,
                                                             const UserCriterion& criterion,
                                                             bool with_groups,
                                                             std::uint64_t row_limit) {
  return with_groups ? lookUpBy<true>(session, schema, criterion, row_limit)
                     : lookUpBy<false>(session, schema, criterion, row_limit);
}

namespace {

/// A user and the number of a group it is in that others contain.
struct NestedMembership {
  NumberedUser* user;
  std::uint64_t group;
};

/// Adds the groups that contain those.
Result<void> fillContainers(Session& session, const std::string& schema,
                            const std::vector<NestedMembership>& nested) {
  std::unordered_map<std::uint64_t, std::vector<scim::GroupMembership>> containers;
  std::vector<std::uint64_t> numbers;
  for (const auto& membership : nested) {
    if (containers.try_emplace(membership.group).second) numbers.push_back(membership.group);
  }
  const std::string text = forSchemas(sql::kAncestorsOfGroups, schema);
  for (std::size_t from = 0; from < numbers.size(); from += kGroupsPerQuery) {
    StatementBatch batch;
    batch.add(withList(text, numberList(numbers, from, kGroupsPerQuery)));
    auto results = batch.run(session);
    if (!results) return propagate(results);
    for (auto& row : results->front().rows) {
      containers.at(unsignedAt(row, 0)).push_back({idAt(row, 1), takeText(row, 2), false});
    }
  }
  for (const auto& membership : nested) {
    auto& groups = membership.user->user.groups;
    const auto& above = containers.at(membership.group);
    groups.insert(groups.end(), above.begin(), above.end());
  }
  return {};
}

}  // namespace

Result<void> fillGroups(Session& session, const std::string& schema,
                        std::vector<NumberedUser>& users) {
  std::unordered_map<std::uint64_t, NumberedUser*> by_number;
  std::vector<std::uint64_t> numbers;
  for (auto& user : users) {
    user.user.groups.clear();
    by_number.emplace(user.seq, &user);
    numbers.push_back(user.seq);
  }
  std::vector<NestedMembership> nested;
  const std::string text = forSchemas(sql::kGroupsOfUsers, schema);
  for (std::size_t from = 0; from < numbers.size(); from += kUsersPerQuery) {
    StatementBatch batch;
    batch.add(withList(text, numberList(numbers, from, kUsersPerQuery)));
    auto results = batch.run(session);
    if (!results) return propagate(results);
    for (auto& row : results->front().rows) {
      auto* user = by_number.at(unsignedAt(row, 0));
      user->user.groups.push_back({idAt(row, 1), takeText(row, 2)});
      if (unsignedAt(row, 4) != 0) nested.push_back({user, unsignedAt(row, 3)});
    }
  }
  if (nested.empty()) return {};
  if (auto filled = fillContainers(session, schema, nested); !filled) return filled;
  for (auto& user : users) eachGroupOnce(user.user.groups);
  return {};
}

}  // namespace vestibule::store
