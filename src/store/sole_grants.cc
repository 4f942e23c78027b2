#include "store/sole_grants.h"

#include "store/result_rows.h"
#include "store/statement_batch.h"
#include "store/statement_text.h"

namespace vestibule::store {
namespace {

constexpr std::string_view kSoleGrants =
    "SELECT g.id, g.display_name FROM {domain}.users u "
    "JOIN {domain}.idp_grants i ON i.user_seq = u.seq AND i.idp_number = ? "
    "JOIN {domain}.memberships m ON m.group_seq = i.group_seq AND m.user_seq = u.seq "
    "JOIN {domain}.user_groups g ON g.seq = i.group_seq "
    "WHERE u.id = ? AND m.by_scim = 0 AND NOT EXISTS (SELECT 1 FROM {domain}.idp_grants o "
    "WHERE o.group_seq = i.group_seq AND o.user_seq = u.seq AND o.idp_number <> i.idp_number) "
    "ORDER BY g.seq";

}  // namespace

Result<std::vector<scim::GroupMembership>> findSoleGrants(
    Session& session, const DomainTables& domain, const ResourceId& user,
    IdentityProviderNumber identity_provider) {
  StatementBatch batch;
  batch.add(forSchemas(kSoleGrants, domain.schema),
            {std::uint64_t{identity_provider}, Blob{user.bytes()}});
  auto results = batch.run(session);
  if (!results) return propagate(results);
  std::vector<scim::GroupMembership> groups;
  for (auto& row : results->front().rows) {
    const ResourceId id = idAt(row, 0);
    groups.push_back({id, takeText(row, 1)});
  }
  return groups;
}

}  // namespace vestibule::store
