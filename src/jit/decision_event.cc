#include "jit/decision_event.h"

#include "base/clock.h"
#include "base/unicode.h"
#include "jit/login_checks.h"

namespace vestibule::jit {

store::AuditEvent askedBy(const DecisionHead& head) {
  store::AuditEvent event;
  event.correlation_id = head.correlation_id;
  event.actor_id = head.principal->token_id;
  event.actor_name = head.principal->name;
  event.identity_provider = head.identity_provider;
  const std::string& subject = head.subject.value();
  if (subject.size() <= kMaxSubjectBytes && isValidUtf8(subject)) event.subject = head.subject;
  return event;
}

store::AuditEvent decisionEvent(const DecisionHead& head, std::string_view outcome,
                                const Trace& trace) {
  auto event = askedBy(head);
  event.occurred = now();
  event.action = "jit.";
  event.action += outcome;
  event.trace = trace.keptText();
  return event;
}

}  // namespace vestibule::jit
