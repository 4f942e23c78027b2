#pragma once
// Pieces of statements on federated identities. Private to store/.

#include <string>

#include "base/result.h"
#include "store/federated_identity_store.h"
#include "store/result_rows.h"
#include "store/statement_batch.h"

namespace vestibule::store {

/// Refuses what the columns cannot hold. Error kInvalidValue with attribute `subject`.
[[nodiscard]] Result<void> checkIdentity(const FederatedIdentity& identity);

/// A row of kIdentitiesOfUser and its like. Moves texts out of it.
[[nodiscard]] FederatedIdentity takeIdentity(ResultRow& row);

/// The digest of a link without a login: that of no claims.
[[nodiscard]] const std::string& noDigest();

/// Adds the INSERT of a link, which must live until the batch runs.
void addInsertIdentity(StatementBatch& batch, const std::string& control_schema,
                       const FederatedIdentity& identity);

}  // namespace vestibule::store
