#pragma once
// What ServiceProviderConfig says of events.

#include "json/value.h"

namespace vestibule::feed {

/// The value of `securityEvents` (RFC 9967 §4): the URIs of the events that streams can have, and
/// that no request is answered later. It stands there only where there is a stream: without one the
/// service is not set up for events.
[[nodiscard]] json::Object announcedEvents();

}  // namespace vestibule::feed
