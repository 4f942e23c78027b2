#include "http/admin_settings.h"

#include <utility>

#include "http/admin_request.h"
#include "http/error_response.h"
#include "http/scim_request.h"

namespace vestibule::http {
namespace {

/// Everything about the documents of one kind; each of its handlers has a copy.
struct Documents {
  const directory::Context& context;
  SettingsPlace place;
  directory::SettingsUseCases settings;

  [[nodiscard]] std::string_view nameIn(const Request& request) const {
    return request.parameter(place.parameter);
  }
};

Response shown(const Result<directory::SettingsView>& view) {
  return view ? adminAnswer(200, view->document, view->version) : problem(view.error());
}

Response list(const Documents& documents) {
  json::Array all;
  for (auto& view : documents.settings.list(documents.context)) {
    all.emplace_back(std::move(view.document));
  }
  json::Object body;
  body.set(documents.place.member, std::move(all));
  return adminAnswer(200, body);
}

Response replace(const Documents& documents, const Request& request, const Caller& caller,
                 const json::Value& body) {
  const auto conditions = readPreconditions(request);
  if (!conditions) return problem(conditions.error());
  const auto name = documents.nameIn(request);
  if (body.isObject() && body.stringAt("name") != name) {
    return problem(Error{ErrorKind::kInvalidValue,
                         "the document's name is not the one of the path",
                         {},
                         "name",
                         {}});
  }
  const auto applied =
      documents.settings.apply(documents.context, body, *conditions, authorOf(request, caller));
  if (!applied) return problem(applied.error());
  auto response =
      adminAnswer(applied->created ? 201 : 200, applied->view.document, applied->view.version);
  if (applied->created) response.headers.set("Location", pathOf(documents.place.collection, name));
  return response;
}

Response change(const Documents& documents, const Request& request, const Caller& caller,
                const json::Value& body) {
  const auto conditions = readPreconditions(request);
  if (!conditions) return problem(conditions.error());
  return shown(documents.settings.patch(documents.context, documents.nameIn(request), body,
                                        *conditions, authorOf(request, caller)));
}

Response remove(const Documents& documents, const Request& request, const Caller& caller) {
  const auto conditions = readPreconditions(request);
  if (!conditions) return problem(conditions.error());
  const auto removed = documents.settings.remove(documents.context, documents.nameIn(request),
                                                 *conditions, authorOf(request, caller));
  return removed ? noContent() : problem(removed.error());
}

}  // namespace

void addSettingsRoutes(Router& router, const directory::Context& context,
                       const SettingsPlace& place, const directory::SettingsUseCases& settings) {
  const Documents documents{context, place, settings};
  const std::string one = place.collection + "/{" + place.parameter + "}";
  router.add(
      Method::kGet, place.collection,
      sharedOnly(context, [documents](const Request&, const Caller&) { return list(documents); }));
  router.add(Method::kGet, one,
             sharedOnly(context, [documents](const Request& request, const Caller&) {
               return shown(documents.settings.find(documents.context, documents.nameIn(request)));
             }));
  router.add(Method::kPut, one,
             sharedWithBody(context, [documents](const Request& request, const Caller& caller,
                                                 const json::Value& body) {
               return replace(documents, request, caller, body);
             }));
  router.add(Method::kPatch, one,
             sharedWithBody(context, [documents](const Request& request, const Caller& caller,
                                                 const json::Value& body) {
               return change(documents, request, caller, body);
             }));
  router.add(Method::kDelete, one,
             sharedOnly(context, [documents](const Request& request, const Caller& caller) {
               return remove(documents, request, caller);
             }));
}

}  // namespace vestibule::http
