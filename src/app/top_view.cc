#include "app/top_view.h"

#include <algorithm>

namespace vestibule::app {
namespace {

using Labels = Scrape::Labels;

TopPicture::Listener listenerOf(const Interval& interval, const std::string& name) {
  const Labels labels{{"listener", name}};
  const auto now = [&](const char* metric) { return interval.after().sum(metric, labels); };
  TopPicture::Listener listener;
  listener.name = name;
  listener.requests = interval.rate("vestibule_requests_total", labels);
  listener.refused = interval.rate("vestibule_queue_refused_total", labels) +
                     interval.rate("vestibule_queue_expired_total", labels) +
                     interval.rate("vestibule_connections_refused_total", labels);
  listener.connections = now("vestibule_connections");
  listener.waiting = now("vestibule_queue_waiting");
  listener.capacity = now("vestibule_queue_capacity");
  listener.running = now("vestibule_queue_running");
  listener.workers = now("vestibule_queue_workers");
  return listener;
}

std::vector<TopPicture::Route> routesOf(const Interval& interval) {
  constexpr const char* kResponses = "vestibule_responses_total";
  const std::string durations = "vestibule_request_duration_seconds";
  std::vector<TopPicture::Route> routes;
  for (const auto& name : interval.after().valuesOf(kResponses, "route")) {
    const Labels labels{{"route", name}};
    TopPicture::Route route;
    route.name = name;
    route.responses = interval.rate(kResponses, labels);
    if (route.responses <= 0) continue;
    route.failed = interval.rate(kResponses, {{"route", name}, {"status", "5xx"}});
    route.p50 = interval.quantile(0.5, durations, labels);
    route.p95 = interval.quantile(0.95, durations, labels);
    route.p99 = interval.quantile(0.99, durations, labels);
    routes.push_back(std::move(route));
  }
  std::stable_sort(routes.begin(), routes.end(),
                   [](const auto& a, const auto& b) { return a.responses > b.responses; });
  return routes;
}

void addLogins(TopPicture& picture, const Interval& interval) {
  constexpr const char* kDecisions = "vestibule_jit_decisions_total";
  constexpr const char* kRefusals = "vestibule_jit_refusals_total";
  const auto& after = interval.after();
  for (const auto& name : after.valuesOf(kDecisions, "identity_provider")) {
    TopPicture::Provider provider{name, {}};
    for (const auto& outcome : after.valuesOf(kDecisions, "outcome")) {
      const double rate =
          interval.rate(kDecisions, {{"identity_provider", name}, {"outcome", outcome}});
      if (rate > 0) provider.outcomes.emplace_back(outcome, rate);
    }
    if (!provider.outcomes.empty()) picture.providers.push_back(std::move(provider));
  }
  for (const auto& name : after.valuesOf(kRefusals, "identity_provider")) {
    for (const auto& code : after.valuesOf(kRefusals, "code")) {
      const double rate = interval.rate(kRefusals, {{"identity_provider", name}, {"code", code}});
      if (rate > 0) picture.refusals.push_back({name, code, rate});
    }
  }
  std::stable_sort(picture.refusals.begin(), picture.refusals.end(),
                   [](const auto& a, const auto& b) { return a.rate > b.rate; });
}

}  // namespace

TopPicture pictureOf(const Interval& interval, double now) {
  const Scrape& after = interval.after();
  TopPicture picture;
  const auto versions = after.valuesOf("vestibule_build_info", "version");
  if (!versions.empty()) picture.version = *versions.begin();
  if (const auto start = after.sum("process_start_time_seconds")) {
    picture.uptime = std::max(0.0, now - *start);
  }
  picture.memory = after.sum("process_resident_memory_bytes");
  if (after.sum("process_cpu_seconds_total")) {
    picture.cpu = interval.rate("process_cpu_seconds_total");
  }
  picture.descriptors = after.sum("process_open_fds");
  picture.descriptor_limit = after.sum("process_max_fds");
  // The public one first, as everywhere.
  for (const char* name : {"public", "internal"}) {
    picture.listeners.push_back(listenerOf(interval, name));
  }
  const std::string sessions = "vestibule_database_sessions";
  picture.sessions_in_use = after.sum(sessions, {{"state", "in_use"}});
  picture.sessions_idle = after.sum(sessions, {{"state", "idle"}});
  picture.session_limit = after.sum(sessions + "_limit");
  picture.sessions_awaited = after.sum(sessions + "_awaited");
  picture.session_wait_p95 = interval.quantile(0.95, "vestibule_database_session_wait_seconds");
  picture.reruns = interval.rate("vestibule_database_reruns_total");
  picture.queued = after.sum("vestibule_operations", {{"state", "queued"}});
  picture.running = after.sum("vestibule_operations", {{"state", "running"}});
  picture.dead = after.sum("vestibule_operations", {{"state", "dead"}});
  picture.prompts = after.sum("vestibule_prompts_open");
  picture.routes = routesOf(interval);
  addLogins(picture, interval);
  return picture;
}

}  // namespace vestibule::app
