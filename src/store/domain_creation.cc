#include "store/domain_creation.h"

#include "store/migrations.h"
#include "store/schema_lock.h"

namespace vestibule::store {

Result<DomainRow> createDomain(Session& session, const std::string& control_schema,
                               const std::string& schema_prefix, const MigrationSet& migrations,
                               const DomainName& name, const std::string& description,
                               const std::string& settings, const AuditEvent* event) {
  auto lock = SchemaLock::take(session, control_schema, lockSecondsOf(session));
  if (!lock) return propagate(lock);
  auto row = insertDomain(session, control_schema, schema_prefix, name, description, settings);
  if (!row) return row;
  auto ready = createSchema(session, row->tables.schema);
  if (ready) {
    ready = migrateDomainSchema(session, control_schema, row->tables, migrations);
  }
  if (ready) ready = activateDomain(session, control_schema, name, event);
  if (!ready) return propagate(ready);
  row->state = "active";
  return row;
}

}  // namespace vestibule::store
