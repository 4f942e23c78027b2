#include "store/sole_grants.h"

#include "store/result_rows.h"
#include "store/statement_batch.h"
#include "store/statement_text.h"

namespace vestibule::store {

Result<std::vector<scim::GroupMembership>> findSoleGrants(
    Session& session, const DomainTables& domain, const ResourceId& user,
    IdentityProviderNumber identity_provider) {
  StatementBatch batch;
  batch.add(forSchemas(sql::kSoleGrants, domain.schema),
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
