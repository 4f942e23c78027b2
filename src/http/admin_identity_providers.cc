#include "http/admin_api.h"
#include "http/admin_request.h"
#include "http/error_response.h"
#include "http/scim_request.h"

namespace vestibule::http {
namespace {

constexpr const char* kProviders = "/admin/v1/identity-providers";
constexpr const char* kProvider = "/admin/v1/identity-providers/{name}";

Response shown(int status, const jit::IdentityProviderView& view) {
  return adminAnswer(status, view.document, view.version);
}

/// 201 with the address of what was made.
Response madeAnswer(const jit::IdentityProviderView& view) {
  auto response = shown(201, view);
  const auto* name = view.document.find("name");
  response.headers.set("Location", pathOf(kProviders, *name->string()));
  return response;
}

}  // namespace

void addIdentityProviderRoutes(Router& router, const directory::Context& context,
                               jit::IdentityProviders& providers) {
  router.add(Method::kGet, kProviders,
             sharedOnly(context, [&providers](const Request&, const Caller&) {
               json::Array all;
               for (auto& view : providers.list()) all.emplace_back(std::move(view.document));
               json::Object body;
               body.set("identityProviders", std::move(all));
               return adminAnswer(200, std::move(body));
             }));
  router.add(
      Method::kPost, kProviders,
      sharedWithBody(context, [&providers](const Request&, const Caller&, const json::Value& body) {
        auto created = providers.create(body);
        return created ? madeAnswer(*created) : problem(created.error());
      }));
  router.add(Method::kGet, kProvider,
             sharedOnly(context, [&providers](const Request& request, const Caller&) {
               auto view = providers.get(request.parameter("name"));
               return view ? shown(200, *view) : problem(view.error());
             }));
  router.add(Method::kPut, kProvider,
             sharedWithBody(context, [&providers](const Request& request, const Caller&,
                                                  const json::Value& body) {
               auto conditions = readPreconditions(request);
               if (!conditions) return problem(conditions.error());
               if (body.stringAt("name") != request.parameter("name")) {
                 return problem(Error{ErrorKind::kInvalidValue,
                                      "the document's name is not the one of the path",
                                      {},
                                      "name",
                                      {}});
               }
               auto applied = providers.apply(body, *conditions);
               if (!applied) return problem(applied.error());
               return applied->created ? madeAnswer(applied->view) : shown(200, applied->view);
             }));
  router.add(Method::kPatch, kProvider,
             sharedWithBody(context, [&providers](const Request& request, const Caller&,
                                                  const json::Value& body) {
               auto conditions = readPreconditions(request);
               if (!conditions) return problem(conditions.error());
               auto view = providers.patch(request.parameter("name"), body, *conditions);
               return view ? shown(200, *view) : problem(view.error());
             }));
  router.add(Method::kDelete, kProvider,
             sharedOnly(context, [&providers](const Request& request, const Caller&) {
               auto conditions = readPreconditions(request);
               if (!conditions) return problem(conditions.error());
               auto removed = providers.remove(request.parameter("name"), *conditions);
               if (!removed) return problem(removed.error());
               Response response;
               response.status = 204;
               return response;
             }));
}

}  // namespace vestibule::http
