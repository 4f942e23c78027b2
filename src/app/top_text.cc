// The picture of `vestibule top` for people and for programs.

#include <fmt/format.h>

#include <cmath>

#include "app/top_view.h"
#include "base/log.h"

namespace vestibule::app {
namespace {

/// Rows of each list that people are shown.
constexpr std::size_t kMostRows = 12;

json::Value numberOf(const std::optional<double>& value) {
  if (!value || !std::isfinite(*value)) return nullptr;
  return *value;
}

std::string count(const std::optional<double>& value) {
  return value ? fmt::format("{:.0f}", *value) : "-";
}

std::string milliseconds(const std::optional<double>& seconds) {
  constexpr double kPerSecond = 1e3;
  return seconds ? fmt::format("{:.2f} ms", *seconds * kPerSecond) : "-";
}

std::string uptime(const std::optional<double>& value) {
  if (!value) return "-";
  constexpr long kMinute = 60;
  constexpr long kHour = 3'600;
  constexpr long kDay = 86'400;
  const auto seconds = static_cast<long>(*value);
  if (seconds >= kDay) return fmt::format("{} d {} h", seconds / kDay, seconds % kDay / kHour);
  if (seconds >= kHour)
    return fmt::format("{} h {} min", seconds / kHour, seconds % kHour / kMinute);
  if (seconds >= kMinute) return fmt::format("{} min", seconds / kMinute);
  return fmt::format("{} s", seconds);
}

std::string processLine(const TopPicture& picture) {
  constexpr double kMebibyte = 1024.0 * 1024.0;
  constexpr double kPercent = 100;
  std::string line =
      fmt::format("vestibule {}  up {}", printable(picture.version, 40), uptime(picture.uptime));
  if (picture.cpu) line += fmt::format("  cpu {:.1f} %", *picture.cpu * kPercent);
  if (picture.memory) line += fmt::format("  memory {:.0f} MiB", *picture.memory / kMebibyte);
  return line + fmt::format("  descriptors {} of {}\n", count(picture.descriptors),
                            count(picture.descriptor_limit));
}

void appendRoutes(std::string& out, const TopPicture& picture) {
  out += fmt::format("\n{:<18}{:>10}{:>10}{:>13}{:>13}{:>13}\n", "route", "per s", "5xx per s",
                     "p50", "p95", "p99");
  for (const auto& route : picture.routes) {
    out += fmt::format("{:<18}{:>10.1f}{:>10.1f}{:>13}{:>13}{:>13}\n", printable(route.name, 18),
                       route.responses, route.failed, milliseconds(route.p50),
                       milliseconds(route.p95), milliseconds(route.p99));
  }
}

void appendLogins(std::string& out, const TopPicture& picture) {
  if (!picture.providers.empty()) out += "\nlogins per s\n";
  for (std::size_t i = 0; i < picture.providers.size() && i < kMostRows; ++i) {
    const auto& provider = picture.providers[i];
    out += fmt::format("{:<30}", printable(provider.name, 28));
    for (const auto& [outcome, rate] : provider.outcomes) {
      out += fmt::format("  {} {:.1f}", printable(outcome, 20), rate);
    }
    out += '\n';
  }
  if (!picture.refusals.empty()) out += "\nrefusals per s\n";
  for (std::size_t i = 0; i < picture.refusals.size() && i < kMostRows; ++i) {
    const auto& refusal = picture.refusals[i];
    out += fmt::format("{:<30}  {} {:.1f}\n", printable(refusal.provider, 28),
                       printable(refusal.code, 20), refusal.rate);
  }
}

}  // namespace

std::string show(const TopPicture& picture) {
  std::string out = processLine(picture);
  for (const auto& listener : picture.listeners) {
    out += fmt::format(
        "{:<10}{:>9.1f} requests/s  {:>6.1f} refused/s  {} connections  queue {} of {}  workers {} "
        "of {}\n",
        listener.name, listener.requests, listener.refused, count(listener.connections),
        count(listener.waiting), count(listener.capacity), count(listener.running),
        count(listener.workers));
  }
  out += fmt::format(
      "database   {} in use, {} idle of {} sessions  {} waiting  wait p95 {}  {:.1f} reruns/s\n",
      count(picture.sessions_in_use), count(picture.sessions_idle), count(picture.session_limit),
      count(picture.sessions_awaited), milliseconds(picture.session_wait_p95), picture.reruns);
  out += fmt::format("logins     {} queued, {} running, {} dead operations  {} open prompts\n",
                     count(picture.queued), count(picture.running), count(picture.dead),
                     count(picture.prompts));
  appendRoutes(out, picture);
  appendLogins(out, picture);
  return out;
}

json::Object describe(const TopPicture& picture) {
  json::Array listeners;
  for (const auto& listener : picture.listeners) {
    listeners.emplace_back(json::Object{{"name", listener.name},
                                        {"requestsPerSecond", numberOf(listener.requests)},
                                        {"refusedPerSecond", numberOf(listener.refused)},
                                        {"connections", numberOf(listener.connections)},
                                        {"waiting", numberOf(listener.waiting)},
                                        {"capacity", numberOf(listener.capacity)},
                                        {"running", numberOf(listener.running)},
                                        {"workers", numberOf(listener.workers)}});
  }
  json::Array routes;
  for (const auto& route : picture.routes) {
    routes.emplace_back(json::Object{{"name", route.name},
                                     {"responsesPerSecond", numberOf(route.responses)},
                                     {"failedPerSecond", numberOf(route.failed)},
                                     {"p50", numberOf(route.p50)},
                                     {"p95", numberOf(route.p95)},
                                     {"p99", numberOf(route.p99)}});
  }
  json::Array providers;
  for (const auto& provider : picture.providers) {
    json::Object outcomes;
    for (const auto& [outcome, rate] : provider.outcomes) outcomes.set(outcome, numberOf(rate));
    providers.emplace_back(
        json::Object{{"name", provider.name}, {"perSecond", std::move(outcomes)}});
  }
  json::Array refusals;
  for (const auto& refusal : picture.refusals) {
    refusals.emplace_back(json::Object{{"identityProvider", refusal.provider},
                                       {"code", refusal.code},
                                       {"perSecond", numberOf(refusal.rate)}});
  }
  return {{"version", picture.version},
          {"process", json::Object{{"uptime", numberOf(picture.uptime)},
                                   {"memory", numberOf(picture.memory)},
                                   {"cpu", numberOf(picture.cpu)},
                                   {"descriptors", numberOf(picture.descriptors)},
                                   {"descriptorLimit", numberOf(picture.descriptor_limit)}}},
          {"listeners", std::move(listeners)},
          {"database", json::Object{{"inUse", numberOf(picture.sessions_in_use)},
                                    {"idle", numberOf(picture.sessions_idle)},
                                    {"limit", numberOf(picture.session_limit)},
                                    {"awaited", numberOf(picture.sessions_awaited)},
                                    {"waitP95", numberOf(picture.session_wait_p95)},
                                    {"rerunsPerSecond", numberOf(picture.reruns)}}},
          {"operations", json::Object{{"queued", numberOf(picture.queued)},
                                      {"running", numberOf(picture.running)},
                                      {"dead", numberOf(picture.dead)}}},
          {"promptsOpen", numberOf(picture.prompts)},
          {"routes", std::move(routes)},
          {"logins", std::move(providers)},
          {"refusals", std::move(refusals)}};
}

}  // namespace vestibule::app
