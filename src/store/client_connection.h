#pragma once
// How SOCI's connection is made. SOCI's own connect has no say in verifying a server's certificate,
// in LOCAL INFILE or in several statements a round trip, so the client library's connection plugin
// interface takes its place. Private to store/.

#include <soci/session.h>

#include "base/result.h"
#include "store/database.h"
#include "store/database_url.h"

namespace vestibule::store {

/// Opens `session` to the server: TLS verified as the URL asks, utf8mb4, LOCAL INFILE refused, no
/// automatic reconnect, several statements a round trip allowed, affected rows counted as matched.
/// Throws what SOCI throws. Thread-safe. Error kInternal when the client library does not take our
/// plugin.
[[nodiscard]] Result<void> openConnection(soci::session& session, const DatabaseUrl& url,
                                          const DatabaseOptions& options);

}  // namespace vestibule::store
