#include "http/admin_outbound.h"

#include "http/admin_request.h"
#include "http/error_response.h"
#include "http/scim_request.h"
#include "outbound/status.h"
#include "outbound/targets.h"

namespace vestibule::http {
namespace {

constexpr const char* kTargets = "/admin/v1/outbound";
constexpr const char* kTarget = "/admin/v1/outbound/{target}";

using Marked = std::function<void()>;

Response shown(const outbound::TargetView& view) {
  return adminAnswer(200, view.document, view.version);
}

Response shown(const Result<json::Object>& object) {
  return object ? adminAnswer(200, *object) : problem(object.error());
}

Response noContent() {
  Response response;
  response.status = 204;
  return response;
}

Response list(const directory::Context& context) {
  json::Array all;
  for (auto& view : outbound::listTargets(context)) all.emplace_back(std::move(view.document));
  return adminAnswer(200, json::Object{{"targets", std::move(all)}});
}

Response replace(const directory::Context& context, const Request& request, const Caller& caller,
                 const json::Value& body) {
  const auto conditions = readPreconditions(request);
  if (!conditions) return problem(conditions.error());
  const auto name = request.parameter("target");
  if (body.isObject() && body.stringAt("name") != name) {
    return problem(Error{ErrorKind::kInvalidValue,
                         "the document's name is not the one of the path",
                         {},
                         "name",
                         {}});
  }
  const auto applied = outbound::applyTarget(context, body, *conditions, authorOf(request, caller));
  if (!applied) return problem(applied.error());
  if (!applied->created) return shown(applied->view);
  auto response = adminAnswer(201, applied->view.document, applied->view.version);
  response.headers.set("Location", pathOf(kTargets, name));
  return response;
}

Response change(const directory::Context& context, const Request& request, const Caller& caller,
                const json::Value& body) {
  const auto conditions = readPreconditions(request);
  if (!conditions) return problem(conditions.error());
  const auto view = outbound::patchTarget(context, request.parameter("target"), body, *conditions,
                                          authorOf(request, caller));
  return view ? shown(*view) : problem(view.error());
}

Response remove(const directory::Context& context, const Request& request, const Caller& caller) {
  const auto conditions = readPreconditions(request);
  if (!conditions) return problem(conditions.error());
  const auto removed = outbound::removeTarget(context, request.parameter("target"), *conditions,
                                              authorOf(request, caller));
  return removed ? noContent() : problem(removed.error());
}

/// The id in the path, of this kind. Error kNotFound for what can be none.
Result<ResourceId> idOf(const Request& request, ResourceKind kind) {
  const auto id = ResourceId::parse(request.parameter("id"));
  if (id && id->kind() == kind) return *id;
  return failure(ErrorKind::kNotFound, "there is no such resource");
}

Response failed(const directory::Context& context, const Request& request) {
  const auto count = pageSizeOf(request);
  if (!count) return problem(count.error());
  ResourceId after;
  if (const auto text = request.queryValue("after")) {
    const auto id = ResourceId::parse(*text);
    if (!id) {
      return problem(
          Error{ErrorKind::kInvalidValue, "`after` is no id of a resource", {}, "after", {}});
    }
    after = *id;
  }
  return shown(outbound::listFailed(context, request.parameter("target"), after, *count));
}

Response retry(const directory::Context& context, const Request& request,
               const std::optional<ResourceId>& id, const Marked& marked) {
  const auto retried = outbound::retry(context, request.parameter("target"), id);
  if (!retried) return problem(retried.error());
  if (marked) marked();
  return adminAnswer(202, json::Object{{"retried", *retried}});
}

void addSettingsRoutes(Router& router, const directory::Context& context) {
  router.add(Method::kGet, kTargets, sharedOnly(context, [&context](const Request&, const Caller&) {
               return list(context);
             }));
  router.add(Method::kGet, kTarget,
             sharedOnly(context, [&context](const Request& request, const Caller&) {
               const auto view = outbound::findTarget(context, request.parameter("target"));
               return view ? shown(*view) : problem(view.error());
             }));
  router.add(Method::kPut, kTarget,
             sharedWithBody(context, [&context](const Request& request, const Caller& caller,
                                                const json::Value& body) {
               return replace(context, request, caller, body);
             }));
  router.add(Method::kPatch, kTarget,
             sharedWithBody(context, [&context](const Request& request, const Caller& caller,
                                                const json::Value& body) {
               return change(context, request, caller, body);
             }));
  router.add(Method::kDelete, kTarget,
             sharedOnly(context, [&context](const Request& request, const Caller& caller) {
               return remove(context, request, caller);
             }));
}

/// GET of a resource's state and POST of its retry.
void addResourceRoutes(Router& router, const directory::Context& context, const std::string& path,
                       ResourceKind kind, const Marked& marked) {
  router.add(Method::kGet, path,
             sharedOnly(context, [&context, kind](const Request& request, const Caller&) {
               const auto id = idOf(request, kind);
               if (!id) return problem(id.error());
               return shown(outbound::describeResource(context, request.parameter("target"), *id));
             }));
  router.add(Method::kPost, path + "/retry",
             sharedOnly(context, [&context, kind, marked](const Request& request, const Caller&) {
               const auto id = idOf(request, kind);
               return id ? retry(context, request, *id, marked) : problem(id.error());
             }));
}

}  // namespace

void addOutboundRoutes(Router& router, const directory::Context& context,
                       const std::function<void()>& marked) {
  addSettingsRoutes(router, context);
  const std::string target = kTarget;
  router.add(Method::kGet, target + "/status",
             sharedOnly(context, [&context](const Request& request, const Caller&) {
               return shown(outbound::describeTarget(context, request.parameter("target")));
             }));
  router.add(Method::kGet, target + "/failed",
             sharedOnly(context, [&context](const Request& request, const Caller&) {
               return failed(context, request);
             }));
  router.add(Method::kPost, target + "/retry",
             sharedOnly(context, [&context, marked](const Request& request, const Caller&) {
               return retry(context, request, std::nullopt, marked);
             }));
  router.add(Method::kPost, target + "/sync",
             sharedOnly(context, [&context](const Request& request, const Caller&) {
               const auto marks = outbound::syncAll(context, request.parameter("target"));
               return marks ? noContent() : problem(marks.error());
             }));
  const std::string user = target + "/users/{id}";
  addResourceRoutes(router, context, user, ResourceKind::kUser, marked);
  addResourceRoutes(router, context, target + "/groups/{id}", ResourceKind::kGroup, marked);
  router.add(Method::kGet, user + "/explain",
             sharedOnly(context, [&context](const Request& request, const Caller&) {
               const auto id = idOf(request, ResourceKind::kUser);
               if (!id) return problem(id.error());
               return shown(outbound::explainUser(context, request.parameter("target"), *id));
             }));
}

}  // namespace vestibule::http
