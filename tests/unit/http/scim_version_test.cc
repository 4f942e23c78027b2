#include "http/scim_version.h"

#include <gtest/gtest.h>

#include "json/parse.h"

namespace vestibule::http {
namespace {

TEST(ScimVersion, B1_AnotherVersionOfTheProtocolIsInvalidVers) {
  for (const char* path : {"/scim/v1", "/scim/v1/Users", "/scim/v3/Groups/7", "/scim/v2.1/Users",
                           "/scim/v20/Users", "/scim/V1/Users", "/scim/v1/a/b/c/d",
                           "/domains/CORP/scim/v1/Users", "/domains/NOWHERE/scim/v3"}) {
    SCOPED_TRACE(path);
    const auto answer = refuseOtherVersion(path);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 400);
    EXPECT_EQ(answer->headers.first("Content-Type"), "application/scim+json");
    EXPECT_EQ(json::parse(answer->body)->stringAt("scimType"), "invalidVers");
  }
}

TEST(ScimVersion, B1_OtherPathsAreNoMatterOfVersions) {
  for (const char* path : {"/",
                           "/scim",
                           "/scim/",
                           "/scim/Users",
                           "/scim/v2",
                           "/scim/v2/Nope",
                           "/scim/V2/Users",
                           "/scim/v",
                           "/scim/v/Users",
                           "/scim/v1a/Users",
                           "/scim/version/Users",
                           "/scim/v./Users",
                           "/scim/v1./Users",
                           "/v1/Users",
                           "/domains",
                           "/domains/",
                           "/domains/CORP",
                           "/domains/CORP/v1",
                           "/domains/CORP/scim/v2/Nope",
                           "/domains//scim/v2",
                           "/jit/v2/provision"}) {
    EXPECT_FALSE(refuseOtherVersion(path)) << path;
  }
}

}  // namespace
}  // namespace vestibule::http
