#include "http/health.h"

#include <string_view>

#include "http/authentication.h"
#include "http/error_response.h"
#include "store/control_store.h"

namespace vestibule::http {
namespace {

Response plain(int status, std::string_view text) {
  Response response;
  response.status = status;
  response.headers.set("Content-Type", "text/plain; charset=utf-8");
  response.body = text;
  return response;
}

void metric(std::string& out, std::string_view name, std::string_view type, std::string_view help,
            std::initializer_list<std::pair<std::string_view, std::uint64_t>> values) {
  out.append("# HELP ").append(name).append(" ").append(help).append("\n");
  out.append("# TYPE ").append(name).append(" ").append(type).append("\n");
  for (const auto& [labels, value] : values) {
    out.append(name).append(labels).append(" ").append(std::to_string(value)).append("\n");
  }
}

constexpr std::string_view kPublic = "{listener=\"public\"}";
constexpr std::string_view kInternal = "{listener=\"internal\"}";

}  // namespace

void addHealthRoutes(Router& router, const directory::Context& context) {
  router.add(
      Method::kGet, "/healthz", [](const Request&) { return plain(200, "ok\n"); },
      RouteOptions{.run_inline = true});
  router.add(Method::kGet, "/readyz", [&context](const Request&) {
    auto revision = context.database->read([&](store::Session& session) {
      return store::readRevision(session, context.database->controlSchema());
    });
    if (revision) return plain(200, "ready\n");
    auto response = plain(503, "the database does not answer\n");
    response.headers.set("Retry-After", "1");
    return response;
  });
}

void addMetricsRoute(Router& router, const directory::Context& context, MetricSources sources) {
  router.add(
      Method::kGet, "/metrics", [&context, sources = std::move(sources)](const Request& request) {
        auto caller = authorize(request, context.catalog->current(), directory::Scope::kAdmin);
        if (!caller) return problem(caller.error());
        const auto outside = sources.public_server();
        const auto inside = sources.internal_server();
        const auto queue = sources.queue();
        const auto [in_use, open] = context.database->sessionCounts();
        std::string text;
        metric(text, "vestibule_connections", "gauge", "Open client connections.",
               {{kPublic, outside.connections}, {kInternal, inside.connections}});
        metric(text, "vestibule_connections_accepted_total", "counter", "Client connections taken.",
               {{kPublic, outside.accepted}, {kInternal, inside.accepted}});
        metric(text, "vestibule_connections_refused_total", "counter",
               "Client connections beyond the cap.",
               {{kPublic, outside.turned_away}, {kInternal, inside.turned_away}});
        metric(text, "vestibule_requests_total", "counter", "Complete requests.",
               {{kPublic, outside.requests}, {kInternal, inside.requests}});
        metric(text, "vestibule_queue_waiting", "gauge", "Requests waiting for a worker.",
               {{"", queue.waiting}});
        metric(text, "vestibule_queue_running", "gauge", "Requests being answered.",
               {{"", queue.running}});
        metric(text, "vestibule_queue_refused_total", "counter",
               "Requests answered 503 because the queue was full.", {{"", queue.refused}});
        metric(text, "vestibule_queue_expired_total", "counter",
               "Requests answered 503 because they had waited too long.", {{"", queue.expired}});
        metric(text, "vestibule_database_sessions", "gauge", "Database sessions.",
               {{"{state=\"in_use\"}", in_use}, {"{state=\"open\"}", open}});
        auto response = plain(200, text);
        response.headers.set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
        return response;
      });
}

}  // namespace vestibule::http
