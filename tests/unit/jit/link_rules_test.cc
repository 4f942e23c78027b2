#include "jit/link_rules.h"

#include <gtest/gtest.h>

#include <string>

#include "unit/jit/jit_fixture.h"

namespace vestibule::jit {
namespace {

using test::compile;
using test::parsed;
using test::provider;

/// The settings with one link rule.
std::string rule(const std::string& members) {
  return R"({"name": "x", "jit": {"associateLocalUser": true, "accountLookupAttributeMappings": [{)" +
         members + "}]}}";
}

TEST(LinkRules, CompareTheVerifiedEmailWithTheUserNameWhenNoneIsConfigured) {
  const auto idp = provider(R"({"jit": {"associateLocalUser": true}})");
  ASSERT_EQ(idp.linking.rules.size(), 1U);
  EXPECT_EQ(idp.linking.rules[0].claim.text(), "email");
  EXPECT_EQ(idp.linking.rules[0].local_attribute, "userName");
  EXPECT_TRUE(idp.linking.rules[0].verified_email);
  EXPECT_TRUE(idp.linking.allowed);
}

TEST(LinkRules, WriteTheirDefaultsOutInAFormThatReadsAsItself) {
  struct Case {
    const char* members;
    const char* canonical;
  };
  const Case cases[] = {
      {R"("federatedAttribute": "employee_id", "localAttribute": "EXTERNALID")",
       R"({"federatedAttribute":"employee_id","localAttribute":"externalId","requireVerifiedEmail":false,"normalize":["trim"]})"},
      {R"("federatedAttribute": "email", "localAttribute": "emails")",
       R"({"federatedAttribute":"email","localAttribute":"emails","requireVerifiedEmail":true,"normalize":["trim"]})"},
      {R"("federatedAttribute": "upn", "localAttribute": "emails.value", "normalize": ["lowercase", "stripPlusTag"])",
       R"({"federatedAttribute":"upn","localAttribute":"emails.value","requireVerifiedEmail":true,"normalize":["lowercase","stripPlusTag"]})"},
      {R"("federatedAttribute": "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress", "localAttribute": "userName", "requireVerifiedEmail": false)",
       R"({"federatedAttribute":"http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress","localAttribute":"userName","requireVerifiedEmail":false,"normalize":["trim"]})"},
      {R"("federatedAttribute": "nr", "localAttribute": "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber")",
       R"({"federatedAttribute":"nr","localAttribute":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber","requireVerifiedEmail":false,"normalize":["trim"]})"},
  };
  for (const Case& look : cases) {
    SCOPED_TRACE(look.members);
    const auto compiled = compile(parsed(rule(look.members)));
    ASSERT_TRUE(compiled) << compiled.error().detail;
    const json::Value& rows =
        *compiled->document.find("jit")->find("accountLookupAttributeMappings");
    EXPECT_EQ(json::write((*rows.array())[0]), look.canonical);
    const auto again = compile(compiled->document);
    ASSERT_TRUE(again) << again.error().detail;
    EXPECT_EQ(again->document, compiled->document);
  }
}

TEST(LinkRules, AreRefusedOnSaveWithPlaceAndReason) {
  struct Case {
    std::string document;
    const char* part;
  };
  const std::string place = "/jit/accountLookupAttributeMappings/0/";
  const Case cases[] = {
      {rule(R"("localAttribute": "userName")"), "federatedAttribute: is missing"},
      {rule(R"("federatedAttribute": "a")"), "localAttribute: is missing"},
      {rule(R"("federatedAttribute": "a", "localAttribute": "favourite")"), "favourite"},
      {rule(R"("federatedAttribute": "a", "localAttribute": "title")"), "no index answers 'title'"},
      {rule(R"("federatedAttribute": "a", "localAttribute": "emails.type")"), "no index answers"},
      {rule(R"("federatedAttribute": "a", "localAttribute": "id")"), "no index answers 'id'"},
      {rule(R"("federatedAttribute": "a", "localAttribute": "phoneNumbers.value")"),
       "users can change 'phoneNumbers' of themselves"},
      {rule(R"("federatedAttribute": "a", "localAttribute": "displayName")"),
       "users can change 'displayName' of themselves"},
      {rule(R"("federatedAttribute": "a", "localAttribute": "password")"), "password"},
      {rule(R"("federatedAttribute": "a", "localAttribute": "groups.value")"), "groups"},
      {rule(R"("federatedAttribute": "a", "localAttribute": "active")"), "is not text"},
      {rule(R"("federatedAttribute": "/a~", "localAttribute": "userName")"), "federatedAttribute"},
      {rule(R"("federatedAttribute": "a", "localAttribute": "userName", "normalize": ["upper"])"),
       "normalize: 'upper' is none of trim, lowercase, stripPlusTag"},
      {rule(R"("federatedAttribute": "a", "localAttribute": "userName", "operator": "eq")"),
       "operator: is not known"},
      {R"({"name": "x", "jit": {"skipJITForLookupFailure": true}})",
       "/jit/skipJITForLookupFailure: true needs associateLocalUser"},
      {R"({"name": "x", "jit": {"link": true}})", "/jit/link: true needs associateLocalUser"},
      {R"({"name": "x", "jit": {"create": "no"}})", "/jit/create: must be true or false"},
  };
  for (const Case& look : cases) {
    SCOPED_TRACE(look.document);
    const auto compiled = compile(parsed(look.document));
    ASSERT_FALSE(compiled);
    EXPECT_NE(compiled.error().detail.find(look.part), std::string::npos)
        << compiled.error().detail;
    EXPECT_EQ(compiled.error().kind, ErrorKind::kInvalidValue);
    if (look.document.find("federatedAttribute") != std::string::npos) {
      EXPECT_NE(compiled.error().detail.find(place), std::string::npos) << compiled.error().detail;
    }
  }
}

TEST(LinkRules, MayBeTwentyAndNotMore) {
  for (const int rows : {20, 21}) {
    std::string list;
    for (int i = 0; i < rows; ++i) {
      list += std::string(i > 0 ? "," : "") + R"({"federatedAttribute": "c)" + std::to_string(i) +
              R"(", "localAttribute": "externalId"})";
    }
    EXPECT_EQ(compile(parsed(R"({"name": "x", "jit": {"accountLookupAttributeMappings": [)" + list +
                             "]}}"))
                  .has_value(),
              rows == 20);
  }
}

}  // namespace
}  // namespace vestibule::jit
