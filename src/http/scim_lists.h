#pragma once
// Lists and searches: GET on an endpoint or on the base, POST to `.search` below either (RFC 7644
// §3.4.2, §3.4.3).

#include <string>

#include "directory/context.h"
#include "http/router.h"
#include "http/scim_api.h"

namespace vestibule::http {

/// Adds the routes below `path`, one of the bases. All need `scim:read`. At the base itself
/// resources of all types are searched together.
void addListRoutes(Router& router, const directory::Context& context, const ScimApiOptions& options,
                   const std::string& path);

}  // namespace vestibule::http
