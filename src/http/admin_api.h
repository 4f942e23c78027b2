#pragma once
// The admin endpoints, on the internal listener only.

#include "directory/context.h"
#include "http/router.h"
#include "store/migrations.h"

namespace vestibule::http {

/// Adds `/admin/v1/domains`. Both arguments must outlive the router.
void addDomainRoutes(Router& router, const directory::Context& context, const store::MigrationSet& migrations);

/// Adds `/admin/v1/tokens`.
void addTokenRoutes(Router& router, const directory::Context& context);

}  // namespace vestibule::http
