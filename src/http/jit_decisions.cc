#include "http/jit_decisions.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "directory/audit.h"
#include "directory/recent_events.h"
#include "http/authentication.h"
#include "http/jit_answer.h"
#include "http/jit_request.h"
#include "jit/codes.h"
#include "json/write.h"

namespace vestibule::http {
namespace {

/// Of those a gateway has used one id for.
constexpr std::size_t kMostDecisions = 100;

Result<Caller> authorizeReader(const Request& request, const directory::Context& context) {
  auto caller = authenticate(request, context);
  if (!caller || caller->principal->has(directory::Scope::kAdmin)) return caller;
  return requireScope(*std::move(caller), directory::Scope::kJit);
}

/// What is stored and what this process remembers, newest first.
Result<std::vector<store::AuditEvent>> decisionsOn(const directory::Context& context,
                                                   const directory::Principal& principal,
                                                   const std::string& id) {
  auto stored = directory::auditOfRequest(context, id, kMostDecisions);
  if (!stored) return propagate(stored);
  std::vector<store::AuditEvent> events;
  if (context.recent_events != nullptr) events = context.recent_events->find(id, kMostDecisions);
  std::move(stored->begin(), stored->end(), std::back_inserter(events));
  const auto unwanted = [&](const store::AuditEvent& event) {
    return !event.action.starts_with("jit.") || !directory::maySee(principal, event);
  };
  events.erase(std::remove_if(events.begin(), events.end(), unwanted), events.end());
  std::stable_sort(events.begin(), events.end(), [](const auto& left, const auto& right) {
    return left.occurred > right.occurred;
  });
  if (events.size() > kMostDecisions) events.resize(kMostDecisions);
  return events;
}

Response answer(const directory::Context& context, const Request& request) {
  const std::string own_id = correlationIdOf(request);
  const auto refuse = [&](const Error& error) {
    return jitFailure(error, jit::OnFailure::kRefuse, own_id);
  };
  auto caller = authorizeReader(request, context);
  if (!caller) return jitUnauthorized(std::move(caller.error()), own_id);
  const std::string id(request.parameter("correlationId"));
  auto events = decisionsOn(context, *caller->principal, id);
  if (!events) return refuse(jit::refusal(jit::kDatabaseUnavailable, events.error()).value());
  if (events->empty()) {
    return refuse(
        jit::refusal(jit::kNoDecision, "no decision is kept under this correlation id").value());
  }
  json::Array decisions;
  for (const auto& event : *events) decisions.emplace_back(directory::describeAuditEvent(event));
  return jitAnswer(200, "application/json",
                   json::write(json::Object{{"decisions", std::move(decisions)}}), own_id);
}

}  // namespace

void addDecisionRoutes(Router& router, const directory::Context& context) {
  router.add(Method::kGet, "/jit/v1/decisions/{correlationId}",
             [&context](const Request& request) { return answer(context, request); });
}

}  // namespace vestibule::http
