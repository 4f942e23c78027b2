#include <charconv>

#include "feed/event_keys.h"
#include "feed/streams.h"
#include "http/admin_api.h"
#include "http/admin_request.h"
#include "http/error_response.h"
#include "http/scim_request.h"

namespace vestibule::http {
namespace {

constexpr const char* kStreams = "/admin/v1/event-streams";
constexpr const char* kStream = "/admin/v1/event-streams/{name}";
constexpr const char* kStatus = "/admin/v1/event-streams/{name}/status";
constexpr const char* kDead = "/admin/v1/event-streams/{name}/dead";
constexpr const char* kRedeliver = "/admin/v1/event-streams/{name}/redeliver";
constexpr const char* kDeadEvent = "/admin/v1/event-streams/{name}/dead/{id}";
constexpr const char* kRedeliverOne = "/admin/v1/event-streams/{name}/dead/{id}/redeliver";
constexpr const char* kRotateKey = "/admin/v1/event-keys/rotate";

Response shown(const feed::StreamView& view) {
  return adminAnswer(200, view.document, view.version);
}

Response done() {
  Response response;
  response.status = 204;
  return response;
}

Response list(const directory::Context& context) {
  json::Array all;
  for (auto& view : feed::listStreams(context)) all.emplace_back(std::move(view.document));
  return adminAnswer(200, json::Object{{"eventStreams", std::move(all)}});
}

Response replace(const directory::Context& context, const Request& request, const Caller& caller,
                 const json::Value& body) {
  const auto conditions = readPreconditions(request);
  if (!conditions) return problem(conditions.error());
  const auto name = request.parameter("name");
  if (body.isObject() && body.stringAt("name") != name) {
    return problem(Error{ErrorKind::kInvalidValue,
                         "the document's name is not the one of the path",
                         {},
                         "name",
                         {}});
  }
  const auto applied = feed::applyStream(context, body, *conditions, authorOf(request, caller));
  if (!applied) return problem(applied.error());
  if (!applied->created) return shown(applied->view);
  auto response = adminAnswer(201, applied->view.document, applied->view.version);
  response.headers.set("Location", pathOf(kStreams, name));
  return response;
}

Response change(const directory::Context& context, const Request& request, const Caller& caller,
                const json::Value& body) {
  const auto conditions = readPreconditions(request);
  if (!conditions) return problem(conditions.error());
  const auto view = feed::patchStream(context, request.parameter("name"), body, *conditions,
                                      authorOf(request, caller));
  return view ? shown(*view) : problem(view.error());
}

Response remove(const directory::Context& context, const Request& request, const Caller& caller) {
  const auto conditions = readPreconditions(request);
  if (!conditions) return problem(conditions.error());
  const auto removed = feed::removeStream(context, request.parameter("name"), *conditions,
                                          authorOf(request, caller));
  return removed ? done() : problem(removed.error());
}

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
               return dropped ? done() : problem(dropped.error());
             }));
}

}  // namespace

void addEventStreamRoutes(Router& router, const directory::Context& context) {
  router.add(Method::kGet, kStreams, sharedOnly(context, [&context](const Request&, const Caller&) {
               return list(context);
             }));
  router.add(Method::kGet, kStream,
             sharedOnly(context, [&context](const Request& request, const Caller&) {
               const auto view = feed::findStream(context, request.parameter("name"));
               return view ? shown(*view) : problem(view.error());
             }));
  router.add(Method::kPut, kStream,
             sharedWithBody(context, [&context](const Request& request, const Caller& caller,
                                                const json::Value& body) {
               return replace(context, request, caller, body);
             }));
  router.add(Method::kPatch, kStream,
             sharedWithBody(context, [&context](const Request& request, const Caller& caller,
                                                const json::Value& body) {
               return change(context, request, caller, body);
             }));
  router.add(Method::kDelete, kStream,
             sharedOnly(context, [&context](const Request& request, const Caller& caller) {
               return remove(context, request, caller);
             }));
  router.add(Method::kGet, kStatus,
             sharedOnly(context, [&context](const Request& request, const Caller&) {
               const auto status = feed::streamStatus(context, request.parameter("name"));
               return status ? adminAnswer(200, *status) : problem(status.error());
             }));
  addDeadRoutes(router, context);
  router.add(Method::kPost, kRotateKey,
             sharedOnly(context, [&context](const Request& request, const Caller& caller) {
               const auto rotated = feed::rotateEventKey(context, authorOf(request, caller));
               return rotated ? done() : problem(rotated.error());
             }));
}

}  // namespace vestibule::http
