#pragma once
// What the control schema records of the indexes that the index tables of a domain hold. Private to
// store/.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "store/domain_store.h"
#include "store/indexed_types.h"
#include "store/session.h"

namespace vestibule::store {

/// What is recorded of one index.
struct IndexRecord {
  std::string meaning;                       ///< SHA-256 of that of the declaration
  std::optional<std::uint64_t> filled_to;    ///< the last row that was read; nothing: complete
  std::optional<Timestamp> unsettled_since;  ///< when the filling began, until a server has started
};
/// The indexes of one resource type in one domain, by index number.
using IndexRecords = std::map<std::uint16_t, IndexRecord>;
using IndexRecordsByKind = std::map<std::uint64_t, IndexRecords>;
using IndexRecordsByDomain = std::map<std::uint64_t, IndexRecordsByKind>;  ///< by domain number

/// All records. One query.
[[nodiscard]] Result<IndexRecordsByDomain> readIndexRecords(Session& session,
                                                            const std::string& control_schema);

/// The number by which the records know the type.
[[nodiscard]] std::uint64_t kindOf(const scim::ResourceType& type);

/// True when the type declares an index of this number.
[[nodiscard]] bool isDeclared(const IndexedType& indexed, std::uint16_t number);

/// True when the index is there as it is declared.
[[nodiscard]] bool isComplete(const IndexRecords& records, const scim::IndexDeclaration& index);

/// True when all indexes of the type are, and there are no others.
[[nodiscard]] bool isComplete(const IndexRecords& records, const IndexedType& indexed);

/// False when servers with older schema files may have written since a filling began.
[[nodiscard]] bool isSettled(const IndexRecords& records);

/// True when in each of the domains the indexes are there as declared, and no others; with
/// `settled` also when they are settled. Reads only. One query.
[[nodiscard]] Result<bool> indexesAreComplete(Session& session, const std::string& control_schema,
                                              const std::vector<DomainRow>& domains,
                                              const std::vector<IndexedType>& types, bool settled);

}  // namespace vestibule::store
