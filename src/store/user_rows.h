#pragma once
// Statements about one user that more than one store adds to its batches. Private to store/.

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/result_rows.h"
#include "store/statement_batch.h"
#include "store/user_store.h"

namespace vestibule::store {

/// Refuses what the columns cannot hold, before the server does. Error kInvalidValue with the
/// attribute, kPayloadTooLarge for the document.
[[nodiscard]] Result<void> checkUserWrite(const UserWrite& user);
/// The same for any stored JSON.
[[nodiscard]] Result<void> checkDocument(const std::string& document);

/// Adds the INSERT of a user and of its index entries. `external_id_key` is what externalIdKey
/// gave; it and the arguments must live until the batch runs. LAST_INSERT_ID() is the user's row
/// number behind it.
void addInsertUser(StatementBatch& batch, const std::string& schema, const scim::ResourceMeta& meta,
                   const UserWrite& user, const std::optional<std::string>& external_id_key,
                   std::string_view password_hash);

/// Adds the UPDATE of a locked user and of the index entries that differ from `before`. As
/// addInsertUser.
void addUpdateUser(StatementBatch& batch, const std::string& schema, std::uint64_t user_seq,
                   const scim::ResourceMeta& meta, const UserWrite& user, const UserKeys& before,
                   const std::optional<std::string>& external_id_key,
                   const std::optional<std::string>& password_hash);

/// Adds the SELECT that locks a user's row, and reads what it gave; without the user's groups.
void addLockUser(StatementBatch& batch, const std::string& schema, const ResourceId& id);
[[nodiscard]] std::optional<LockedUser> takeLockedUser(StatementResult& result);

/// What the column holds of an external id.
[[nodiscard]] std::optional<std::string> externalIdKey(
    const std::optional<std::string>& external_id);
/// The parameter of a column that may be NULL.
[[nodiscard]] Parameter blobOrNull(const std::optional<std::string>& bytes);

}  // namespace vestibule::store
