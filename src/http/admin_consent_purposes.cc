#include "http/admin_api.h"
#include "http/admin_request.h"
#include "http/error_response.h"
#include "http/scim_request.h"

namespace vestibule::http {
namespace {

constexpr const char* kPurposes = "/admin/v1/consent-purposes";
constexpr const char* kPurpose = "/admin/v1/consent-purposes/{name}";
constexpr const char* kVersions = "/admin/v1/consent-purposes/{name}/versions";

tl::unexpected<Error> wrong(std::string attribute, std::string detail) {
  return failure(ErrorKind::kInvalidValue, std::move(detail), std::move(attribute));
}

Result<bool> isEditorial(const Request& request) {
  const auto text = request.queryValue("editorial");
  if (!text || *text == "false") return false;
  if (*text == "true") return true;
  return wrong("editorial", "editorial is true or false");
}

/// What a save says beside its body.
Result<jit::PurposeChange> changeIn(const Request& request, const Caller& caller) {
  jit::PurposeChange change;
  auto conditions = readPreconditions(request);
  if (!conditions) return propagate(conditions);
  change.conditions = *std::move(conditions);
  auto editorial = isEditorial(request);
  if (!editorial) return propagate(editorial);
  change.editorial = *editorial;
  change.author = authorOf(request, caller);
  return change;
}

Response shown(const jit::ConsentPurposeView& view) {
  return adminAnswer(200, view.document, view.version);
}

/// 201 with the address of what was made.
Response made(const jit::ConsentPurposeView& view) {
  auto response = adminAnswer(201, view.document, view.version);
  response.headers.set("Location", pathOf(kPurposes, *view.document.find("name")->string()));
  return response;
}

Response replace(jit::ConsentPurposes& purposes, const Request& request, const Caller& caller,
                 const json::Value& body) {
  const auto change = changeIn(request, caller);
  if (!change) return problem(change.error());
  if (body.isObject() && body.stringAt("name") != request.parameter("name")) {
    return problem(wrong("name", "the document's name is not the one of the path").value());
  }
  const auto applied = purposes.apply(body, *change);
  if (!applied) return problem(applied.error());
  return applied->created ? made(applied->view) : shown(applied->view);
}

Response patch(jit::ConsentPurposes& purposes, const Request& request, const Caller& caller,
               const json::Value& body) {
  const auto change = changeIn(request, caller);
  if (!change) return problem(change.error());
  const auto view = purposes.patch(request.parameter("name"), body, *change);
  return view ? shown(*view) : problem(view.error());
}

Response remove(jit::ConsentPurposes& purposes, const Request& request, const Caller& caller) {
  const auto conditions = readPreconditions(request);
  if (!conditions) return problem(conditions.error());
  const auto removed =
      purposes.remove(request.parameter("name"), *conditions, authorOf(request, caller));
  return removed ? noContent() : problem(removed.error());
}

Response versions(const jit::ConsentPurposes& purposes, const Request& request) {
  const auto found = purposes.versions(request.parameter("name"));
  if (!found) return problem(found.error());
  json::Array all;
  for (const auto& version : *found) all.emplace_back(jit::describe(version));
  return adminAnswer(200, json::Object{{"versions", std::move(all)}});
}

}  // namespace

void addConsentPurposeRoutes(Router& router, const directory::Context& context,
                             jit::ConsentPurposes& purposes) {
  router.add(Method::kGet, kPurposes,
             sharedOnly(context, [&purposes](const Request&, const Caller&) {
               json::Array all;
               for (auto& view : purposes.list()) all.emplace_back(std::move(view.document));
               return adminAnswer(200, json::Object{{"consentPurposes", std::move(all)}});
             }));
  router.add(Method::kPost, kPurposes,
             sharedWithBody(context, [&purposes](const Request& request, const Caller& caller,
                                                 const json::Value& body) {
               const auto view = purposes.create(body, authorOf(request, caller));
               return view ? made(*view) : problem(view.error());
             }));
  router.add(Method::kGet, kPurpose,
             sharedOnly(context, [&purposes](const Request& request, const Caller&) {
               const auto view = purposes.get(request.parameter("name"));
               return view ? shown(*view) : problem(view.error());
             }));
  router.add(Method::kPut, kPurpose,
             sharedWithBody(context, [&purposes](const Request& request, const Caller& caller,
                                                 const json::Value& body) {
               return replace(purposes, request, caller, body);
             }));
  router.add(Method::kPatch, kPurpose,
             sharedWithBody(context, [&purposes](const Request& request, const Caller& caller,
                                                 const json::Value& body) {
               return patch(purposes, request, caller, body);
             }));
  router.add(Method::kDelete, kPurpose,
             sharedOnly(context, [&purposes](const Request& request, const Caller& caller) {
               return remove(purposes, request, caller);
             }));
  router.add(Method::kGet, kVersions,
             sharedOnly(context, [&purposes](const Request& request, const Caller&) {
               return versions(purposes, request);
             }));
}

}  // namespace vestibule::http
