#include "http/dispatcher.h"

#include <exception>
#include <typeinfo>

#include "base/log.h"
#include "http/target.h"

namespace vestibule::http {
namespace {

/// Seconds after which a client that was turned away may try again.
constexpr std::string_view kRetryAfter = "1";

std::string_view withoutQuery(std::string_view target) {
  return target.substr(0, target.find('?'));
}

}  // namespace

/// A request on its way through the queue.
class Dispatcher::HandlerJob final : public Job {
 public:
  HandlerJob(const Dispatcher& dispatcher, const Route& route, Request request, std::string path,
             Late late)
      : dispatcher_(dispatcher),
        route_(route),
        request_(std::move(request)),
        path_(std::move(path)),
        late_(std::move(late)) {}

  void run() override { late_(dispatcher_.run(route_, request_, path_)); }
  void drop() override { late_(dispatcher_.busy(path_)); }

 private:
  const Dispatcher& dispatcher_;
  const Route& route_;
  Request request_;
  std::string path_;
  Late late_;
};

/// A request that has not been looked at yet on its way through the queue.
class Dispatcher::DeferredJob final : public Job {
 public:
  DeferredJob(Dispatcher& dispatcher, FramedRequest framed, Late late)
      : dispatcher_(dispatcher), framed_(std::move(framed)), late_(std::move(late)) {}

  void run() override {
    if (auto ready = dispatcher_.dispatch(std::move(framed_), true, late_)) late_(*ready);
  }
  void drop() override { late_(dispatcher_.busy(withoutQuery(framed_.target))); }

 private:
  Dispatcher& dispatcher_;
  FramedRequest framed_;
  Late late_;
};

Dispatcher::Dispatcher(Router router, ErrorRenderer render_error, WorkQueue& queue,
                       std::size_t body_limit)
    : router_(std::move(router)),
      render_error_(std::move(render_error)),
      queue_(queue),
      body_limit_(body_limit) {}

std::optional<Response> Dispatcher::dispatch(FramedRequest framed, bool may_run_inline, Late late) {
  const auto raw_path = withoutQuery(framed.target);
  if (draining()) {
    return refuse({503, "the server is shutting down"}, raw_path);
  }
  auto target = parseTarget(framed.target);
  if (!target) return refuse(target.error(), raw_path);
  Request& request = framed.request;
  request.path = std::move(target->path);
  request.query = std::move(target->query);
  // RFC 9112 §3.2.2: the authority of an absolute target takes the place of the Host field.
  if (!target->authority.empty()) request.headers.set("Host", std::move(target->authority));

  auto match = router_.find(request.method, request.path);
  if (match.route == nullptr) {
    if (match.allow.empty()) return refuse({404, "no such path"}, raw_path);
    Response response;
    if (request.method == Method::kOptions) {
      response.status = 204;
    } else {
      response = refuse({405, "the path does not take this method"}, raw_path);
    }
    response.headers.set("Allow", std::move(match.allow));
    return response;
  }
  request.parameters = std::move(match.parameters);
  if (match.route->options.run_inline && may_run_inline) {
    return run(*match.route, request, raw_path);
  }
  std::unique_ptr<Job> job = std::make_unique<HandlerJob>(*this, *match.route, std::move(request),
                                                          std::string(raw_path), std::move(late));
  if (queue_.offer(job)) return std::nullopt;
  return busy(raw_path);
}

std::optional<Response> Dispatcher::defer(FramedRequest framed, Late late) {
  const std::string target = framed.target;
  std::unique_ptr<Job> job =
      std::make_unique<DeferredJob>(*this, std::move(framed), std::move(late));
  if (queue_.offer(job)) return std::nullopt;
  return busy(withoutQuery(target));
}

Response Dispatcher::busy(std::string_view path) const {
  return refuse({503, "the server is busy"}, path);
}

Response Dispatcher::run(const Route& route, const Request& request, std::string_view path) const {
  try {
    return route.handler(request);
  } catch (const std::exception& exception) {
    // Not what(): the text of some exceptions holds the values a statement was run with.
    spdlog::error("the handler of {} {} threw {}", methodName(route.method), route.pattern,
                  typeid(exception).name());
  } catch (...) {
    spdlog::error("the handler of {} {} threw something that is no exception",
                  methodName(route.method), route.pattern);
  }
  return refuse({500, "internal error"}, path);
}

Response Dispatcher::refuse(const Refusal& refusal, std::string_view path) const {
  Response response;
  try {
    response = render_error_(refusal.status, refusal.detail, path);
  } catch (...) {
    spdlog::error("the answer to a refusal could not be made");
    response = {};
  }
  response.status = refusal.status;
  if (refusal.status == 503 && !response.headers.first("Retry-After")) {
    response.headers.set("Retry-After", std::string(kRetryAfter));
  }
  return response;
}

std::size_t Dispatcher::bodyLimit(Method method, std::string_view target) const {
  if (const auto parsed = parseTarget(target)) {
    const auto match = router_.find(method, parsed->path);
    if (match.route != nullptr && match.route->options.body_limit > 0) {
      return match.route->options.body_limit;
    }
  }
  return body_limit_;
}

}  // namespace vestibule::http
