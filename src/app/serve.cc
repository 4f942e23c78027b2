#include "app/serve.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <fstream>
#include <system_error>

#include "app/descriptor_limit.h"
#include "app/operator_error.h"
#include "app/routes.h"
#include "app/serve_metrics.h"
#include "app/stack.h"
#include "app/tls_settings.h"
#include "base/log.h"
#include "directory/retention.h"
#include "feed/event_source.h"
#include "feed/event_workers.h"
#include "http/error_response.h"
#include "http/event_waits.h"
#include "http/jit_api.h"
#include "http/metrics_api.h"
#include "http/operation_waits.h"
#include "http/server.h"
#include "http/work_queue.h"
#include "jit/queue_workers.h"
#include "outbound/outbound_metrics.h"
#include "outbound/waits.h"
#include "outbound/workers.h"
#include "store/database_metrics.h"

namespace vestibule::app {
namespace {

/// Descriptors for other things than connections and database sessions: files, pipes, wake-ups.
constexpr std::size_t kOtherDescriptors = 128;

/// One address: a server with workers of its own, so that the other is served when this one is
/// stuck.
struct Side {
  Side(const Config& config, const http::ServerOptions& options, http::Router routes,
       http::ErrorRenderer render_error)
      : queue({.workers = config.server.workers, .capacity = config.server.queue}),
        server(options, std::move(routes), std::move(render_error), queue) {}
  /// Handlers that run may look at the server: they end before it does.
  ~Side() { queue.stop(); }
  Side(const Side&) = delete;
  Side& operator=(const Side&) = delete;

  http::WorkQueue queue;
  http::Server server;
};

/// Requests that wait end before the queue in which they would go on.
template <typename Waits>
struct LetsWaitsGo {
  Waits& waits;
  ~LetsWaitsGo() { waits.stop(); }
};

Result<std::unique_ptr<Side>> makeSide(const Config& config, const http::ServerOptions& options,
                                       http::Router routes, http::ErrorRenderer render_error) {
  try {
    return std::make_unique<Side>(config, options, std::move(routes), std::move(render_error));
  } catch (const std::system_error& error) {
    return operatorFailure(ErrorKind::kUnavailable,
                           std::string("no more threads can be started: ") + error.what());
  }
}

/// The options of both servers but for their addresses.
http::ServerOptions serverOptions(const Config& config, const http::RequestReport& report) {
  http::ServerOptions options;
  options.report = &report;
  options.io_threads = config.server.io_threads;
  options.limits.body = config.server.body_bytes;
  const auto reserved = kOtherDescriptors + std::size_t{databaseSessions(config)} +
                        std::size_t{config.events.senders} +
                        16 * static_cast<std::size_t>(config.server.io_threads);
  const auto descriptors = raiseDescriptorLimit();
  options.max_connections =
      connectionsThatFit(descriptors, config.server.max_connections, reserved);
  if (options.max_connections < config.server.max_connections) {
    logEvent(events::kServerFewDescriptors, {{"descriptors", descriptors},
                                             {"connections", options.max_connections},
                                             {"wanted", config.server.max_connections}});
  }
  return options;
}

http::ServerOptions at(http::ServerOptions options, const std::string& address, std::uint16_t port,
                       std::shared_ptr<http::TlsCertificates> tls) {
  options.address = address;
  options.port = port;
  options.tls = std::move(tls);
  return options;
}

std::string urlOf(bool tls, const std::string& address, std::uint16_t port) {
  const bool v6 = address.find(':') != std::string::npos;
  return (tls ? "https://" : "http://") + (v6 ? "[" + address + "]" : address) + ":" +
         std::to_string(port);
}

bool isWildcard(const std::string& address) { return address == "0.0.0.0" || address == "::"; }

Result<void> writeReadyFile(const std::filesystem::path& path, const std::string& scim_url,
                            const std::string& internal_url) {
  // Written beside and renamed: a reader sees all of it or nothing.
  auto unfinished = path;
  unfinished += ".new";
  std::ofstream file(unfinished);
  file << "VESTIBULE_SCIM_URL=" << scim_url << "\nVESTIBULE_INTERNAL_URL=" << internal_url
       << "\nVESTIBULE_PID=" << getpid() << "\n";
  file.close();
  std::error_code error;
  if (file) std::filesystem::rename(unfinished, path, error);
  if (!file || error) {
    return operatorFailure(ErrorKind::kUnavailable, "cannot write " + path.string());
  }
  return {};
}

jit::OperationSettings operationSettings(const Config& config) {
  jit::OperationSettings settings;
  settings.attempts = config.jit.operation_attempts;
  settings.keep = std::chrono::hours(config.jit.operation_hours);
  return settings;
}

Result<void> startQueue(std::optional<jit::QueueWorkers>& workers, const Config& config,
                        const directory::Context& context, const jit::IdentityProviders& providers,
                        jit::QueueWorkers::Ran ran) {
  jit::QueueOptions options;
  options.workers = config.jit.queue_workers;
  options.operations = operationSettings(config);
  try {
    workers.emplace(context, providers, options, std::move(ran));
    return {};
  } catch (const std::system_error& error) {
    return operatorFailure(ErrorKind::kUnavailable,
                           std::string("no more threads can be started: ") + error.what());
  }
}

Result<void> startOutbound(std::optional<outbound::Workers>& workers,
                           const directory::Context& context, outbound::Waits& waits,
                           Metrics& metrics) {
  outbound::WorkerOptions options;
  options.outcomes = &outbound::addOutcomeCounter(metrics);
  options.looked = [&waits] { waits.look(); };
  try {
    workers.emplace(context, options);
  } catch (const std::system_error& error) {
    return operatorFailure(ErrorKind::kUnavailable,
                           std::string("no more threads can be started: ") + error.what());
  }
  outbound::addOutboundReadings(metrics, context, [&workers] { return workers->counts(); });
  waits.wakeBy([&workers] { workers->wake(); });
  return {};
}

feed::EventNames eventNames(const Config& config) {
  const auto& url = config.server.public_url;
  if (!config.events.issuer.empty()) return {config.events.issuer, url};
  return {url.empty() ? "vestibule" : url, url};
}

Result<void> startEvents(std::optional<feed::EventWorkers>& workers, const Config& config,
                         const directory::Context& context, feed::EventSource& source,
                         const feed::EventMetrics& metrics, std::function<void()> fanned) {
  feed::WorkerOptions options;
  options.senders = config.events.senders;
  options.retention = std::chrono::hours(config.events.retention_hours);
  try {
    workers.emplace(context, source, metrics, options, std::move(fanned));
    return {};
  } catch (const std::system_error& error) {
    return operatorFailure(ErrorKind::kUnavailable,
                           std::string("no more threads can be started: ") + error.what());
  }
}

/// Waits for a signal to stop; SIGHUP has the files of TLS read again.
int awaitStop(const TlsOfAddresses& tls) {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, signal);
  for (;;) {
    int signal = 0;
    if (sigwait(&signals, &signal) != 0) continue;
    if (signal != SIGHUP) return signal;
    reloadTls(tls);
  }
}

}  // namespace

Result<void> serve(const Config& config, const ServeOptions& options) {
  const auto tls = openTls(config);
  if (!tls) return tl::make_unexpected(tls.error());
  const bool public_tls = tls->public_side != nullptr;
  const bool internal_tls = tls->internal_side != nullptr;
  ServeMetrics metrics(config.log.requests);
  StackOptions stack_options;
  stack_options.metrics = &metrics.database;
  stack_options.attach = false;
  stack_options.serves = true;
  stack_options.progress = [](const std::string& line) {
    logEvent(events::kDatabaseMigrating, {{"step", line}});
  };
  auto stack = Stack::open(config, stack_options);
  if (!stack) return propagate(stack);
  const auto& context = (*stack)->context();
  logEvent(events::kDatabaseOpened, {{"version", (*stack)->report().version}});
  for (const auto& finding : (*stack)->report().findings) {
    logEvent(events::kDatabaseFinding, {{"reason", finding.text}});
  }
  for (const auto& line : (*stack)->migrated()) {
    logEvent(events::kDatabaseMigrated, {{"step", line}});
  }

  (*stack)->countIn(metrics.all);
  const auto server_options = serverOptions(config, metrics.requests);
  outbound::Waits outbound_waits(context, std::max<std::size_t>(1, config.server.workers / 2));
  std::optional<outbound::Workers> outbound_workers;
  if (auto started = startOutbound(outbound_workers, context, outbound_waits, metrics.all);
      !started) {
    return propagate(started);
  }
  feed::EventSource event_source(context, eventNames(config));
  http::EventWaits event_waits(http::streamsWithEvents(context));
  const RouteParts parts{config,
                         **stack,
                         metrics.tolerances,
                         outbound_waits,
                         {event_source, metrics.events, &event_waits}};
  auto outside = makeSide(
      config,
      at(server_options, config.server.public_address, config.server.public_port, tls->public_side),
      publicRoutes(parts), http::scimRefusal);
  if (!outside) return propagate(outside);
  auto& public_side = **outside;
  const LetsWaitsGo<http::EventWaits> lets_receivers_go{event_waits};
  // First: locations in the answers of the internal address need its port.
  if (auto started = public_side.server.start(); !started) return propagate(started);
  const std::string scim_url =
      urlOf(public_tls, config.server.public_address, public_side.server.port());

  http::OperationWaits waits(http::endedOperations(context));
  std::optional<jit::QueueWorkers> queue_workers;
  // The metrics route reads from a server that is made after its router.
  const Side* internal_seen = nullptr;
  http::addListenerReadings(metrics.all,
                            {{"public", [&] { return public_side.server.counts(); },
                              [&] { return public_side.queue.counts(); }},
                             {"internal", [&] { return internal_seen->server.counts(); },
                              [&] { return internal_seen->queue.counts(); }}});
  store::addSessionReadings(metrics.all, (*stack)->database());
  http::addLoginReadings(metrics.all, context, (*stack)->identityProviders(),
                         [&] { return queue_workers->counts(); });
  std::optional<feed::EventWorkers> event_workers;
  http::addEventReadings(metrics.all, [&] { return event_workers->counts(); });
  http::JitApiOptions jit_options;
  jit_options.origin = {config.server.public_url, [&](const std::string& host) {
                          const auto& address = config.server.public_address;
                          return urlOf(public_tls, isWildcard(address) ? host : address,
                                       public_side.server.port());
                        }};
  jit_options.operations = operationSettings(config);
  jit_options.queued = [&] { queue_workers->wake(); };
  jit_options.waits = &waits;
  jit_options.outbound = &outbound_waits;
  auto inside = makeSide(config,
                         at(server_options, config.server.internal_address,
                            config.server.internal_port, tls->internal_side),
                         internalRoutes(
                             parts, jit_options, [&] { outbound_workers->wake(); }, metrics.all),
                         http::problemRefusal);
  if (!inside) return propagate(inside);
  auto& internal_side = **inside;
  const LetsWaitsGo<http::OperationWaits> lets_waits_go{waits};
  internal_seen = &internal_side;
  if (auto started = startQueue(queue_workers, config, context, (*stack)->identityProviders(),
                                [&] { waits.look(); });
      !started) {
    return propagate(started);
  }
  if (auto started = startEvents(event_workers, config, context, event_source, metrics.events,
                                 [&] { event_waits.look(); });
      !started) {
    return propagate(started);
  }
  if (auto started = internal_side.server.start(); !started) return propagate(started);
  const std::string internal_url =
      urlOf(internal_tls, config.server.internal_address, internal_side.server.port());
  logEvent(events::kServerStarted, {{"public_url", scim_url}, {"internal_url", internal_url}});
  if (internal_tls && !config.server.internal_tls_client_ca.empty()) {
    logEvent(
        events::kServerClientCertificates,
        {{"internal_url", internal_url}, {"file", config.server.internal_tls_client_ca.string()}});
  }
  if (isWildcard(config.server.public_address) && config.server.public_url.empty()) {
    logEvent(events::kServerNoPublicUrl);
  }
  if (!options.ready_file.empty()) {
    auto written = writeReadyFile(options.ready_file, scim_url, internal_url);
    if (!written) return propagate(written);
  }

  const directory::Retention retention((*stack)->database(),
                                       {std::chrono::hours(24) * config.audit.retention_days,
                                        std::chrono::hours(24) * config.audit.trace_days},
                                       metrics.retention);

  const int signal = awaitStop(*tls);
  logEvent(events::kServerStopping, {{"signal", signal}});
  const auto until =
      std::chrono::steady_clock::now() + std::chrono::seconds(config.server.drain_seconds);
  public_side.server.beginDrain();
  internal_side.server.beginDrain();
  waits.stop();
  outbound_waits.stop();
  event_waits.stop();
  const bool public_done = public_side.server.awaitDrained(until);
  const bool internal_done = internal_side.server.awaitDrained(until);
  if (!public_done || !internal_done) {
    logEvent(events::kServerUndrained, {{"seconds", config.server.drain_seconds}});
  }
  public_side.server.stop();
  internal_side.server.stop();
  public_side.queue.stop();
  internal_side.queue.stop();
  queue_workers->stop();
  outbound_workers->stop();
  event_workers->stop();
  logEvent(events::kServerStopped);
  return {};
}

}  // namespace vestibule::app
