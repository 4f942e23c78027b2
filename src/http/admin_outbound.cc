#include "http/admin_outbound.h"

#include "http/admin_request.h"
#include "http/admin_settings.h"
#include "http/error_response.h"
#include "outbound/status.h"
#include "outbound/targets.h"

namespace vestibule::http {
namespace {

using Marked = std::function<void()>;

Response shown(const Result<json::Object>& object) {
  return object ? adminAnswer(200, *object) : problem(object.error());
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
  addSettingsRoutes(
      router, context,
      {.collection = "/admin/v1/outbound", .parameter = "target", .member = "targets"},
      outbound::kTargetSettings);
  const std::string target = "/admin/v1/outbound/{target}";
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
