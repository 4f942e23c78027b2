#pragma once
// Stored deliveries as events: reads what a full event carries, and signs tokens.

#include <string>

#include "base/result.h"
#include "directory/context.h"
#include "directory/event_stream.h"
#include "feed/event_keys.h"
#include "json/value.h"
#include "store/delivery_store.h"

namespace vestibule::feed {

/// How events name this service.
struct EventNames {
  std::string issuer;      ///< `iss` of every event
  std::string public_url;  ///< in front of `meta.location`, without a trailing slash; may be empty
};

/// Makes events of what is stored. Thread-safe.
class EventSource {
 public:
  /// `context` must outlive it.
  EventSource(const directory::Context& context, EventNames names);

  /// The claims of the event (securityEvent), as of now. Error kUnavailable when the database
  /// cannot be read.
  [[nodiscard]] Result<json::Object> claims(const directory::EventStream& stream,
                                            const store::Delivery& delivery) const;
  /// The same as a signed token. Errors as EventKeys::current.
  [[nodiscard]] Result<std::string> token(const directory::EventStream& stream,
                                          const store::Delivery& delivery);
  [[nodiscard]] EventKeys& keys() { return keys_; }

 private:
  const directory::Context& context_;
  const EventNames names_;
  EventKeys keys_;
};

}  // namespace vestibule::feed
