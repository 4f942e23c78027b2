#include "http/scim_lists.h"

#include <memory>
#include <utility>
#include <vector>

#include "directory/listing.h"
#include "http/authentication.h"
#include "http/error_response.h"
#include "http/list_request.h"
#include "http/scim_request.h"
#include "http/tolerance_report.h"

namespace vestibule::http {
namespace {

using Types = std::vector<const scim::ResourceType*>;

class Lists {
 public:
  Lists(const directory::Context& context, ScimApiOptions options)
      : context_(context), options_(std::move(options)) {}

  Response get(const Request& request, const Types& asked) const {
    auto caller = authorize(request, context_, directory::Scope::kScimRead);
    if (!caller) return scimError(caller.error());
    auto view =
        viewOf(request, *caller, context_, options_.public_url, request.queryValue("domain"));
    if (!view) return scimError(view.error());
    const ToleranceScope scope(*options_.tolerances, request, *caller->principal, *view);
    auto list = readListRequest(request);
    if (!list) return scimError(list.error());
    std::vector<directory::ListedType> types;
    for (const auto* type : asked) {
      auto projection = readProjection(request, context_, *type);
      if (!projection) return scimError(projection.error());
      types.push_back({type, *std::move(projection)});
    }
    return answer(*view, types, *list);
  }

  Response search(const Request& request, const Types& asked) const {
    auto caller = authorize(request, context_, directory::Scope::kScimRead);
    if (!caller) return scimError(caller.error());
    if (!isJsonContent(request)) {
      return scimRefusal(
          415, "the body must be application/scim+json or application/json in UTF-8, not encoded");
    }
    auto body = readJsonBody(request);
    if (!body) return scimError(body.error());
    auto search = readSearchRequest(*body);
    if (!search) return scimError(search.error());
    const std::optional<std::string_view> domain =
        search->domain ? std::optional<std::string_view>(*search->domain)
                       : request.queryValue("domain");
    auto view = viewOf(request, *caller, context_, options_.public_url, domain);
    if (!view) return scimError(view.error());
    const ToleranceScope scope(*options_.tolerances, request, *caller->principal, *view);
    std::vector<directory::ListedType> types;
    for (const auto* type : asked) {
      auto projection = scim::Projection::parse(*context_.registry, *type, search->attributes,
                                                search->excluded_attributes);
      if (!projection) return scimError(projection.error());
      types.push_back({type, *std::move(projection)});
    }
    return answer(*view, types, search->list);
  }

 private:
  Response answer(const directory::View& view, const std::vector<directory::ListedType>& types,
                  const directory::ListRequest& list) const {
    auto page = directory::listResources(context_, view, types, list);
    if (!page) return scimError(page.error());
    Response response;
    response.headers.set("Content-Type", "application/scim+json");
    response.body = *std::move(page);
    return response;
  }

  const directory::Context& context_;
  ScimApiOptions options_;
};

}  // namespace

void addListRoutes(Router& router, const directory::Context& context, const ScimApiOptions& options,
                   const std::string& path) {
  const auto lists = std::make_shared<const Lists>(context, options);
  const auto add = [&](const std::string& at, const Types& types) {
    router.add(Method::kGet, at,
               [lists, types](const Request& request) { return lists->get(request, types); });
    router.add(Method::kPost, at + "/.search",
               [lists, types](const Request& request) { return lists->search(request, types); });
  };
  Types all;
  for (const auto& type : context.registry->resourceTypes()) {
    add(path + type->endpoint, {type.get()});
    all.push_back(type.get());
  }
  add(path, all);
}

}  // namespace vestibule::http
