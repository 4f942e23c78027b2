#include "http/metrics_api.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "http/authentication.h"
#include "http/error_response.h"

namespace vestibule::http {
namespace {

using Type = Reading::Type;
using Listeners = std::shared_ptr<const std::vector<ListenerSource>>;

/// Adds a metric with a sample for each listener, taken from the counts of its server or queue.
template <typename Counts, typename Number>
void addEach(Metrics& metrics, const Listeners& listeners, std::string name, Type type,
             std::string help, std::function<Counts()> ListenerSource::*source,
             Number Counts::*number) {
  metrics.addReading(
      {std::move(name), type, std::move(help), [=] {
         std::vector<Sample> samples;
         for (const ListenerSource& listener : *listeners) {
           const Counts counts = (listener.*source)();
           samples.push_back({{{"listener", listener.name}}, static_cast<double>(counts.*number)});
         }
         return samples;
       }});
}

constexpr std::array<std::string_view, kTlsFailures> kTlsReasons{
    "plain_http",   "version",  "cipher", "client_certificate",
    "client_alert", "too_late", "other",  "later"};

std::vector<Sample> tlsFailures(const std::vector<ListenerSource>& listeners) {
  std::vector<Sample> samples;
  for (const ListenerSource& listener : listeners) {
    const auto counts = listener.server();
    for (std::size_t i = 0; i < kTlsFailures; ++i) {
      samples.push_back({{{"listener", listener.name}, {"reason", std::string(kTlsReasons.at(i))}},
                         static_cast<double>(counts.tls_failures.at(i))});
    }
  }
  return samples;
}

store::OperationCount countOf(const jit::WaitingLogins& waiting, store::OperationState state) {
  const auto found = std::find_if(waiting.operations.begin(), waiting.operations.end(),
                                  [&](const auto& count) { return count.state == state; });
  return found == waiting.operations.end() ? store::OperationCount{state, 0, {}} : *found;
}

std::vector<Sample> operations(const jit::WaitingLogins& waiting) {
  using State = store::OperationState;
  std::vector<Sample> samples;
  for (const State state : {State::kQueued, State::kRunning, State::kDead}) {
    samples.push_back({{{"state", std::string(jit::nameOf(state))}},
                       static_cast<double>(countOf(waiting, state).number)});
  }
  return samples;
}

}  // namespace

void addListenerReadings(Metrics& metrics, std::vector<ListenerSource> sources) {
  const auto listeners = std::make_shared<const std::vector<ListenerSource>>(std::move(sources));
  const auto server = [&](const char* name, Type type, const char* help, auto number) {
    addEach(metrics, listeners, name, type, help, &ListenerSource::server, number);
  };
  const auto queue = [&](const char* name, Type type, const char* help, auto number) {
    addEach(metrics, listeners, name, type, help, &ListenerSource::queue, number);
  };
  server("vestibule_connections", Type::kGauge, "Open client connections.",
         &ServerCounts::connections);
  server("vestibule_connections_accepted_total", Type::kCounter, "Client connections taken.",
         &ServerCounts::accepted);
  server("vestibule_connections_refused_total", Type::kCounter,
         "Client connections beyond the cap.", &ServerCounts::turned_away);
  server("vestibule_requests_total", Type::kCounter, "Complete requests.", &ServerCounts::requests);
  server("vestibule_held_bytes", Type::kGauge,
         "Bytes of requests, and of answers that nobody takes.", &ServerCounts::held);
  metrics.addReading({"vestibule_tls_failures_total", Type::kCounter,
                      "Connections whose TLS came to nothing, by the reason.",
                      [listeners] { return tlsFailures(*listeners); }});
  queue("vestibule_queue_waiting", Type::kGauge, "Requests waiting for a worker.",
        &WorkQueueCounts::waiting);
  queue("vestibule_queue_capacity", Type::kGauge, "Requests that may wait for a worker.",
        &WorkQueueCounts::capacity);
  queue("vestibule_queue_running", Type::kGauge, "Requests being answered.",
        &WorkQueueCounts::running);
  queue("vestibule_queue_workers", Type::kGauge, "Workers, each of which answers one request.",
        &WorkQueueCounts::workers);
  queue("vestibule_queue_refused_total", Type::kCounter,
        "Requests answered 503 because the queue was full.", &WorkQueueCounts::refused);
  queue("vestibule_queue_expired_total", Type::kCounter,
        "Requests answered 503 because they had waited too long.", &WorkQueueCounts::expired);
  queue("vestibule_queue_failed_total", Type::kCounter, "Requests whose handling ended by a fault.",
        &WorkQueueCounts::failed);
}

void addLoginReadings(Metrics& metrics, const directory::Context& context,
                      const jit::IdentityProviders& providers,
                      std::function<std::optional<jit::WaitingLogins>()> waiting) {
  metrics.addReading({"vestibule_jit_decisions_total", Type::kCounter,
                      "Logins by identity provider and what they came to.",
                      [&] { return providers.decisions().outcomes(*context.catalog->current()); }});
  metrics.addReading({"vestibule_jit_refusals_total", Type::kCounter,
                      "Logins that were refused or failed, by identity provider and code.",
                      [&] { return providers.decisions().codes(*context.catalog->current()); }});
  // Nothing is written where nothing is known: a zero would look like a queue that is empty.
  const auto add = [&](const char* name, const char* help, auto tell) {
    metrics.addReading({name, Type::kGauge, help, [waiting, tell] {
                          const auto known = waiting();
                          return known ? tell(*known) : std::vector<Sample>();
                        }});
  };
  add("vestibule_operations", "Queued provisions of the whole database.", operations);
  add("vestibule_operations_overdue_seconds",
      "How long the first of the queued provisions might have run already.",
      [](const jit::WaitingLogins& known) {
        const auto oldest = countOf(known, store::OperationState::kQueued).oldest;
        return std::vector<Sample>{{{}, std::chrono::duration<double>(oldest).count()}};
      });
  add("vestibule_prompts_open", "Prompts of the whole database that may be answered.",
      [](const jit::WaitingLogins& known) {
        return std::vector<Sample>{{{}, static_cast<double>(known.prompts)}};
      });
}

void addEventReadings(Metrics& metrics,
                      std::function<std::optional<feed::WaitingEvents>()> waiting) {
  metrics.addReading({"vestibule_events", Reading::Type::kGauge,
                      "Events of the whole database that receivers do not have yet.",
                      [waiting = std::move(waiting)] {
                        const auto known = waiting();
                        if (!known) return std::vector<Sample>();
                        return std::vector<Sample>{
                            {{{"state", "waiting"}}, static_cast<double>(known->waiting)},
                            {{{"state", "dead"}}, static_cast<double>(known->dead)}};
                      }});
}

void addMetricsRoute(Router& router, const directory::Context& context, const Metrics& metrics) {
  router.add(Method::kGet, "/metrics", [&](const Request& request) {
    auto caller = authorize(request, context, directory::Scope::kAdmin);
    if (!caller) return problem(caller.error());
    Response response;
    response.headers.set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
    response.body = metrics.text();
    return response;
  });
}

}  // namespace vestibule::http
