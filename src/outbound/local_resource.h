#pragma once
// Users and groups as a target is to have them: who is in its scope, and what of them it gets.

#include <optional>
#include <string>
#include <vector>

#include "base/resource_id.h"
#include "base/result.h"
#include "directory/catalog.h"
#include "directory/context.h"
#include "json/value.h"
#include "outbound/target.h"
#include "store/outbound_target_store.h"

namespace vestibule::outbound {

/// A target and the row it was compiled from.
struct BoundTarget {
  store::OutboundTargetRow row;
  Target target;
};

/// A resource as a target is to have it.
struct LocalResource {
  /// What is sent; nothing: the target is not to have it.
  std::optional<json::Object> payload;
  std::string reason;              ///< why not, for people; empty with a payload
  std::vector<ResourceId> groups;  ///< of a user: those it is directly in that are provisioned
};

/// Reads the user and sees whether it is in scope: of a domain of the target, a direct member of
/// one of the groups it names, and met by its filter. One query. Errors: those of the database, and
/// kInvalidValue when the mapping gives no valid user.
[[nodiscard]] Result<LocalResource> readUser(const directory::Context& context,
                                             const directory::Catalog& catalog,
                                             const BoundTarget& bound, const ResourceId& id);

/// The same for a group, which is in scope by its name.
[[nodiscard]] Result<LocalResource> readGroup(const directory::Context& context,
                                              const directory::Catalog& catalog,
                                              const BoundTarget& bound, const ResourceId& id);

}  // namespace vestibule::outbound
