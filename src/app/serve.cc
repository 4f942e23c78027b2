#include "app/serve.h"

#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>

#include "app/operator_error.h"
#include "app/stack.h"
#include "base/log.h"
#include "http/admin_api.h"
#include "http/error_response.h"
#include "http/health.h"
#include "http/jit_api.h"
#include "http/scim_api.h"
#include "http/server.h"
#include "http/work_queue.h"

namespace vestibule::app {
namespace {

http::ServerOptions serverOptions(const Config& config, const std::string& address,
                                  std::uint16_t port) {
  http::ServerOptions options;
  options.address = address;
  options.port = port;
  options.io_threads = config.server.io_threads;
  options.max_connections = config.server.max_connections;
  options.limits.body = config.server.body_bytes;
  return options;
}

std::string urlOf(const std::string& address, std::uint16_t port) {
  const bool v6 = address.find(':') != std::string::npos;
  return "http://" + (v6 ? "[" + address + "]" : address) + ":" + std::to_string(port);
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

/// Waits for a signal to stop; SIGHUP is taken and means nothing.
int awaitStop() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, signal);
  for (;;) {
    int signal = 0;
    if (sigwait(&signals, &signal) == 0 && signal != SIGHUP) return signal;
  }
}

}  // namespace

Result<void> serve(const Config& config, const ServeOptions& options) {
  StackOptions stack_options;
  stack_options.watch_catalog = true;
  stack_options.attach = false;
  auto stack = Stack::open(config, stack_options);
  if (!stack) return propagate(stack);
  const auto& context = (*stack)->context();
  spdlog::info("database {}", (*stack)->report().version);
  for (const auto& finding : (*stack)->report().findings) spdlog::warn("{}", finding.text);
  for (const auto& line : (*stack)->migrated()) spdlog::info("migrated: {}", line);

  http::WorkQueueOptions queue_options;
  queue_options.workers = config.server.workers;
  queue_options.capacity = config.server.queue;
  http::WorkQueue queue(queue_options);

  // The metrics route reads from servers that are made after its router.
  const http::Server* public_seen = nullptr;
  const http::Server* internal_seen = nullptr;

  http::Router public_routes;
  http::addHealthRoutes(public_routes, context);
  http::addScimRoutes(public_routes, context, {config.server.public_url});

  http::Router internal_routes;
  http::addHealthRoutes(internal_routes, context);
  http::addMetricsRoute(internal_routes, context,
                        {[&] { return public_seen->counts(); },
                         [&] { return internal_seen->counts(); }, [&] { return queue.counts(); }});
  http::addDomainRoutes(internal_routes, context, (*stack)->migrations());
  http::addIdentityProviderRoutes(internal_routes, context, (*stack)->identityProviders());
  http::addTokenRoutes(internal_routes, context);
  http::addJitRoutes(internal_routes, context, (*stack)->identityProviders(),
                     {config.server.public_url, [&config, &public_seen](const std::string& host) {
                        const auto& address = config.server.public_address;
                        return urlOf(isWildcard(address) ? host : address, public_seen->port());
                      }});

  http::Server public_server(
      serverOptions(config, config.server.public_address, config.server.public_port),
      std::move(public_routes), http::scimRefusal, queue);
  http::Server internal_server(
      serverOptions(config, config.server.internal_address, config.server.internal_port),
      std::move(internal_routes), http::problemRefusal, queue);
  public_seen = &public_server;
  internal_seen = &internal_server;
  if (auto started = internal_server.start(); !started) return propagate(started);
  if (auto started = public_server.start(); !started) return propagate(started);

  const std::string scim_url = urlOf(config.server.public_address, public_server.port());
  const std::string internal_url = urlOf(config.server.internal_address, internal_server.port());
  spdlog::info("serving SCIM on {} and JIT and administration on {}", scim_url, internal_url);
  if (isWildcard(config.server.public_address) && config.server.public_url.empty()) {
    spdlog::warn(
        "server.public_url is not set: locations in answers name this machine as the "
        "request's Host header does");
  }
  if (!options.ready_file.empty()) {
    auto written = writeReadyFile(options.ready_file, scim_url, internal_url);
    if (!written) return propagate(written);
  }

  const int signal = awaitStop();
  spdlog::info("stopping: signal {}", signal);
  const auto limit = std::chrono::seconds(config.server.drain_seconds);
  const auto until = std::chrono::steady_clock::now() + limit;
  const bool public_done = public_server.drain(limit);
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
      until - std::chrono::steady_clock::now());
  const bool internal_done =
      internal_server.drain(std::max(left, std::chrono::milliseconds::zero()));
  if (!public_done || !internal_done) {
    spdlog::warn("some requests were still running after {} seconds and get no answer",
                 config.server.drain_seconds);
  }
  public_server.stop();
  internal_server.stop();
  queue.stop();
  spdlog::info("stopped");
  return {};
}

}  // namespace vestibule::app
