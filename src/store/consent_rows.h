#pragma once
// What the answer to a prompt leaves, as the statements of any change take it along. Private to
// store/.

#include <string>

#include "base/resource_id.h"
#include "store/consent_store.h"
#include "store/statement_batch.h"

namespace vestibule::store {

/// The rows of one record. It, the record and the user's id must live until the batch runs.
class ConsentRows {
 public:
  ConsentRows(const ConsentRecord& record, const ResourceId& user);

  /// Adds the INSERTs. They leave LAST_INSERT_ID() as it is.
  void addTo(StatementBatch& batch, const std::string& control_schema) const;

 private:
  [[nodiscard]] Blob receiptId() const;

  const ConsentRecord& record_;
  const ResourceId& user_;
};

}  // namespace vestibule::store
