#pragma once
// The admin endpoints on outbound targets, on the internal listener only.

#include <functional>

#include "directory/context.h"
#include "http/router.h"

namespace vestibule::http {

/// Adds `/admin/v1/outbound`: GET; of one target GET, PUT (creates or replaces), PATCH (RFC 7396),
/// DELETE, with ETag and If-Match; below it `/status` and `/failed` (GET), `/retry` and `/sync`
/// (POST), `/users/{id}` and `/groups/{id}` (GET), below these `/retry` (POST), and
/// `/users/{id}/explain` (GET). `marked` is called when there is something to be sent; may be null.
void addOutboundRoutes(Router& router, const directory::Context& context,
                       const std::function<void()>& marked);

}  // namespace vestibule::http
