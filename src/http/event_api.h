#pragma once
// What receivers of events ask, on the public listener: the keys, and events by poll (RFC 8936).

#include "directory/context.h"
#include "feed/event_metrics.h"
#include "feed/event_source.h"
#include "http/event_waits.h"
#include "http/router.h"

namespace vestibule::http {

/// What the endpoints need beside the use cases. All of it outlives the router.
struct EventApiParts {
  feed::EventSource& source;
  const feed::EventMetrics& metrics;
  EventWaits* waits = nullptr;  ///< null: polls are answered at once
};

/// Adds GET `/events/v1/keys`, the public keys as a JWK Set for anybody, and POST
/// `/events/v1/streams/{name}/poll`, which needs a token of scope `events:read` that the stream
/// names. A poll without `returnImmediately` waits up to 30 seconds for an event, and holds no
/// thread meanwhile. `context` must outlive the router.
void addEventRoutes(Router& router, const directory::Context& context, const EventApiParts& parts);

}  // namespace vestibule::http
