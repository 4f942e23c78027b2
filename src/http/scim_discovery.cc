#include "http/scim_discovery.h"

#include <functional>

#include "directory/domains.h"
#include "directory/list_cursor.h"
#include "feed/announced_events.h"
#include "http/authentication.h"
#include "http/error_response.h"
#include "http/scim_request.h"
#include "json/write.h"
#include "scim/message.h"
#include "scim/schema/describe.h"

namespace vestibule::http {
namespace {

using Describe = std::function<Result<std::string>(const Request&, const std::string& base)>;

Response describedAs(Result<std::string> text) {
  if (!text) return scimError(text.error());
  Response response;
  response.headers.set("Content-Type", "application/scim+json");
  response.body = *std::move(text);
  return response;
}

Result<void> refuseFilter(const Request& request) {
  if (!request.queryValue("filter")) return {};
  return failure(ErrorKind::kForbidden, "discovery endpoints take no filter (RFC 7644 §4)");
}

tl::unexpected<Error> unknown(std::string_view what) {
  return failure(ErrorKind::kNotFound, "there is no such " + std::string(what));
}

}  // namespace

void addDiscoveryRoutes(Router& router, const directory::Context& context,
                        const ScimApiOptions& options, const std::string& path) {
  const auto registry = context.registry;
  // By the name that was asked for, whether there is such a domain or not: who has no token does
  // not learn which there are.
  const auto baseOf = [options](const Request& request) -> Result<std::string> {
    const std::string origin = originOf(request, options.public_url);
    const auto name = request.parameter("domain");
    if (name.empty()) return origin + "/scim/v2";
    const auto parsed = directory::parseDomainName(name);
    if (!parsed) return unknown("user store domain");
    return origin + "/domains/" + parsed->value() + "/scim/v2";
  };
  const auto add = [&](const std::string& endpoint, bool open, Describe describe) {
    router.add(Method::kGet, path + endpoint,
               [&context, baseOf, open, describe = std::move(describe)](const Request& request) {
                 if (!open) {
                   auto caller = authorize(request, context, directory::Scope::kScimRead);
                   if (!caller) return scimError(caller.error());
                   if (const auto domain = request.parameter("domain"); !domain.empty()) {
                     auto view =
                         directory::View::ofDomain(caller->catalog, *caller->principal, "", domain);
                     if (!view) return scimError(view.error());
                   }
                 }
                 if (auto plain = refuseFilter(request); !plain) return scimError(plain.error());
                 const auto base = baseOf(request);
                 return base ? describedAs(describe(request, *base)) : scimError(base.error());
               });
  };

  add("/ServiceProviderConfig", true,
      [&context](const Request&, const std::string& base) -> Result<std::string> {
        const scim::AnnouncedLimits limits{
            context.limits.max_results,
            static_cast<std::uint64_t>(context.cursor_seal->lifetime().count()),
            context.limits.bulk_operations, context.limits.bulk_payload_bytes};
        auto config = scim::describeServiceProviderConfig(*context.registry, base, limits);
        if (!context.catalog->current()->eventStreams().empty()) {
          config.set("securityEvents", feed::announcedEvents());
        }
        return json::write(config);
      });
  add("/Schemas", false,
      [registry](const Request&, const std::string& base) -> Result<std::string> {
        std::vector<std::string> texts;
        for (const auto& schema : registry->schemas()) {
          texts.push_back(json::write(scim::describeSchema(*schema, base)));
        }
        return scim::listResponse({texts.size(), 1, {}}, texts);
      });
  add("/Schemas/{id}", false,
      [registry](const Request& request, const std::string& base) -> Result<std::string> {
        const auto* schema = registry->findSchema(request.parameter("id"));
        if (schema == nullptr) return unknown("schema");
        return json::write(scim::describeSchema(*schema, base));
      });
  add("/ResourceTypes", false,
      [registry](const Request&, const std::string& base) -> Result<std::string> {
        std::vector<std::string> texts;
        for (const auto& type : registry->resourceTypes()) {
          texts.push_back(json::write(scim::describeResourceType(*type, base)));
        }
        return scim::listResponse({texts.size(), 1, {}}, texts);
      });
  add("/ResourceTypes/{id}", false,
      [registry](const Request& request, const std::string& base) -> Result<std::string> {
        const auto* type = registry->findResourceType(request.parameter("id"));
        if (type == nullptr) return unknown("resource type");
        return json::write(scim::describeResourceType(*type, base));
      });
}

}  // namespace vestibule::http
