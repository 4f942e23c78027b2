#include "store/control_change.h"

#include "store/statement_text.h"

namespace vestibule::store {

std::string inControl(std::string_view sql, const std::string& control_schema) {
  return forSchemas(sql, {}, control_schema);
}

void beginChange(StatementBatch& batch, const std::string& control_schema) {
  batch.begin().add(
      inControl("UPDATE {control}.control_state SET revision = revision + 1 WHERE singleton = 1",
                control_schema));
}

}  // namespace vestibule::store
