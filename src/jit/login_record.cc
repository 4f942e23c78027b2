#include "jit/login_record.h"

#include <utility>

#include "json/write.h"

namespace vestibule::jit {
namespace {

/// What the answer says: a grant that is new, of a group whose member the user is already, changes
/// nothing to see.
Outcome shownOutcome(const SettledLogin& login, const directory::LoginChange& change) {
  const Outcome outcome = outcomeOf(change);
  if (outcome != Outcome::kUpdated || !change.attributes.empty()) return outcome;
  const GroupChanges& groups = login.plan.changes;
  return groups.granted.empty() && groups.revoked.empty() ? Outcome::kUnchanged : outcome;
}

store::OperationEnd operationEnd(const SettledLogin& login, const directory::LoginChange& change,
                                 Outcome outcome) {
  store::OperationEnd end = *login.request.operation;
  end.outcome = nameOf(outcome);
  end.domain = login.plan.domain->tables().number;
  end.user = change.user;
  GroupChanges groups = login.plan.changes;
  groups.created = login.new_groups;
  end.groups = json::write(describe(groups));
  return end;
}

store::PromptEnd promptEnd(const SettledLogin& login, const directory::LoginChange& change,
                           Outcome outcome) {
  store::PromptEnd end = *login.request.prompt;
  end.outcome = nameOf(outcome);
  end.domain = login.plan.domain->tables().number;
  end.user = change.user;
  return end;
}

store::AuditEvent auditEvent(const SettledLogin& login, const directory::LoginChange& change,
                             Outcome outcome) {
  Trace trace = login.trace;
  addWritten(trace, change.user, outcome);
  trace.add("result", "", "", nameOf(outcome));
  auto event = decisionEvent(login.head, nameOf(outcome), trace);
  const directory::Domain& domain = *login.plan.domain;
  event.domain = store::AuditDomain{domain.tables().number, domain.name()};
  event.resource = change.user;
  event.outbound = domain.outbound_targets;
  event.version_before = change.before;
  event.version_after = change.after;
  event.attributes = change.attributes;
  event.granted = change.granted;
  event.revoked = change.revoked;
  return event;
}

}  // namespace

Outcome outcomeOf(const directory::LoginChange& change) {
  if (!change.before) return Outcome::kCreated;
  if (change.new_link) return Outcome::kLinked;
  return change.empty() ? Outcome::kUnchanged : Outcome::kUpdated;
}

void addWritten(Trace& trace, const ResourceId& user, Outcome outcome) {
  trace.add("write", "user", user.text(), nameOf(outcome));
}

store::LoginRecord loginRecord(const SettledLogin& login, const directory::LoginChange& change) {
  const Outcome outcome = outcomeOf(change);
  store::LoginRecord record;
  const Outcome shown = shownOutcome(login, change);
  if (login.request.operation) record.operation = operationEnd(login, change, shown);
  if (login.request.prompt) record.prompt = promptEnd(login, change, shown);
  if (!login.plan.asked.empty()) {
    record.consent =
        consentRecord(login.terms, {change.user, login.provider.name, login.request.language,
                                    login.plan.asked, login.plan.decisions, now()});
  }
  if (!change.empty() || record.consent) record.audit = auditEvent(login, change, outcome);
  return record;
}

}  // namespace vestibule::jit
