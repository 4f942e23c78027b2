#include "base/log.h"
#include "directory/domains.h"
#include "directory/guard_rails.h"
#include "http/admin_api.h"
#include "http/admin_request.h"
#include "http/error_response.h"
#include "http/scim_request.h"

namespace vestibule::http {
namespace {

constexpr const char* kDomains = "/admin/v1/domains";
constexpr const char* kDomain = "/admin/v1/domains/{name}";
constexpr const char* kGuardRails = "/admin/v1/domains/{name}/guard-rails";

/// The domain of the path when the caller may see it.
Result<const directory::Domain*> seenDomain(const Request& request, const Caller& caller) {
  const auto* domain = caller.catalog->findDomain(request.parameter("name"));
  if (domain == nullptr || !caller.principal->sees(domain->tables().number)) {
    return failure(ErrorKind::kNotFound, "there is no user store domain \"" +
                                             printable(request.parameter("name"), 64) + "\"");
  }
  return domain;
}

/// A domain after a change, with the ETag of its new version.
Response changedDomain(int status, const directory::Context& context, const json::Object& shown) {
  const auto catalog = context.catalog->current();
  const auto* name = shown.find("name");
  const auto* domain =
      name != nullptr && name->isString() ? catalog->findDomain(*name->string()) : nullptr;
  return adminAnswer(status, shown,
                     domain != nullptr ? std::optional(domain->row.version) : std::nullopt);
}

}  // namespace

void addDomainRoutes(Router& router, const directory::Context& context,
                     const store::MigrationSet& migrations) {
  router.add(Method::kGet, kDomains, adminOnly(context, [](const Request&, const Caller& caller) {
               json::Array domains;
               for (const auto& domain : caller.catalog->domains()) {
                 if (caller.principal->sees(domain->tables().number)) {
                   domains.emplace_back(directory::describeDomain(*domain));
                 }
               }
               for (const auto& row : caller.catalog->unfinishedDomains()) {
                 if (caller.principal->sees(row.tables.number)) {
                   domains.emplace_back(directory::describeUnfinishedDomain(row));
                 }
               }
               json::Object body;
               body.set("domains", std::move(domains));
               return adminAnswer(200, std::move(body));
             }));
  router.add(
      Method::kPost, kDomains,
      adminWithBody(context, [&context, &migrations](const Request& request, const Caller& caller,
                                                     const json::Value& body) {
        if (auto may = requireAllDomains(caller); !may) return problem(may.error());
        auto created =
            directory::createDomain(context, migrations, body, authorOf(request, caller));
        if (!created) return problem(created.error());
        auto response = changedDomain(201, context, *created);
        response.headers.set("Location", pathOf(kDomains, *created->find("name")->string()));
        return response;
      }));
  router.add(Method::kGet, kDomain,
             adminOnly(context, [](const Request& request, const Caller& caller) {
               auto domain = seenDomain(request, caller);
               if (!domain) return problem(domain.error());
               return adminAnswer(200, directory::describeDomain(**domain), (*domain)->row.version);
             }));
  router.add(Method::kPatch, kDomain,
             adminWithBody(context, [&context](const Request& request, const Caller& caller,
                                               const json::Value& body) {
               auto domain = seenDomain(request, caller);
               if (!domain) return problem(domain.error());
               auto conditions = readPreconditions(request);
               if (!conditions) return problem(conditions.error());
               auto changed = directory::changeDomain(context, (*domain)->tables().number, body,
                                                      *conditions, authorOf(request, caller));
               return changed ? changedDomain(200, context, *changed) : problem(changed.error());
             }));
  router.add(Method::kGet, kGuardRails,
             adminOnly(context, [&context](const Request& request, const Caller& caller) {
               auto domain = seenDomain(request, caller);
               if (!domain) return problem(domain.error());
               auto state =
                   directory::describeGuardRails(context, *caller.catalog, **domain, now());
               return state ? adminAnswer(200, *std::move(state)) : problem(state.error());
             }));
  router.add(Method::kDelete, kDomain,
             adminOnly(context, [&context](const Request& request, const Caller& caller) {
               if (auto may = requireAllDomains(caller); !may) return problem(may.error());
               auto conditions = readPreconditions(request);
               if (!conditions) return problem(conditions.error());
               auto deleted = directory::deleteDomain(context, request.parameter("name"),
                                                      request.queryValue("confirm").value_or(""),
                                                      *conditions, authorOf(request, caller));
               return deleted ? noContent() : problem(deleted.error());
             }));
}

}  // namespace vestibule::http
