#pragma once
// Does this program know the schemas that a backup is of? Private to store/.

#include "base/result.h"
#include "store/backup_record.h"
#include "store/migration_files.h"

namespace vestibule::store {

/// The migrations that ran where the backup was made, without any index: what its rows fit into.
/// Error kConflict when this program does not know one of them: the backup is of a newer version,
/// or a file has changed.
[[nodiscard]] Result<MigrationSet> migrationsOf(const BackupHeader& header,
                                                const MigrationSet& known);

}  // namespace vestibule::store
