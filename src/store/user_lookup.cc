#include "store/user_lookup.h"

#include <algorithm>
#include <cassert>
#include <unordered_map>

#include "store/result_rows.h"
#include "store/statement_batch.h"

namespace vestibule::store {
namespace {

constexpr std::size_t kUsersPerQuery = 1'000;

ResourceId idOf(const std::string& bytes) {
  const auto id = ResourceId::fromBytes(bytes);
  assert(id);
  return id.value_or(ResourceId());
}

/// One way to find users, prepared once for each session and schema.
template <FoundBy kKey, bool kWithGroups>
struct LookupStatement {
  LookupStatement(Session& session, const std::string& schema) : statement(session.soci()) {
    columns.bind(statement, kWithGroups);
    statement.exchange(soci::use(key, "key"));
    if constexpr (kKey == FoundBy::kAttribute) {
      statement.exchange(soci::use(attribute, "attribute"));
    }
    statement.exchange(soci::use(row_limit, "row_limit"));
    statement.alloc();
    statement.prepare(forSchemas(userLookup(kKey, kWithGroups), schema));
    statement.define_and_bind();
  }

  UserColumns columns;
  std::string key;
  int attribute = 0;
  long long row_limit = 0;
  soci::statement statement;
};

template <FoundBy kKey, bool kWithGroups>
Result<std::optional<std::vector<NumberedUser>>> lookUp(Session& session, const std::string& schema,
                                                        const UserCriterion& criterion,
                                                        std::uint64_t row_limit) {
  return session.guard([&]() -> std::optional<std::vector<NumberedUser>> {
    auto& lookup = session.prepared<LookupStatement<kKey, kWithGroups>>(schema);
    lookup.key.assign(criterion.value);
    lookup.attribute = criterion.attribute;
    lookup.row_limit = static_cast<long long>(row_limit) + 1;
    lookup.statement.execute(false);
    std::vector<NumberedUser> users;
    std::uint64_t rows = 0;
    while (lookup.statement.fetch()) {
      if (++rows > row_limit) return std::nullopt;
      // Rows of one user need not follow each other, but there are few.
      auto known = std::find_if(users.begin(), users.end(), [&](const NumberedUser& user) {
        return user.seq == lookup.columns.seq;
      });
      if (known == users.end()) known = users.insert(known, lookup.columns.takeUser());
      if (kWithGroups && lookup.columns.group == soci::i_ok) {
        known->user.groups.push_back(lookup.columns.takeGroup());
      }
    }
    return users;
  });
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

void UserColumns::bind(soci::statement& statement, bool with_groups) {
  statement.exchange(soci::into(seq, user));
  statement.exchange(soci::into(id, user));
  statement.exchange(soci::into(version, user));
  statement.exchange(soci::into(created, user));
  statement.exchange(soci::into(modified, user));
  statement.exchange(soci::into(document, user));
  if (!with_groups) return;
  statement.exchange(soci::into(group_id, group));
  statement.exchange(soci::into(group_display, group));
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

scim::GroupMembership UserColumns::takeGroup() {
  return {idOf(group_id), std::move(group_display)};
}

Result<std::optional<std::vector<NumberedUser>>> lookUpUsers(Session& session,
                                                             const std::string& schema,
                                                             const UserCriterion& criterion,
                                                             bool with_groups,
                                                             std::uint64_t row_limit) {
  return with_groups ? lookUpBy<true>(session, schema, criterion, row_limit)
                     : lookUpBy<false>(session, schema, criterion, row_limit);
}

Result<void> fillGroups(Session& session, const std::string& schema,
                        std::vector<NumberedUser>& users) {
  std::unordered_map<std::uint64_t, NumberedUser*> by_number;
  std::vector<std::uint64_t> numbers;
  for (auto& user : users) {
    user.user.groups.clear();
    by_number.emplace(user.seq, &user);
    numbers.push_back(user.seq);
  }
  const std::string text = forSchemas(sql::kGroupsOfUsers, schema);
  for (std::size_t from = 0; from < numbers.size(); from += kUsersPerQuery) {
    StatementBatch batch;
    batch.add(withList(text, numberList(numbers, from, kUsersPerQuery)));
    auto results = batch.run(session);
    if (!results) return propagate(results);
    for (auto& row : results->front().rows) {
      by_number.at(unsignedAt(row, 0))->user.groups.push_back({idAt(row, 1), takeText(row, 2)});
    }
  }
  return {};
}

}  // namespace vestibule::store
