#include "http/event_api.h"

#include <chrono>
#include <utility>

#include "feed/poll.h"
#include "http/admin_request.h"
#include "http/authentication.h"
#include "http/error_response.h"
#include "http/scim_request.h"
#include "json/write.h"

namespace vestibule::http {
namespace {

/// How long a poll waits.
constexpr std::chrono::seconds kLongestWait{30};

using Stream = std::shared_ptr<const directory::EventStream>;

class EventApi {
 public:
  EventApi(const directory::Context& context, const EventApiParts& parts)
      : context_(context), parts_(parts) {}

  Response keys() const {
    const auto ring = parts_.source.keys().current();
    if (!ring) return problem(ring.error());
    Response response;
    response.headers.set("Content-Type", "application/jwk-set+json");
    response.headers.set("Cache-Control", "max-age=" + std::to_string(feed::kKeySetAge.count()));
    response.body = json::write((*ring)->keySet());
    return response;
  }

  /// Whatever is not to be waited for is answered by `poll`, errors too.
  void park(const Request& request, std::unique_ptr<Parked> parked) const {
    if (parts_.waits == nullptr) return;
    const auto since = EventWaits::Clock::now();
    auto caller = identify(request, context_);
    if (caller) caller = requireScope(*std::move(caller), directory::Scope::kEventsRead);
    if (!caller) return;
    const auto stream =
        feed::pollableStream(context_, *caller->principal, request.parameter("name"));
    const auto asked = stream ? read(request) : Result<feed::PollRequest>();
    if (!stream || !asked || asked->return_immediately || asked->max_events == 0) return;
    // First what the receiver has: else that is what it would get at once. `poll` does so again,
    // which is harmless.
    if (!feed::settle(context_, parts_.metrics, **stream, *asked)) return;
    auto& database = *context_.database;
    const auto waiting = database.read([&](store::Session& session) {
      return store::streamsWithWaiting(session, database.controlSchema(), {(*stream)->number});
    });
    if (!waiting || (!waiting->empty() && !(*stream)->paused)) return;
    parts_.waits->add((*stream)->number, since + kLongestWait, std::move(parked));
  }

  Response poll(const Request& request) const {
    const auto caller = authorize(request, context_, directory::Scope::kEventsRead);
    if (!caller) return problem(caller.error());
    const auto stream =
        feed::pollableStream(context_, *caller->principal, request.parameter("name"));
    if (!stream) return problem(stream.error());
    if (!isJsonContent(request)) {
      return problemRefusal(415, "the body must be application/json in UTF-8, not encoded");
    }
    const auto asked = read(request);
    if (!asked) return problem(asked.error());
    if (auto settled = feed::settle(context_, parts_.metrics, **stream, *asked); !settled) {
      return problem(settled.error());
    }
    auto events = feed::waitingEvents(context_, parts_.source, **stream, asked->max_events);
    if (!events) return problem(events.error());
    auto response = adminAnswer(200, *std::move(events));
    response.headers.set("Cache-Control", "no-store");
    return response;
  }

 private:
  static Result<feed::PollRequest> read(const Request& request) {
    const auto body = readJsonBody(request);
    if (!body) return tl::make_unexpected(body.error());
    return feed::readPollRequest(*body);
  }

  const directory::Context& context_;
  const EventApiParts parts_;
};

}  // namespace

void addEventRoutes(Router& router, const directory::Context& context, const EventApiParts& parts) {
  const auto api = std::make_shared<const EventApi>(context, parts);
  router.add(Method::kGet, "/events/v1/keys", [api](const Request&) { return api->keys(); });
  RouteOptions route;
  route.park = [api](const Request& request, std::unique_ptr<Parked> parked) {
    api->park(request, std::move(parked));
  };
  router.add(
      Method::kPost, "/events/v1/streams/{name}/poll",
      [api](const Request& request) { return api->poll(request); }, route);
}

}  // namespace vestibule::http
