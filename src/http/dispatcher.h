#pragma once
// From a framed request to the handler that answers it, and from every refusal to an answer.

#include <atomic>
#include <functional>
#include <optional>
#include <string_view>

#include "http/framing.h"
#include "http/router.h"
#include "http/work_queue.h"

namespace vestibule::http {

/// Makes the answer to a request that no handler answers: refusals of the framing (400, 408, 413,
/// 414, 417, 431, 501, 505), 404, 405, 500 and 503. `detail` is a text for the client. `path` is
/// the raw target without its query, or empty where the request could not be read: fit to choose a
/// form by, not to be echoed. Called on any thread.
using ErrorRenderer =
    std::function<Response(int status, std::string_view detail, std::string_view path)>;

/// Finds the handler of each request and has it run. Thread-safe.
class Dispatcher {
 public:
  /// Takes the answer of a worker thread. Must not throw.
  using Late = std::function<void(const Response&)>;

  /// `body_limit` is for routes without one of their own. `queue` must outlive every request.
  Dispatcher(Router router, ErrorRenderer render_error, WorkQueue& queue, std::size_t body_limit);

  /// Answers at once (refusals, unknown paths, OPTIONS, inline routes if `may_run_inline`, a full
  /// queue), or returns nothing and calls `late` exactly once, on a worker thread.
  [[nodiscard]] std::optional<Response> dispatch(FramedRequest framed, bool may_run_inline,
                                                 Late late);

  /// The same, but all of it on a worker thread. Answers at once only when the queue is full.
  [[nodiscard]] std::optional<Response> defer(FramedRequest framed, Late late);

  /// The answer to a request refused.
  [[nodiscard]] Response refuse(const Refusal& refusal, std::string_view path) const;

  /// The most bytes of a body for this raw target.
  [[nodiscard]] std::size_t bodyLimit(Method method, std::string_view target) const;

  /// From now on every request is answered by 503.
  void drain() { draining_.store(true); }
  [[nodiscard]] bool draining() const { return draining_.load(); }

 private:
  class HandlerJob;
  class DeferredJob;

  [[nodiscard]] Response busy(std::string_view path) const;
  [[nodiscard]] Response run(const Route& route, const Request& request,
                             std::string_view path) const;

  const Router router_;
  const ErrorRenderer render_error_;
  WorkQueue& queue_;
  const std::size_t body_limit_;
  std::atomic<bool> draining_{false};
};

}  // namespace vestibule::http
