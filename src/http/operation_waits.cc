#include "http/operation_waits.h"

#include "base/log.h"

namespace vestibule::http {

OperationWaits::Ask endedOperations(const directory::Context& context) {
  return [&context](const std::set<store::OperationId>& asked) -> std::set<store::OperationId> {
    auto& database = *context.database;
    auto ended = database.read([&](store::Session& session) {
      return store::endedAmong(session, database.controlSchema(), {asked.begin(), asked.end()});
    });
    if (ended) return {ended->begin(), ended->end()};
    logEvent(events::kWaitsUnread, {{"reason", ended.error().internal}});
    return {};
  };
}

}  // namespace vestibule::http
