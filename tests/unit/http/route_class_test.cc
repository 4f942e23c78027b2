#include "http/route_class.h"

#include <gtest/gtest.h>

namespace vestibule::http {
namespace {

TEST(RouteClass, IsThatOfTheRoutesPattern) {
  struct Row {
    Method method;
    std::string pattern;
    const char* name;
  };
  for (const auto& [method, pattern, name] : std::vector<Row>{
           {Method::kGet, "/scim/v2/Users/{id}", "scim_read"},
           {Method::kGet, "/scim/v2/Me", "scim_read"},
           {Method::kGet, "/domains/{domain}/scim/v2/Groups/{id}", "scim_read"},
           {Method::kGet, "/scim/v2/Users", "scim_list"},
           {Method::kGet, "/scim/v2", "scim_list"},
           {Method::kPost, "/scim/v2/Devices/.search", "scim_list"},
           {Method::kPost, "/scim/v2/.search", "scim_list"},
           {Method::kPost, "/domains/{domain}/scim/v2/Devices", "scim_create"},
           {Method::kPut, "/scim/v2/Users/{id}", "scim_replace"},
           {Method::kPatch, "/scim/v2/Me", "scim_patch"},
           {Method::kDelete, "/scim/v2/Users/{id}", "scim_delete"},
           {Method::kPost, "/scim/v2/Bulk", "scim_bulk"},
           {Method::kGet, "/scim/v2/Schemas/{id}", "scim_discovery"},
           {Method::kGet, "/scim/v2/ResourceTypes", "scim_discovery"},
           {Method::kGet, "/scim/v2/ServiceProviderConfig", "scim_discovery"},
           {Method::kPost, "/jit/v1/provision", "jit_provision"},
           {Method::kPost, "/jit/v1/explain", "jit_explain"},
           {Method::kGet, "/jit/v1/forward-auth", "jit_forward_auth"},
           {Method::kGet, "/jit/v1/operations/{id}", "jit_other"},
           {Method::kPost, "/events/v1/streams/{name}/poll", "events"},
           {Method::kPost, "/provision/{ticket}", "prompt"},
           {Method::kGet, "/admin/v1/tokens", "admin"},
           {Method::kGet, "/metrics", "metrics"},
           {Method::kGet, "/healthz", "health"},
           {Method::kGet, "/readyz", "health"},
           {Method::kGet, "/other", "none"},
       }) {
    EXPECT_EQ(routeClassNames().at(static_cast<std::size_t>(routeClassOf(method, pattern))), name)
        << methodName(method) << ' ' << pattern;
  }
  EXPECT_EQ(routeClassNames().size(), static_cast<std::size_t>(RouteClass::kNone) + 1);
}

}  // namespace
}  // namespace vestibule::http
