#pragma once
// What requests came to and how long they took, told to operators.

#include <chrono>

#include "base/metrics.h"
#include "http/route_class.h"

namespace vestibule::http {

/// Counts and times answers. Thread-safe; one answer costs some ten relaxed additions.
class RequestReport {
 public:
  using Clock = std::chrono::steady_clock;
  using Time = std::chrono::nanoseconds;

  /// The parts of a request's time.
  enum class Stage : std::uint8_t {
    kQueue,    ///< complete, until a worker takes it
    kParked,   ///< waits for the end of an operation, without a worker
    kHandler,  ///< until the answer is made
    kSend,     ///< until it is sealed and with the socket, or with whoever waits for room there
  };

  /// Adds `vestibule_responses_total`, `vestibule_request_duration_seconds` and
  /// `vestibule_request_stage_duration_seconds` to `metrics`, which must outlive this. `logs`: each
  /// request has a line in the log.
  explicit RequestReport(Metrics& metrics, bool logs = false);

  /// A request was answered with this status, so long after it was complete.
  void answered(RouteClass route, int status, Time time) const;

  /// Logs a request that was answered, if each is: the pattern of its route (empty: none), status
  /// and time, and the token (empty: none was looked at); within the LogScope that names it.
  void tell(Method method, std::string_view route, int status, Time time,
            std::string_view token_id) const;

  /// A request of any class spent so long in a stage.
  void spent(Stage stage, Time time) const {
    stages_.observe(static_cast<std::size_t>(stage), time);
  }

 private:
  Counter& responses_;
  Histogram& durations_;
  Histogram& stages_;
  const bool logs_;
};

}  // namespace vestibule::http
