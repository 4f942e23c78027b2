#pragma once
// Which terms of a filter reach into groups in groups. Private to store/.

#include "base/result.h"
#include "store/domain_tables.h"
#include "store/filter_sql.h"
#include "store/session.h"

namespace vestibule::store {

/// Marks those terms of `groups.value` whose group contains groups: its users are then those of all
/// of them. The others are answered by one walk along an index, which most are. One query if there
/// are such terms, else none.
[[nodiscard]] Result<void> markNested(Session& session, const DomainTables& domain,
                                      ResourceKind kind, FilterPlan& plan);

}  // namespace vestibule::store
