#include "store/import_statements.h"

namespace vestibule::store {

std::vector<StatementText> importStatements() {
  std::vector<StatementText> all;
  const auto add = [&](std::string_view name, std::string_view text) {
    all.push_back({std::string(name), std::string(text)});
  };
  add("findImport", sql::kFindImport);
  add("insertImport", sql::kInsertImport);
  add("deleteImportBatches", sql::kDeleteImportBatches);
  add("deleteImport", sql::kDeleteImport);
  add("insertImportBatch", sql::kInsertImportBatch);
  add("importBatches", sql::kImportBatches);
  add("importReports", sql::kImportReports);
  add("takenUserNames", sql::kTakenUserNames);
  add("numbersOfUsers", sql::kNumbersOfUsers);
  add("lockUsersByName", sql::kLockUsersByName);
  add("lockUsersByExternalId", sql::kLockUsersByExternalId);
  add("lockUsersById", sql::kLockUsersById);
  add("passwordHashes", sql::kPasswordHashes);
  add("userIdsByName", sql::kUserIdsByName);
  return all;
}

}  // namespace vestibule::store
