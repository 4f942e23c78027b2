#include "http/dispatcher.h"

#include <exception>
#include <typeinfo>

#include "base/log.h"
#include "http/correlation.h"
#include "http/parked.h"
#include "http/target.h"

namespace vestibule::http {
namespace {

/// Seconds after which a client that was turned away may try again.
constexpr std::string_view kRetryAfter = "1";

constexpr Refusal kBusy{503, "the server is busy"};

using Stage = RequestReport::Stage;

}  // namespace

/// A request on its way through the queue to its handler.
class Dispatcher::HandlerJob final : public Job {
 public:
  HandlerJob(const Dispatcher& dispatcher, const Route& route, Request request, Late late,
             Clock::time_point since)
      : dispatcher_(dispatcher),
        route_(route),
        request_(std::move(request)),
        late_(std::move(late)),
        since_(since) {}

  void run() override {
    const auto begun = Clock::now();
    const auto waited = begun - (parked_ ? *parked_ : since_);
    dispatcher_.spent(parked_ ? Stage::kParked : Stage::kQueue, waited);
    if (route_.options.park && !parked_) return park(begun);
    request_.correlation_id = correlationIdOf(request_);
    const LogScope scope(request_.correlation_id, traceOf(request_));
    Response response = dispatcher_.run(route_, request_);
    const auto made = Clock::now();
    const int status = response.status;
    dispatcher_.spent(Stage::kHandler, made - begun);
    dispatcher_.answered(route_.route_class, status, made - since_);
    late_(std::move(response));
    dispatcher_.spent(Stage::kSend, Clock::now() - made);
    dispatcher_.tell(request_.method, route_.pattern, status, made - since_, scope.caller());
  }
  void drop() override {
    const auto time = Clock::now() - since_;
    dispatcher_.answered(route_.route_class, kBusy.status, time);
    late_(dispatcher_.refuse(kBusy));
    const std::string correlation_id = correlationIdOf(request_);
    const LogScope scope(correlation_id, traceOf(request_));
    dispatcher_.tell(request_.method, route_.pattern, kBusy.status, time);
  }

 private:
  /// Hands everything over to a job that runs when the request is let go.
  void park(Clock::time_point now) {
    auto later = std::make_unique<HandlerJob>(dispatcher_, route_, std::move(request_),
                                              std::move(late_), since_);
    later->parked_ = now;
    const Request& request = later->request_;
    auto parked = std::make_unique<Parked>(std::move(later), dispatcher_.queue_);
    try {
      route_.options.park(request, std::move(parked));
    } catch (...) {
      // What was parked has been let go: the handler runs.
      logEvent(events::kNotParked, {{"route", route_.pattern}});
    }
  }

  const Dispatcher& dispatcher_;
  const Route& route_;
  Request request_;
  Late late_;
  Clock::time_point since_;
  std::optional<Clock::time_point> parked_;
};

/// An answer that needed no handler, on its way to a worker that has the time to send it.
class Dispatcher::ReadyJob final : public Job {
 public:
  ReadyJob(Response response, Late late) : response_(std::move(response)), late_(std::move(late)) {}

  void run() override { late_(std::move(response_)); }
  void drop() override { late_(std::move(response_)); }

 private:
  Response response_;
  Late late_;
};

/// An answer whose client has taken what there was, on its way to a worker that makes more.
class Dispatcher::ResumedJob final : public Job {
 public:
  explicit ResumedJob(std::function<void(bool)> go_on) : go_on_(std::move(go_on)) {}

  void run() override { go_on_(true); }
  void drop() override { go_on_(false); }

 private:
  std::function<void(bool)> go_on_;
};

Dispatcher::Dispatcher(Router router, ErrorRenderer render_error, WorkQueue& queue,
                       std::size_t body_limit, const RequestReport* report)
    : router_(std::move(router)),
      render_error_(std::move(render_error)),
      queue_(queue),
      body_limit_(body_limit),
      report_(report) {}

std::optional<Response> Dispatcher::dispatch(FramedRequest framed, bool may_answer_here,
                                             Late late) {
  const auto since = Clock::now();
  const Method method = framed.request.method;
  auto found = find(framed);
  std::unique_ptr<Job> job;
  const auto count = [&](int status) {
    const auto time = Clock::now() - since;
    answered(found ? (*found)->route_class : RouteClass::kNone, status, time);
    tell(method, found ? (*found)->pattern : std::string_view(), status, time);
  };
  const auto counted = [&](Response response) {
    count(response.status);
    return response;
  };
  const int status = found ? 0 : found.error().status;
  if (!found) {
    if (may_answer_here) return counted(std::move(found.error()));
    job = std::make_unique<ReadyJob>(std::move(found.error()), std::move(late));
  } else {
    const Route& route = **found;
    if (may_answer_here) {
      if (route.options.run_inline) return counted(run(route, framed.request));
      if (auto answer = atHand(route, framed.request)) return counted(*std::move(answer));
    }
    job = std::make_unique<HandlerJob>(*this, route, std::move(framed.request), std::move(late),
                                       since);
  }
  if (!queue_.offer(job)) return counted(refuse(kBusy));
  if (status > 0) count(status);
  return std::nullopt;
}

bool Dispatcher::resume(std::function<void(bool)> go_on) {
  std::unique_ptr<Job> job = std::make_unique<ResumedJob>(std::move(go_on));
  return queue_.resume(job);
}

/// The route of the request, with the request made ready for its handler; where there is none, the
/// answer.
tl::expected<const Route*, Response> Dispatcher::find(FramedRequest& framed) const {
  const auto refused = [this](const Refusal& refusal) {
    return tl::make_unexpected(refuse(refusal));
  };
  if (draining()) return refused({503, "the server is shutting down"});
  auto target = parseTarget(framed.target);
  if (!target) return refused(target.error());
  Request& request = framed.request;
  request.path = std::move(target->path);
  request.query = std::move(target->query);
  // RFC 9112 §3.2.2: the authority of an absolute target takes the place of the Host field.
  if (!target->authority.empty()) request.headers.set("Host", std::move(target->authority));

  auto match = router_.find(request.method, request.path);
  if (match.route == nullptr) {
    if (match.allow.empty()) {
      if (auto answer = router_.strayAnswer(request.path)) {
        return tl::make_unexpected(*std::move(answer));
      }
      return refused({404, "no such path"});
    }
    Response response;
    if (request.method == Method::kOptions) {
      response.status = 204;
    } else {
      response = refuse({405, "the path does not take this method"});
    }
    response.headers.set("Allow", std::move(match.allow));
    return tl::make_unexpected(std::move(response));
  }
  request.parameters = std::move(match.parameters);
  request.route = match.route->pattern;
  return match.route;
}

Response Dispatcher::run(const Route& route, const Request& request) const {
  try {
    return route.handler(request);
  } catch (const std::exception& exception) {
    // Not what(): the text of some exceptions holds the values a statement was run with.
    logEvent(events::kHandlerThrew, {{"method", methodName(route.method)},
                                     {"route", route.pattern},
                                     {"exception", typeid(exception).name()}});
  } catch (...) {
    logEvent(events::kHandlerThrew, {{"method", methodName(route.method)},
                                     {"route", route.pattern},
                                     {"exception", "something that is no exception"}});
  }
  return refuse({500, "internal error"});
}

std::optional<Response> Dispatcher::atHand(const Route& route, const Request& request) {
  if (!route.options.answer_at_hand) return std::nullopt;
  try {
    return route.options.answer_at_hand(request);
  } catch (...) {
    // The handler meets it again, and says so.
    return std::nullopt;
  }
}

void Dispatcher::answered(RouteClass route, int status, RequestReport::Time time) const {
  if (report_ != nullptr) report_->answered(route, status, time);
}

void Dispatcher::spent(RequestReport::Stage stage, RequestReport::Time time) const {
  if (report_ != nullptr) report_->spent(stage, time);
}

void Dispatcher::tell(Method method, std::string_view route, int status, RequestReport::Time time,
                      std::string_view token_id) const {
  if (report_ != nullptr) report_->tell(method, route, status, time, token_id);
}

Response Dispatcher::turnDown(const Refusal& refusal) const {
  answered(RouteClass::kNone, refusal.status, RequestReport::Time::zero());
  return refuse(refusal);
}

Response Dispatcher::refuse(const Refusal& refusal) const {
  Response response;
  try {
    std::string detail(refusal.detail);
    if (refusal.body_limit > 0) {
      detail += ": the limit is " + std::to_string(refusal.body_limit) + " bytes";
    }
    response = render_error_(refusal.status, detail);
  } catch (...) {
    logEvent(events::kRefusalUnmade);
    response = {};
  }
  response.status = refusal.status;
  if (refusal.status == 503 && !response.headers.first("Retry-After")) {
    response.headers.set("Retry-After", std::string(kRetryAfter));
  }
  return response;
}

std::optional<std::size_t> Dispatcher::bodyLimit(Method method, std::string_view target) const {
  const auto parsed = parseTarget(target);
  if (!parsed) return std::nullopt;
  const auto match = router_.find(method, parsed->path);
  if (match.route == nullptr) return std::nullopt;
  const auto of_route = match.route->options.body_limit;
  return of_route > 0 ? of_route : body_limit_;
}

}  // namespace vestibule::http
