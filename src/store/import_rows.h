#pragma once
// The row of a batch of an import, as the statements of any change take it along. Private to
// store/.

#include <string>

#include "store/import_store.h"
#include "store/session.h"
#include "store/statement_batch.h"

namespace vestibule::store {

/// Adds the INSERT. `mark` must live until the batch runs.
void addImportBatch(StatementBatch& batch, const std::string& control_schema,
                    const ImportBatchMark& mark);

/// The error of a batch with that INSERT, which has failed: kConflict where the row is there
/// already, else as nameDuplicate.
[[nodiscard]] Error nameImportFailure(const Session& session, Error error);

}  // namespace vestibule::store
