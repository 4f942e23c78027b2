#include "directory/audit.h"
#include "http/admin_api.h"
#include "http/admin_request.h"
#include "http/error_response.h"

namespace vestibule::http {
namespace {

directory::AuditFilter filterIn(const Request& request) {
  const auto text = [&](std::string_view name) -> std::optional<std::string> {
    const auto value = request.queryValue(name);
    if (!value) return std::nullopt;
    return std::string(*value);
  };
  directory::AuditFilter filter;
  filter.correlation_id = text("correlationId");
  filter.user = text("user");
  filter.resource = text("resource");
  filter.identity_provider = text("identityProvider");
  filter.subject = text("subject");
  filter.action = text("action");
  filter.from = text("from");
  filter.to = text("to");
  filter.count = text("count");
  filter.cursor = text("cursor");
  return filter;
}

Response list(const directory::Context& context, const Request& request) {
  auto found = directory::listAudit(context, filterIn(request));
  if (!found) return problem(found.error());
  json::Array events;
  for (const auto& event : found->events) {
    events.emplace_back(directory::describeAuditEvent(event));
  }
  json::Object body{{"events", std::move(events)}};
  if (!found->cursor.empty()) body.set("cursor", found->cursor);
  return adminAnswer(200, body);
}

}  // namespace

void addAuditRoutes(Router& router, const directory::Context& context) {
  router.add(Method::kGet, "/admin/v1/audit",
             sharedOnly(context, [&context](const Request& request, const Caller&) {
               return list(context, request);
             }));
}

}  // namespace vestibule::http
