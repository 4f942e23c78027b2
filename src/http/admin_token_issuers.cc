#include "directory/token_issuers.h"
#include "http/admin_api.h"
#include "http/admin_request.h"
#include "http/error_response.h"
#include "http/scim_request.h"

namespace vestibule::http {
namespace {

constexpr const char* kIssuers = "/admin/v1/token-issuers";
constexpr const char* kIssuer = "/admin/v1/token-issuers/{name}";

Response shown(const directory::TokenIssuerView& view) {
  return adminAnswer(200, view.document, view.version);
}

Response list(const directory::Context& context) {
  json::Array all;
  for (auto& view : directory::listTokenIssuers(context)) {
    all.emplace_back(std::move(view.document));
  }
  return adminAnswer(200, json::Object{{"tokenIssuers", std::move(all)}});
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
  const auto applied =
      directory::applyTokenIssuer(context, body, *conditions, authorOf(request, caller));
  if (!applied) return problem(applied.error());
  if (!applied->created) return shown(applied->view);
  auto response = adminAnswer(201, applied->view.document, applied->view.version);
  response.headers.set("Location", pathOf(kIssuers, name));
  return response;
}

Response change(const directory::Context& context, const Request& request, const Caller& caller,
                const json::Value& body) {
  const auto conditions = readPreconditions(request);
  if (!conditions) return problem(conditions.error());
  const auto view = directory::patchTokenIssuer(context, request.parameter("name"), body,
                                                *conditions, authorOf(request, caller));
  return view ? shown(*view) : problem(view.error());
}

Response remove(const directory::Context& context, const Request& request, const Caller& caller) {
  const auto conditions = readPreconditions(request);
  if (!conditions) return problem(conditions.error());
  const auto removed = directory::removeTokenIssuer(context, request.parameter("name"), *conditions,
                                                    authorOf(request, caller));
  if (!removed) return problem(removed.error());
  Response response;
  response.status = 204;
  return response;
}

}  // namespace

void addTokenIssuerRoutes(Router& router, const directory::Context& context) {
  router.add(Method::kGet, kIssuers, sharedOnly(context, [&context](const Request&, const Caller&) {
               return list(context);
             }));
  router.add(Method::kGet, kIssuer,
             sharedOnly(context, [&context](const Request& request, const Caller&) {
               const auto view = directory::findTokenIssuer(context, request.parameter("name"));
               return view ? shown(*view) : problem(view.error());
             }));
  router.add(Method::kPut, kIssuer,
             sharedWithBody(context, [&context](const Request& request, const Caller& caller,
                                                const json::Value& body) {
               return replace(context, request, caller, body);
             }));
  router.add(Method::kPatch, kIssuer,
             sharedWithBody(context, [&context](const Request& request, const Caller& caller,
                                                const json::Value& body) {
               return change(context, request, caller, body);
             }));
  router.add(Method::kDelete, kIssuer,
             sharedOnly(context, [&context](const Request& request, const Caller& caller) {
               return remove(context, request, caller);
             }));
}

}  // namespace vestibule::http
