#include "http/scim_api.h"

#include <functional>
#include <memory>

#include "directory/bulk.h"
#include "directory/resource_actions.h"
#include "http/authentication.h"
#include "http/bulk_api.h"
#include "http/correlation.h"
#include "http/error_response.h"
#include "http/outbound_settling.h"
#include "http/scim_discovery.h"
#include "http/scim_lists.h"
#include "http/scim_request.h"
#include "http/scim_version.h"
#include "scim/resource/render.h"

namespace vestibule::http {
namespace {

using directory::Context;
using directory::Preconditions;
using directory::Rendered;
using directory::Scope;
using directory::View;

constexpr const char* kMe = "/Me";

/// What a request to one endpoint works with, once it is known who asks and where.
struct Asked {
  Caller caller;
  std::string id;  ///< of the resource; empty where the endpoint is of the whole type
  View view;
  scim::Projection projection;
  Preconditions preconditions;
};

Response withBody(int status, Rendered rendered) {
  Response response;
  response.headers.set("ETag", scim::etag(rendered.meta.version));
  if (status == 201) response.headers.set("Location", rendered.location);
  response.headers.set("Content-Location", rendered.location);
  if (rendered.not_modified) {
    response.status = 304;
    return response;
  }
  if (rendered.body.empty()) {
    response.status = 204;
    return response;
  }
  response.status = status;
  response.headers.set("Content-Type", "application/scim+json");
  response.body = std::move(rendered.body);
  response.rest = std::move(rendered.rest);
  return response;
}

Response answer(int status, Result<Rendered> result) {
  return result ? withBody(status, *std::move(result)) : scimError(result.error());
}

Response answer(const Result<void>& result) {
  if (!result) return scimError(result.error());
  Response response;
  response.status = 204;
  return response;
}

/// With the id under which log and audit have it.
Response identified(Response response, const View& view) {
  response.headers.set(kCorrelationHeader, view.correlationId());
  return response;
}

/// The endpoints of one base, `/scim/v2` or `/domains/{domain}/scim/v2`. Shared by the handlers of
/// all its routes: each holds `self`, so that it lives as long as the last of them.
class Base : public std::enable_shared_from_this<Base> {
 public:
  Base(Router& router, const Context& context, ScimApiOptions options, std::string path)
      : router_(router), context_(context), options_(std::move(options)), path_(std::move(path)) {}

  void addType(const scim::ResourceType& type) {
    const auto& actions = directory::actionsOf(type);
    router_.add(Method::kPost, path_ + type.endpoint,
                [this, self = shared_from_this(), &type, &actions](const Request& request) {
                  auto asked =
                      ask(request, type, authorize(request, context_, Scope::kScimWrite), "");
                  if (!asked) return scimError(asked.error());
                  const ToleranceScope told(*options_.tolerances, request, *asked->caller.principal,
                                            asked->view);
                  Response made = withJson(request, [&](const json::Value& body) {
                    return answer(
                        201, actions.create(context_, asked->view, type, body, asked->projection));
                  });
                  // The location ends in the id that it was given.
                  const auto location = made.headers.first("Location").value_or("");
                  const std::string id(location.substr(location.rfind('/') + 1));
                  return identified(
                      settled(std::move(made), options_.outbound, id, asked->view.correlationId()),
                      asked->view);
                });
    item(Method::kGet, type, Scope::kScimRead,
         [this, self = shared_from_this(), &type, &actions](const Request&, const Asked& asked) {
           return answer(200, actions.get(context_, asked.view, type, asked.id, asked.projection,
                                          asked.preconditions));
         });
    change(Method::kPut, type,
           [this, self = shared_from_this(), &type, &actions](const Asked& asked,
                                                              const json::Value& body) {
             return answer(200, actions.replace(context_, asked.view, type, asked.id, body,
                                                asked.projection, asked.preconditions));
           });
    change(Method::kPatch, type,
           [this, self = shared_from_this(), &type, &actions](const Asked& asked,
                                                              const json::Value& body) {
             // A group with a body where the client names what it wants to see (RFC 7644 §3.5.2).
             const bool with_body =
                 &type != context_.group_type || !asked.projection.isDefault() ||
                 !asked.view.tolerating().accepts(scim::Tolerance::kGroupPatch204);
             return answer(200, actions.patch(context_, asked.view, type, asked.id, body,
                                              asked.projection, asked.preconditions, with_body));
           });
    item(Method::kDelete, type, Scope::kScimWrite,
         [this, self = shared_from_this(), &type, &actions](const Request&, const Asked& asked) {
           return answer(actions.remove(context_, asked.view, type, asked.id, asked.preconditions));
         });
  }

  void addBulk(const std::shared_ptr<directory::Bulk>& bulk) {
    const auto handle = [this, self = shared_from_this(), bulk](const Request& request) {
      auto caller = authorize(request, context_, Scope::kScimWrite);
      if (!caller) return scimError(caller.error());
      auto view =
          viewOf(request, *caller, context_, options_.public_url, request.queryValue("domain"));
      if (!view) return scimError(view.error());
      const ToleranceScope scope(*options_.tolerances, request, *caller->principal, *view);
      return identified(answerBulk(*bulk, context_.limits, *view, request), *view);
    };
    RouteOptions route;
    route.body_limit = context_.limits.bulk_payload_bytes;
    router_.add(Method::kPost, path_ + "/Bulk", handle, route);
  }

  void addLists() { addListRoutes(router_, context_, options_, path_); }

  void addDiscovery() { addDiscoveryRoutes(router_, context_, options_, path_); }

  /// A part of the protocol that exists and is not offered: 501, so that a client knows (RFC 7644
  /// §3.12). A token is bound to a user who exists, so none can make its own.
  void addNotOffered() {
    router_.add(Method::kPost, path_ + kMe,
                [this, self = shared_from_this()](const Request& request) {
                  auto caller = authenticate(request, context_);
                  if (!caller) return scimError(caller.error());
                  return scimError(Error{ErrorKind::kNotImplemented,
                                         "this server does not offer POST on " + request.path,
                                         {},
                                         {},
                                         {}});
                });
  }

 private:
  using Item = std::function<Response(const Request&, const Asked&)>;
  using Change = std::function<Response(const Asked&, const json::Value&)>;

  /// Who asks, over which domains, for what.
  Result<Asked> ask(const Request& request, const scim::ResourceType& type, Result<Caller> caller,
                    std::string_view id) const {
    if (!caller) return propagate(caller);
    auto view =
        viewOf(request, *caller, context_, options_.public_url, request.queryValue("domain"));
    if (!view) return propagate(view);
    auto projection = readProjection(request, context_, type);
    if (!projection) return propagate(projection);
    auto preconditions = readPreconditions(request);
    if (!preconditions) return propagate(preconditions);
    return Asked{*std::move(caller), std::string(id), *std::move(view), *std::move(projection),
                 *std::move(preconditions)};
  }

  void item(Method method, const scim::ResourceType& type, Scope scope, const Item& handle) {
    router_.add(method, path_ + type.endpoint + "/{id}",
                [this, self = shared_from_this(), &type, scope, handle](const Request& request) {
                  const auto asked = ask(request, type, authorize(request, context_, scope),
                                         request.parameter("id"));
                  return asked ? run(request, *asked, scope, handle) : scimError(asked.error());
                });
    if (&type == context_.user_type) addMe(method, scope, handle);
  }

  /// `/Me`: another name of the user that the token is bound to (RFC 7644 §3.11).
  void addMe(Method method, Scope scope, const Item& handle) {
    router_.add(method, path_ + kMe,
                [this, self = shared_from_this(), scope, handle](const Request& request) {
                  const auto& type = *context_.user_type;
                  auto caller = authorizeForSelf(request, context_, scope);
                  if (!caller) return scimError(caller.error());
                  const ResourceId user = *caller->principal->user;
                  const auto asked = ask(request, type, std::move(caller), user.text());
                  if (!asked) return scimError(asked.error());
                  Response response = run(request, *asked, scope, handle);
                  if (response.status != 404) {
                    response.headers.set("Location",
                                         scim::locationOf(type, asked->view.baseUrl(), user));
                  }
                  return response;
                });
  }

  Response run(const Request& request, const Asked& asked, Scope scope, const Item& handle) const {
    if (options_.require_if_match && scope == Scope::kScimWrite &&
        !asked.preconditions.has_if_match) {
      return scimError(
          Error{ErrorKind::kVersionRequired,
                "this server asks for If-Match with the version of the resource that is changed",
                {},
                {},
                {}});
    }
    const ToleranceScope told(*options_.tolerances, request, *asked.caller.principal, asked.view);
    Response response = handle(request, asked);
    if (scope == Scope::kScimWrite) {
      response =
          settled(std::move(response), options_.outbound, asked.id, asked.view.correlationId());
    }
    return identified(std::move(response), asked.view);
  }

  void change(Method method, const scim::ResourceType& type, Change handle) {
    item(method, type, Scope::kScimWrite,
         [handle = std::move(handle)](const Request& request, const Asked& asked) {
           return withJson(request, [&](const json::Value& body) { return handle(asked, body); });
         });
  }

  template <typename Handle>
  static Response withJson(const Request& request, const Handle& handle) {
    if (!isJsonContent(request)) {
      return scimRefusal(
          415, "the body must be application/scim+json or application/json in UTF-8, not encoded");
    }
    auto body = readJsonBody(request);
    return body ? handle(*body) : scimError(body.error());
  }

  Router& router_;
  const Context& context_;
  ScimApiOptions options_;
  std::string path_;
};

}  // namespace

void addScimRoutes(Router& router, const Context& context, const ScimApiOptions& options) {
  const auto bulk = std::make_shared<directory::Bulk>(context, options.require_if_match);
  for (const char* path : {"/scim/v2", "/domains/{domain}/scim/v2"}) {
    const auto base = std::make_shared<Base>(router, context, options, path);
    for (const auto& type : context.registry->resourceTypes()) base->addType(*type);
    base->addBulk(bulk);
    base->addLists();
    base->addDiscovery();
    base->addNotOffered();
  }
  router.answerStrays(refuseOtherVersion);
}

}  // namespace vestibule::http
