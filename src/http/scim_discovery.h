#pragma once
// The discovery endpoints (RFC 7644 §4).

#include <string>

#include "directory/context.h"
#include "http/router.h"
#include "http/scim_api.h"

namespace vestibule::http {

/// Adds ServiceProviderConfig, ResourceTypes and Schemas below `path`. ServiceProviderConfig is
/// readable without a token, so that a client can learn how to authenticate; the others need
/// `scim:read`. A domain that does not exist is 404, a `filter` is refused with 403.
void addDiscoveryRoutes(Router& router, const directory::Context& context,
                        const ScimApiOptions& options, const std::string& path);

}  // namespace vestibule::http
