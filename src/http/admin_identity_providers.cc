#include <fmt/format.h>

#include "base/log.h"
#include "http/admin_api.h"
#include "http/admin_request.h"
#include "http/error_response.h"

namespace vestibule::http {
namespace {

constexpr const char* kProviders = "/admin/v1/identity-providers";
constexpr const char* kProvider = "/admin/v1/identity-providers/{name}";

Response shown(int status, const jit::IdentityProviderView& view) {
  return adminAnswer(status, view.document, view.version);
}

/// Settings of identity providers decide where users of any domain come from: a token bound to
/// domains sees none of them.
Handler sharedOnly(const directory::Context& context, AdminHandler handle) {
  return adminOnly(context,
                   [handle = std::move(handle)](const Request& request, const Caller& caller) {
                     if (auto may = requireAllDomains(caller); !may) return problem(may.error());
                     return handle(request, caller);
                   });
}

Handler sharedWithBody(const directory::Context& context, AdminBodyHandler handle) {
  return adminWithBody(context,
                       [handle = std::move(handle)](const Request& request, const Caller& caller,
                                                    const json::Value& body) {
                         if (auto may = requireAllDomains(caller); !may) {
                           return problem(may.error());
                         }
                         return handle(request, caller, body);
                       });
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
        const auto name = body.stringAt("name");
        if (name && providers.get(*name)) {
          return problem(Error{ErrorKind::kUniqueness,
                               "there is an identity provider of this name already",
                               {},
                               "name",
                               {}});
        }
        auto applied = providers.apply(body, std::nullopt);
        if (!applied) return problem(applied.error());
        auto response = shown(201, applied->view);
        response.headers.set("Location", fmt::format("{}/{}", kProviders, *name));
        return response;
      }));
  router.add(Method::kGet, kProvider,
             sharedOnly(context, [&providers](const Request& request, const Caller&) {
               auto view = providers.get(request.parameter("name"));
               return view ? shown(200, *view) : problem(view.error());
             }));
  router.add(Method::kPut, kProvider,
             sharedWithBody(context, [&providers](const Request& request, const Caller&,
                                                  const json::Value& body) {
               auto expected = expectedVersion(request);
               if (!expected) return problem(expected.error());
               if (body.stringAt("name") != request.parameter("name")) {
                 return problem(Error{ErrorKind::kInvalidValue,
                                      "the document's name is not the one of the path",
                                      {},
                                      "name",
                                      {}});
               }
               auto applied = providers.apply(body, *expected);
               return applied ? shown(applied->created ? 201 : 200, applied->view)
                              : problem(applied.error());
             }));
  router.add(Method::kPatch, kProvider,
             sharedWithBody(context, [&providers](const Request& request, const Caller&,
                                                  const json::Value& body) {
               auto expected = expectedVersion(request);
               if (!expected) return problem(expected.error());
               auto view = providers.patch(request.parameter("name"), body, *expected);
               return view ? shown(200, *view) : problem(view.error());
             }));
  router.add(Method::kDelete, kProvider,
             sharedOnly(context, [&providers](const Request& request, const Caller&) {
               auto expected = expectedVersion(request);
               if (!expected) return problem(expected.error());
               auto removed = providers.remove(request.parameter("name"), *expected);
               if (!removed) return problem(removed.error());
               Response response;
               response.status = 204;
               return response;
             }));
}

}  // namespace vestibule::http
