#pragma once
// POST /Bulk (RFC 7644 §3.7): the results of directory::Bulk with their statuses.

#include "directory/bulk.h"
#include "directory/context.h"
#include "http/exchange.h"

namespace vestibule::http {

/// Answers a bulk request of a caller who may write. 200 whatever becomes of the operations: each
/// has a status of its own. 400 for a message that is none, 413 for one with too many operations,
/// 415, and 503 when too many bulk requests are being run.
[[nodiscard]] Response answerBulk(directory::Bulk& bulk, const directory::ServiceLimits& limits,
                                  const directory::View& view, const Request& request);

}  // namespace vestibule::http
