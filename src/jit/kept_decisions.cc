#include "jit/kept_decisions.h"

#include <chrono>
#include <utility>

#include "base/log.h"
#include "directory/recent_events.h"
#include "store/audit_store.h"

namespace vestibule::jit {
namespace {

bool isRepeated(const directory::Context& context, const store::AuditEvent& refusal) {
  return context.recent_events != nullptr &&
         context.recent_events->repeats(refusal, std::chrono::steady_clock::now());
}

bool storeRefusal(const directory::Context& context, const store::AuditEvent& event) {
  auto& database = *context.database;
  auto stored = database.write([&](store::Session& session) {
    return store::insertAuditEvent(session, database.controlSchema(), event);
  });
  if (!stored) {
    const LogScope scope = LogScope::within(event.correlation_id);
    logEvent(events::kRefusalUnstored, {{"reason", stored.error().internal}});
  }
  return stored.has_value();
}

}  // namespace

bool isOutage(const Error& error) {
  return error.kind == ErrorKind::kUnavailable || error.kind == ErrorKind::kInternal;
}

void remember(const directory::Context& context, store::AuditEvent event) {
  if (context.recent_events != nullptr) context.recent_events->keep(std::move(event));
}

void keepRefusal(const directory::Context& context, store::AuditEvent event) {
  if (!isRepeated(context, event) && storeRefusal(context, event)) return;
  remember(context, std::move(event));
}

}  // namespace vestibule::jit
