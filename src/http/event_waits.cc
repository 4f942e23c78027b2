#include "http/event_waits.h"

#include "base/log.h"

namespace vestibule::http {

EventWaits::Ask streamsWithEvents(const directory::Context& context) {
  using Numbers = std::set<store::EventStreamNumber>;
  return [&context](const Numbers& asked) -> Numbers {
    auto& database = *context.database;
    auto ready = database.read([&](store::Session& session) {
      return store::streamsWithWaiting(session, database.controlSchema(),
                                       {asked.begin(), asked.end()});
    });
    if (ready) return {ready->begin(), ready->end()};
    logEvent(events::kEventWaitsUnread, {{"reason", ready.error().internal}});
    return {};
  };
}

}  // namespace vestibule::http
