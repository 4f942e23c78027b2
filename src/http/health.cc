#include "http/health.h"

#include <string_view>

#include "http/authentication.h"
#include "http/error_response.h"
#include "http/readiness.h"
#include "store/migrations.h"

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
  writeMetricHead(out, name, type, help);
  for (const auto& [labels, value] : values) {
    out.append(name).append(labels).append(" ").append(std::to_string(value)).append("\n");
  }
}

/// Nothing is written where nothing is known: a zero would look like a queue that is empty.
void operationMetrics(std::string& out,
                      const std::optional<std::vector<store::OperationCount>>& counts) {
  if (!counts) return;
  using State = store::OperationState;
  const auto of = [&](State state) {
    store::OperationCount found{state, 0, {}};
    for (const auto& count : *counts) found = count.state == state ? count : found;
    return found;
  };
  metric(out, "vestibule_operations", "gauge", "Queued provisions of the whole database.",
         {{"{state=\"queued\"}", of(State::kQueued).number},
          {"{state=\"running\"}", of(State::kRunning).number},
          {"{state=\"dead\"}", of(State::kDead).number}});
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(of(State::kQueued).oldest);
  metric(out, "vestibule_operations_overdue_seconds", "gauge",
         "How long the first of the queued provisions might have run already.",
         {{"", static_cast<std::uint64_t>(seconds.count())}});
}

std::string_view whyNotReady(store::Database& database, const store::MigrationSet& migrations) {
  const auto current = store::isUpToDate(database, migrations);
  if (!current) {
    return current.error().kind == ErrorKind::kConflict ? "the database is not of this version"
                                                        : "the database does not answer";
  }
  return *current ? "" : "the database is not up to date";
}

constexpr std::string_view kPublic = "{listener=\"public\"}";
constexpr std::string_view kInternal = "{listener=\"internal\"}";

}  // namespace

void addHealthRoutes(Router& router, const directory::Context& context,
                     const store::MigrationSet& migrations) {
  router.add(
      Method::kGet, "/healthz", [](const Request&) { return plain(200, "ok\n"); },
      RouteOptions{.run_inline = true});
  const auto readiness =
      std::make_shared<Readiness>([&] { return whyNotReady(*context.database, migrations); });
  router.add(Method::kGet, "/readyz", [readiness](const Request&) {
    const auto why_not = readiness->ask();
    if (why_not.empty()) return plain(200, "ready\n");
    auto response = plain(503, std::string(why_not) + '\n');
    addStatusHeaders(response, {});
    return response;
  });
}

void addMetricsRoute(Router& router, const directory::Context& context, MetricSources sources) {
  router.add(
      Method::kGet, "/metrics", [&context, sources = std::move(sources)](const Request& request) {
        auto caller = authorize(request, context, directory::Scope::kAdmin);
        if (!caller) return problem(caller.error());
        const auto outside = sources.public_server();
        const auto inside = sources.internal_server();
        const auto outside_queue = sources.public_queue();
        const auto inside_queue = sources.internal_queue();
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
               {{kPublic, outside_queue.waiting}, {kInternal, inside_queue.waiting}});
        metric(text, "vestibule_queue_running", "gauge", "Requests being answered.",
               {{kPublic, outside_queue.running}, {kInternal, inside_queue.running}});
        metric(text, "vestibule_queue_refused_total", "counter",
               "Requests answered 503 because the queue was full.",
               {{kPublic, outside_queue.refused}, {kInternal, inside_queue.refused}});
        metric(text, "vestibule_queue_expired_total", "counter",
               "Requests answered 503 because they had waited too long.",
               {{kPublic, outside_queue.expired}, {kInternal, inside_queue.expired}});
        metric(text, "vestibule_database_sessions", "gauge", "Database sessions.",
               {{"{state=\"in_use\"}", in_use}, {"{state=\"open\"}", open}});
        operationMetrics(text, sources.operations());
        text += sources.counters->text();
        auto response = plain(200, text);
        response.headers.set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
        return response;
      });
}

}  // namespace vestibule::http
