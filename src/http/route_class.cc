#include "http/route_class.h"

#include <algorithm>
#include <array>
#include <utility>

namespace vestibule::http {
namespace {

RouteClass scimClassOf(Method method, std::string_view endpoint) {
  const auto begins = [&](std::string_view with) { return endpoint.starts_with(with); };
  if (begins("/Bulk")) return RouteClass::kScimBulk;
  if (begins("/ServiceProviderConfig") || begins("/Schemas") || begins("/ResourceTypes")) {
    return RouteClass::kScimDiscovery;
  }
  switch (method) {
    case Method::kPost:
      return endpoint.ends_with("/.search") ? RouteClass::kScimList : RouteClass::kScimCreate;
    case Method::kPut:
      return RouteClass::kScimReplace;
    case Method::kPatch:
      return RouteClass::kScimPatch;
    case Method::kDelete:
      return RouteClass::kScimDelete;
    default:
      break;
  }
  const bool one = endpoint.ends_with("/{id}") || endpoint == "/Me";
  return one ? RouteClass::kScimRead : RouteClass::kScimList;
}

constexpr std::array kPrefixes{
    std::pair{std::string_view("/jit/v1/provision"), RouteClass::kJitProvision},
    std::pair{std::string_view("/jit/v1/explain"), RouteClass::kJitExplain},
    std::pair{std::string_view("/jit/v1/forward-auth"), RouteClass::kJitForwardAuth},
    std::pair{std::string_view("/jit/"), RouteClass::kJitOther},
    std::pair{std::string_view("/provision/"), RouteClass::kPrompt},
    std::pair{std::string_view("/events/"), RouteClass::kEvents},
    std::pair{std::string_view("/admin/"), RouteClass::kAdmin},
    std::pair{std::string_view("/metrics"), RouteClass::kMetrics},
    std::pair{std::string_view("/healthz"), RouteClass::kHealth},
    std::pair{std::string_view("/readyz"), RouteClass::kHealth},
};

}  // namespace

RouteClass routeClassOf(Method method, std::string_view pattern) {
  constexpr std::string_view kBase = "/scim/v2";
  constexpr std::string_view kDomain = "/domains/{domain}";
  std::string_view rest = pattern;
  if (rest.starts_with(kDomain)) rest.remove_prefix(kDomain.size());
  if (rest.starts_with(kBase)) return scimClassOf(method, rest.substr(kBase.size()));
  const auto* const found =
      std::find_if(kPrefixes.begin(), kPrefixes.end(),
                   [&](const auto& entry) { return pattern.starts_with(entry.first); });
  return found == kPrefixes.end() ? RouteClass::kNone : found->second;
}

const std::vector<std::string>& routeClassNames() {
  static const std::vector<std::string> kNames{"scim_read",    "scim_list",        "scim_create",
                                               "scim_replace", "scim_patch",       "scim_delete",
                                               "scim_bulk",    "scim_discovery",   "jit_provision",
                                               "jit_explain",  "jit_forward_auth", "jit_other",
                                               "prompt",       "events",           "admin",
                                               "metrics",      "health",           "none"};
  return kNames;
}

}  // namespace vestibule::http
