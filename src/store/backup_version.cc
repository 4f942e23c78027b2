#include "store/backup_version.h"

#include "base/crypto.h"
#include "base/encoding.h"

namespace vestibule::store {
namespace {

Result<std::vector<Migration>> choose(const std::vector<BackupMigration>& ran,
                                      const std::vector<Migration>& known,
                                      const BackupHeader& header) {
  std::vector<Migration> chosen;
  for (const auto& migration : ran) {
    if (migration.number > known.size()) {
      return failure(ErrorKind::kConflict,
                     "the backup has migration " + std::to_string(migration.number) +
                         ", which this program does not know: it is of Vestibule " +
                         header.program + ", and a program of that version restores it");
    }
    if (migration.number != chosen.size() + 1 ||
        migration.sha256 != toHex(sha256(known[chosen.size()].sql))) {
      return failure(ErrorKind::kConflict, "migration " + std::to_string(migration.number) +
                                               " of the backup is not the one that this program "
                                               "has under that number");
    }
    chosen.push_back(known[chosen.size()]);
  }
  return chosen;
}

}  // namespace

Result<MigrationSet> migrationsOf(const BackupHeader& header, const MigrationSet& known) {
  auto control = choose(header.control_migrations, known.control, header);
  if (!control) return propagate(control);
  auto domain = choose(header.domain_migrations, known.domain, header);
  if (!domain) return propagate(domain);
  return MigrationSet{*std::move(control), *std::move(domain), {}};
}

}  // namespace vestibule::store
