#pragma once
// Is the process up, and can it work.

#include "directory/context.h"
#include "http/router.h"
#include "store/migration_files.h"

namespace vestibule::http {

/// Adds `/healthz` (200 while the process answers) and `/readyz` (200 when the database answers,
/// takes writes and has all migrations, else 503 and Retry-After; half a second late at most, see
/// Readiness; 503 as well while the server ends, as for every request). No token is needed; neither
/// tells anything but that. Both arguments must outlive the router.
void addHealthRoutes(Router& router, const directory::Context& context,
                     const store::MigrationSet& migrations);

}  // namespace vestibule::http
