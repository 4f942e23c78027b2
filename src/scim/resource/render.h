#pragma once
// Resources as responses show them: the stored JSON with `id`, `meta`, `groups` and names around it.

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/resource_id.h"
#include "base/strong.h"
#include "json/value.h"
#include "scim/schema/registry.h"

namespace vestibule::scim {

/// What the server knows of a resource beside its attributes (RFC 7643 §3.1).
struct ResourceMeta {
  ResourceId id;
  Version version;
  Timestamp created = 0;
  Timestamp modified = 0;
};

/// One direct membership of a user, as `groups` shows it.
struct GroupMembership {
  ResourceId id;
  std::string display;
};

}  // namespace vestibule::scim
