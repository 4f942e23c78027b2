#include "store/grant_change.h"

#include <algorithm>
#include <iterator>

#include "store/event_statements.h"
#include "store/guard_rail_statements.h"
#include "store/outbox_groups.h"
#include "store/result_rows.h"
#include "store/statement_text.h"

namespace vestibule::store {
namespace {

std::vector<std::uint64_t> difference(const std::vector<std::uint64_t>& from,
                                      const std::vector<std::uint64_t>& take) {
  std::vector<std::uint64_t> left;
  std::set_difference(from.begin(), from.end(), take.begin(), take.end(), std::back_inserter(left));
  return left;
}

}  // namespace

std::vector<std::uint64_t> ascending(std::vector<std::uint64_t> numbers) {
  std::sort(numbers.begin(), numbers.end());
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  return numbers;
}

Result<GrantChange> readGrantChange(Session& session, const std::string& schema,
                                    std::uint64_t user_seq,
                                    IdentityProviderNumber identity_provider,
                                    const WantedGrants& wanted) {
  GrantChange change;
  change.grant = ascending(wanted.groups);
  if (change.grant.empty() && !wanted.revoke_others) return change;
  StatementBatch batch;
  batch.add(forSchemas(sql::kGrantsOfUser, schema), {user_seq, std::uint64_t{identity_provider}});
  auto results = batch.run(session);
  if (!results) return propagate(results);
  auto& rows = results->front().rows;
  const auto now_granted = ascending(numbersOf(rows));
  if (wanted.revoke_others) {
    change.revoke = difference(difference(now_granted, change.grant), ascending(wanted.keep));
    for (auto& row : rows) {
      const bool goes =
          std::binary_search(change.revoke.begin(), change.revoke.end(), unsignedAt(row, 0));
      if (goes) change.revoked_names.push_back(takeText(row, 1));
    }
  }
  change.grant = difference(change.grant, now_granted);
  return change;
}

void addGrantChange(StatementBatch& batch, const std::string& schema,
                    const std::string& control_schema, std::uint64_t user_seq,
                    IdentityProviderNumber identity_provider, const GrantChange& change,
                    Timestamp now, const GuardRails* rails, const AuditEvent* event) {
  const auto time = static_cast<std::int64_t>(now);
  const std::uint64_t idp = identity_provider;
  const auto add = [&](std::string_view statement, const std::vector<std::uint64_t>& groups,
                       std::initializer_list<Parameter> parameters) {
    batch.add(withList(forSchemas(statement, schema), numberList(groups)), parameters);
  };
  const auto tell = [&](std::string_view statement, const std::vector<std::uint64_t>& groups) {
    if (event == nullptr) return;
    addTouchedGroups(batch, schema, control_schema, *event, statement, groups, user_seq);
  };
  std::vector<std::uint64_t> touched;
  std::merge(change.grant.begin(), change.grant.end(), change.revoke.begin(), change.revoke.end(),
             std::back_inserter(touched));
  if (touched.empty()) return;
  add(sql::kLockGroups, touched, {});
  if (!change.grant.empty()) {
    add(sql::kRaiseGroupsOfNonMember, change.grant, {time, user_seq});
    tell(sql::kOutboxOfNonMember, change.grant);
    add(sql::kInsertGrantedMemberships, change.grant, {user_seq});
    add(sql::kInsertGrants, change.grant, {idp, user_seq});
  }
  if (!change.revoke.empty()) {
    add(sql::kDeleteGrants, change.revoke, {user_seq, idp});
    add(sql::kRaiseGroupsOfUngranted, change.revoke, {time, user_seq});
    tell(sql::kOutboxOfUngranted, change.revoke);
    add(sql::kDeleteUngrantedMemberships, change.revoke, {user_seq});
    addCountOfRows(batch, schema, rails, RailKind::kMembershipRemovals);
  }
}

}  // namespace vestibule::store
