#include "jit/provision_request.h"

#include <gtest/gtest.h>

#include <string>

#include "unit/jit/jit_fixture.h"

namespace vestibule::jit {
namespace {

TEST(ProvisionRequest, IsRead) {
  const auto asked = readProvisionRequest(test::parsed(
      R"({"identityProvider": "okta", "subject": "s-ü", "claims": {"a": 1}, "returnUrl": "https://x"})"));
  ASSERT_TRUE(asked);
  EXPECT_EQ(asked->identity_provider, "okta");
  EXPECT_EQ(asked->subject.value(), "s-ü");
  EXPECT_EQ(asked->claims.size(), 1U);
}

TEST(ProvisionRequest, MayHaveATokenInPlaceOfSubjectAndClaims) {
  const auto asked = readProvisionRequest(test::parsed(
      R"({"identityProvider": "okta", "idToken": "a.b.c", "returnUrl": "https://x"})"));
  ASSERT_TRUE(asked);
  EXPECT_EQ(asked->id_token, "a.b.c");
  EXPECT_EQ(asked->subject.value(), "");
  EXPECT_TRUE(asked->claims.empty());
  const auto both = readProvisionRequest(
      test::parsed(R"({"identityProvider": "okta", "idToken": "a.b.c", "subject": "s"})"));
  ASSERT_TRUE(both);
  EXPECT_EQ(both->subject.value(), "s");
}

struct BadRequest {
  const char* body;
  const char* code;
};

TEST(ProvisionRequest, IsRefusedWithAReasonForAnythingElse) {
  const BadRequest cases[] = {
      {"[]", "JIT-1000"},
      {"null", "JIT-1000"},
      {R"({"subject": "s", "claims": {}})", "JIT-1000"},
      {R"({"identityProvider": 1, "subject": "s", "claims": {}})", "JIT-1000"},
      {R"({"identityProvider": "i", "subject": "s"})", "JIT-1000"},
      {R"({"identityProvider": "i", "subject": "s", "claims": []})", "JIT-1000"},
      {R"({"identityProvider": "i", "subject": "s", "claims": null})", "JIT-1000"},
      {R"({"identityProvider": "i", "subject": "s", "claims": {}, "extra": 1})", "JIT-1000"},
      {R"({"identityProvider": "i", "Subject": "s", "claims": {}})", "JIT-1000"},
      {R"({"identityProvider": "i", "subject": "s", "claims": {}, "returnUrl": 1})", "JIT-1000"},
      {R"({"identityProvider": "i", "claims": {}})", "JIT-1003"},
      {R"({"identityProvider": "i", "subject": "", "claims": {}})", "JIT-1003"},
      {R"({"identityProvider": "i", "subject": null, "claims": {}})", "JIT-1003"},
      {R"({"identityProvider": "i", "subject": 7, "claims": {}})", "JIT-1003"},
      {R"({"identityProvider": "i", "subject": ["s"], "claims": {}})", "JIT-1003"},
      {R"({"identityProvider": "i", "subject": "s", "claims": {}, "idToken": "e30.e30."})",
       "JIT-1603"},
      {R"({"identityProvider": "i", "claims": null, "idToken": "e30.e30."})", "JIT-1603"},
      {R"({"identityProvider": "i", "idToken": ""})", "JIT-1000"},
      {R"({"identityProvider": "i", "idToken": null, "subject": "s", "claims": {}})", "JIT-1000"},
      {R"({"identityProvider": "i", "idToken": {}})", "JIT-1000"},
      {R"({"identityProvider": "i", "idToken": "e30.e30.", "subject": ""})", "JIT-1003"},
      {R"({"identityProvider": "i", "idToken": "e30.e30.", "subject": null})", "JIT-1003"},
      {R"({"idToken": "e30.e30."})", "JIT-1000"},
  };
  for (const BadRequest& look : cases) {
    const auto asked = readProvisionRequest(test::parsed(look.body));
    ASSERT_FALSE(asked) << look.body;
    EXPECT_EQ(asked.error().code, look.code) << look.body;
  }
}

}  // namespace
}  // namespace vestibule::jit
