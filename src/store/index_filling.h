#pragma once
// Indexes that are declared after resources were stored. What the index tables hold of a domain is
// recorded (index_records.h); whatever is missing is made from the stored documents before a
// server runs, so that a filter by an index never misses a resource. Private to store/.

#include <string>
#include <vector>

#include "base/result.h"
#include "store/domain_store.h"
#include "store/indexed_types.h"
#include "store/migrations.h"
#include "store/session.h"

namespace vestibule::store {

/// Makes the indexes of one domain those that are declared: drops the entries of others and of
/// those that mean something else now, and fills those that lack. Stopped anywhere, the next run
/// goes on. Types that are not in `types` are left alone: nobody writes their resources meanwhile.
/// With `settle` what was modified since a filling began is read again, once: until then servers
/// with older files may have written without the index. `control_schema` is the schema that has
/// `attribute_indexes`, of which a restoring has a copy. The caller holds SchemaLock. A line for
/// each index goes to `report`. Error kConflict when two resources have one value of an attribute
/// that is unique now, and when another attribute names the resources of a type that has some.
/// O(resources) when an index lacks.
[[nodiscard]] Result<void> fillIndexes(Session& session, const std::string& control_schema,
                                       const DomainTables& domain,
                                       const std::vector<IndexedType>& types, bool settle,
                                       std::vector<std::string>& report,
                                       const MigrationProgress& progress);

}  // namespace vestibule::store
