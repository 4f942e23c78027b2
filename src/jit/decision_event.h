#pragma once
// A decision as the audit keeps it.

#include <string>
#include <string_view>

#include "base/strong.h"
#include "directory/principal.h"
#include "jit/trace.h"
#include "store/audit_event.h"

namespace vestibule::jit {

/// What is known of every decision.
struct DecisionHead {
  std::string correlation_id;
  const directory::Principal* principal = nullptr;
  std::string identity_provider;
  Subject subject;
};

/// What an event says of who asked about whom. A subject that no identity can have is left out.
[[nodiscard]] store::AuditEvent askedBy(const DecisionHead& head);

/// The event `jit.OUTCOME`, of now, with who asked about whom and with the trace. A subject that no
/// identity can have is left to the trace.
[[nodiscard]] store::AuditEvent decisionEvent(const DecisionHead& head, std::string_view outcome,
                                              const Trace& trace);

}  // namespace vestibule::jit
