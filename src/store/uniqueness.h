#pragma once
// Which attribute a unique index stands for. Private to store/.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "scim/resource/validate.h"
#include "scim/schema/registry.h"
#include "store/session.h"

namespace vestibule::store {

/// The error of a write with the attribute that is taken, where it was refused for a duplicate:
/// `userName`, `displayName` or `subject`. Other errors as they are.
[[nodiscard]] Error nameDuplicate(const Session& session, Error error);

/// The index entries that a write was to store, and whose.
struct EntriesOfWrite {
  const scim::ResourceType& type;
  const std::vector<scim::IndexEntry>& entries;
  std::optional<std::uint64_t> seq;  ///< nothing: the resource was new
};

/// As nameDuplicate, for groups and for resources of types from files, which may have unique values
/// beside their name: kUniqueness with the path of the attribute whose value another resource has,
/// or without one where that resource has gone meanwhile. The transaction must have ended. One
/// query for each unique value, in one round trip, when it is one of these. Errors of that as they
/// are.
[[nodiscard]] Error writeDuplicate(Session& session, const std::string& schema,
                                   const EntriesOfWrite& write, Error error);

}  // namespace vestibule::store
