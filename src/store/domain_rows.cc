#include "store/domain_rows.h"

#include "store/control_change.h"
#include "store/statement_batch.h"

namespace vestibule::store {

std::string selectDomains(const std::string& control_schema, std::string_view tail) {
  return inControl(
             "SELECT number, name, schema_name, state, description, settings, version, created, "
             "modified FROM {control}.domains",
             control_schema) +
         std::string(tail);
}

DomainRow takeDomain(ResultRow& row) {
  DomainRow domain;
  domain.tables.number = DomainNumber(static_cast<std::uint16_t>(unsignedAt(row, 0)));
  domain.name = DomainName(takeText(row, 1));
  domain.tables.schema = quoteName(takeText(row, 2));
  domain.state = takeText(row, 3);
  domain.description = takeText(row, 4);
  domain.settings = takeText(row, 5);
  domain.version = Version(unsignedAt(row, 6));
  domain.created = signedAt(row, 7);
  domain.modified = signedAt(row, 8);
  return domain;
}

Result<bool> holdsResources(Session& session, const std::string& quoted_schema) {
  StatementBatch batch;
  batch.add("SELECT EXISTS (SELECT 1 FROM " + quoted_schema + ".users) OR EXISTS (SELECT 1 FROM " +
            quoted_schema + ".user_groups) OR EXISTS (SELECT 1 FROM " + quoted_schema +
            ".resources)");
  auto results = batch.run(session);
  if (!results) return propagate(results);
  return unsignedAt(results->front().rows.at(0), 0) != 0;
}

}  // namespace vestibule::store
