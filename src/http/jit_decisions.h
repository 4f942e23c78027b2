#pragma once
// How a decision was reached, afterwards: GET /jit/v1/decisions/{correlationId}, on the internal
// listener.

#include "directory/context.h"
#include "http/router.h"

namespace vestibule::http {

/// Adds the route. It needs the scope `jit` or `admin`; a token bound to domains sees the decisions
/// of these, and its own that came to no domain. The context must outlive the router.
void addDecisionRoutes(Router& router, const directory::Context& context);

}  // namespace vestibule::http
