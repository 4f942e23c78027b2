#include <charconv>

#include "feed/event_keys.h"
#include "feed/streams.h"
#include "http/admin_api.h"
#include "http/admin_request.h"
#include "http/admin_settings.h"
#include "http/error_response.h"

namespace vestibule::http {
namespace {

constexpr const char* kStatus = "/admin/v1/event-streams/{name}/status";
constexpr const char* kDead = "/admin/v1/event-streams/{name}/dead";
constexpr const char* kRedeliver = "/admin/v1/event-streams/{name}/redeliver";
constexpr const char* kDeadEvent = "/admin/v1/event-streams/{name}/dead/{id}";
constexpr const char* kRedeliverOne = "/admin/v1/event-streams/{name}/dead/{id}/redeliver";
constexpr const char* kRotateKey = "/admin/v1/event-keys/rotate";

Response dead(const directory::Context& context, const Request& request) {
  const auto count = pageSizeOf(request);
  if (!count) return problem(count.error());
  std::uint64_t after = 0;
  if (const auto text = request.queryValue("after")) {
    const char* const end = text->data() + text->size();
    const auto read = std::from_chars(text->data(), end, after);
    if (read.ec != std::errc() || read.ptr != end) {
      return problem(
          Error{ErrorKind::kInvalidValue, "after is the `next` of a page", {}, "after", {}});
    }
  }
  auto page = feed::deadEvents(context, request.parameter("name"), after, *count);
  if (!page) return problem(page.error());
  json::Array events(std::make_move_iterator(page->events.begin()),
                     std::make_move_iterator(page->events.end()));
  json::Object body{{"events", std::move(events)}};
  if (page->next) body.set("next", std::to_string(*page->next));
  return adminAnswer(200, body);
}

Response redeliver(const directory::Context& context, const Request& request, const Caller& caller,
                   const std::optional<std::string>& id) {
  const auto sent =
      feed::redeliver(context, request.parameter("name"), id, authorOf(request, caller));
  if (!sent) return problem(sent.error());
  return adminAnswer(200, json::Object{{"redelivered", *sent}});
}

Response rotateKey(const directory::Context& context, const Request& request,
                   const Caller& caller) {
  auto rotation = feed::KeyRotation::kOverlapping;
  if (const auto text = request.queryValue("now"); text == "true") {
    rotation = feed::KeyRotation::kAtOnce;
  } else if (text && *text != "false") {
    return problem(Error{ErrorKind::kInvalidValue, "now is true or false", {}, "now", {}});
  }
  const auto rotated = feed::rotateEventKey(context, rotation, authorOf(request, caller));
  return rotated ? noContent() : problem(rotated.error());
}

void addDeadRoutes(Router& router, const directory::Context& context) {
  router.add(Method::kGet, kDead,
             sharedOnly(context, [&context](const Request& request, const Caller&) {
               return dead(context, request);
             }));
  router.add(Method::kPost, kRedeliver,
             sharedOnly(context, [&context](const Request& request, const Caller& caller) {
               return redeliver(context, request, caller, std::nullopt);
             }));
  router.add(Method::kPost, kRedeliverOne,
             sharedOnly(context, [&context](const Request& request, const Caller& caller) {
               return redeliver(context, request, caller, std::string(request.parameter("id")));
             }));
  router.add(Method::kDelete, kDeadEvent,
             sharedOnly(context, [&context](const Request& request, const Caller& caller) {
               const auto dropped =
                   feed::dropEvent(context, request.parameter("name"),
                                   std::string(request.parameter("id")), authorOf(request, caller));
               return dropped ? noContent() : problem(dropped.error());
             }));
}

}  // namespace

void addEventStreamRoutes(Router& router, const directory::Context& context) {
  addSettingsRoutes(
      router, context,
      {.collection = "/admin/v1/event-streams", .parameter = "name", .member = "eventStreams"},
      feed::kStreamSettings);
  router.add(Method::kGet, kStatus,
             sharedOnly(context, [&context](const Request& request, const Caller&) {
               const auto status = feed::streamStatus(context, request.parameter("name"));
               return status ? adminAnswer(200, *status) : problem(status.error());
             }));
  addDeadRoutes(router, context);
  router.add(Method::kPost, kRotateKey,
             sharedOnly(context, [&context](const Request& request, const Caller& caller) {
               return rotateKey(context, request, caller);
             }));
}

}  // namespace vestibule::http
