#pragma once
// From a framed request to the handler that answers it, and from every refusal to an answer.

#include <atomic>
#include <functional>
#include <optional>
#include <string_view>
#include <tl/expected.hpp>

#include "http/framing.h"
#include "http/request_report.h"
#include "http/router.h"
#include "http/work_queue.h"

namespace vestibule::http {

/// Makes the answer to a request that no handler answers: refusals of the framing (400, 408, 413,
/// 414, 417, 431, 501, 505), 404, 405, 500 and 503. `detail` is a text for the client. Called on
/// any thread.
using ErrorRenderer = std::function<Response(int status, std::string_view detail)>;

/// Finds the handler of each request and has it run. Thread-safe.
class Dispatcher {
 public:
  /// Takes the answer of a worker thread. Must not throw.
  using Late = std::function<void(Response)>;

  /// `body_limit` is for routes without one of their own. `queue` and `report` must outlive every
  /// request; without a report nothing is counted.
  Dispatcher(Router router, ErrorRenderer render_error, WorkQueue& queue, std::size_t body_limit,
             const RequestReport* report = nullptr);

  /// Answers at once, or returns nothing and calls `late` exactly once, on a worker thread. At once
  /// answers a full queue, and with `may_answer_here` what needs no worker: refusals, unknown
  /// paths, OPTIONS, inline routes and answers at hand.
  [[nodiscard]] std::optional<Response> dispatch(FramedRequest framed, bool may_answer_here,
                                                 Late late);

  /// Has an answer gone on with on a worker thread. `go_on` is called there once, with false when
  /// the server stops or it threw. False, without a call, when the server has stopped.
  [[nodiscard]] bool resume(std::function<void(bool running)> go_on);

  /// The answer to what is refused before it is a complete request.
  [[nodiscard]] Response turnDown(const Refusal& refusal) const;

  /// The answer to a request refused. Counts nothing.
  [[nodiscard]] Response refuse(const Refusal& refusal) const;

  /// The most bytes of a body for this raw target; nothing when no handler would take it.
  [[nodiscard]] std::optional<std::size_t> bodyLimit(Method method, std::string_view target) const;

  /// From now on every new request is answered by 503; those that were accepted are run.
  void drain() { draining_.store(true); }
  [[nodiscard]] bool draining() const { return draining_.load(); }

 private:
  class HandlerJob;
  class ReadyJob;
  class ResumedJob;

  [[nodiscard]] tl::expected<const Route*, Response> find(FramedRequest& framed) const;
  [[nodiscard]] Response run(const Route& route, const Request& request) const;
  [[nodiscard]] static std::optional<Response> atHand(const Route& route, const Request& request);
  using Clock = RequestReport::Clock;
  void answered(RouteClass route, int status, RequestReport::Time time) const;
  void tell(Method method, std::string_view route, int status, RequestReport::Time time,
            std::string_view token_id = {}) const;
  void spent(RequestReport::Stage stage, RequestReport::Time time) const;

  const Router router_;
  const ErrorRenderer render_error_;
  WorkQueue& queue_;
  const std::size_t body_limit_;
  const RequestReport* const report_;
  std::atomic<bool> draining_{false};
};

}  // namespace vestibule::http
