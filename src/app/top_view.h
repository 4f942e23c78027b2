#pragma once
// What `vestibule top` shows: how a server did between two moments.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/scrape.h"
#include "json/value.h"

namespace vestibule::app {

/// The picture of an interval. Rates are per second, times in seconds; nothing: not known.
struct TopPicture {
  struct Listener {
    std::string name;
    double requests = 0;  ///< rate
    double refused = 0;   ///< rate of 503 for want of room
    std::optional<double> connections, waiting, capacity, running, workers;
  };
  struct Route {
    std::string name;
    double responses = 0;  ///< rate
    double failed = 0;     ///< rate of 5xx
    std::optional<double> p50, p95, p99;
  };
  struct Provider {
    std::string name;
    std::vector<std::pair<std::string, double>> outcomes;  ///< rates, of those that there were
  };
  struct Refusal {
    std::string provider;
    std::string code;
    double rate = 0;
  };

  std::string version;
  std::optional<double> uptime, memory, cpu, descriptors, descriptor_limit;
  std::vector<Listener> listeners;
  std::optional<double> sessions_in_use, sessions_idle, session_limit, sessions_awaited;
  std::optional<double> session_wait_p95;
  double reruns = 0;  ///< rate
  std::optional<double> queued, running, dead, prompts;
  std::vector<Route> routes;        ///< those with answers, the busiest first
  std::vector<Provider> providers;  ///< those with logins, by name
  std::vector<Refusal> refusals;    ///< the most frequent first
};

/// Makes the picture. `now`: in seconds of the epoch.
[[nodiscard]] TopPicture pictureOf(const Interval& interval, double now);

/// The picture for programs: nothing as null.
[[nodiscard]] json::Object describe(const TopPicture& picture);

/// The picture for people: lines that each end in `\n`.
[[nodiscard]] std::string show(const TopPicture& picture);

}  // namespace vestibule::app
