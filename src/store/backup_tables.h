#pragma once
// Which tables a backup holds, and what of the control schema belongs to a user store domain.
// Private to store/.

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/strong.h"
#include "store/backup_record.h"
#include "store/session.h"

namespace vestibule::store {

/// By what a row of the control schema shows the domain that it belongs to.
enum class OwnedBy { kNumber, kUserId };

/// A table of the control schema whose rows belong to domains.
struct OwnedTable {
  std::string_view name;
  std::string_view column;
  OwnedBy by;
};

/// All of them, in the order of a backup: `domains` first. A test holds that every table of the
/// control schema is either here or in installationTables().
[[nodiscard]] const std::vector<OwnedTable>& ownedTables();
/// The others: they belong to the installation, and are in backups of everything only.
[[nodiscard]] const std::vector<std::string_view>& installationTables();
/// The entry of ownedTables(), or null.
[[nodiscard]] const OwnedTable* findOwnedTable(std::string_view name);

/// The domain that a row belongs to; nothing when the value shows none.
[[nodiscard]] std::optional<DomainNumber> ownerOf(const OwnedTable& table,
                                                  const std::optional<std::string>& value);
/// The condition that a row belongs to one of the domains. Our own text: numbers alone.
[[nodiscard]] std::string ownedCondition(const OwnedTable& table,
                                         const std::vector<BackupName>& domains);

/// What is to be read of a table: its columns without those that the database computes, and the
/// columns of its primary key in order.
struct TableShape {
  BackupTable table;
  std::vector<std::string> key;
};

/// The shapes of all tables of a schema, by name. `quoted_schema` is as of DomainTables.
[[nodiscard]] Result<std::vector<TableShape>> readShapes(Session& session,
                                                         const std::string& quoted_schema,
                                                         std::optional<DomainNumber> domain);

/// The names of the tables of a schema. `quoted_schema` is as of DomainTables.
[[nodiscard]] Result<std::set<std::string, std::less<>>> readTableNames(
    Session& session, const std::string& quoted_schema);

}  // namespace vestibule::store
