#include "jit/lint.h"

#include <gtest/gtest.h>

#include <string>

#include "unit/jit/jit_fixture.h"

namespace vestibule::jit {
namespace {

struct Case {
  const char* sections;
  const char* advice;  ///< `setting code` of each, joined by `, `
};

TEST(SettingsLint, SaysWhatMayNotDoWhatItsAuthorThinks) {
  // Names of CORP are letters, digits, `.`, `_`, `-`, `|` and `/`; PRIMARY takes e-mail addresses.
  const Case cases[] = {
      {R"({})", ""},
      {R"({"claims": {"userIdClaim": "email"}, "jit": {"isEnabled": true, "userstore": "CORP"}})",
       "/claims/userIdClaim JIT-2001"},
      {R"({"claims": {"userIdClaim": "email"}, "jit": {"isEnabled": true, "userstore": "CORP",
           "sanitizeUserName": true}})",
       ""},
      {R"({"claims": {"userIdClaim": "email"}, "jit": {"isEnabled": true}})", ""},
      {R"({"claims": {"userIdClaim": "email"}, "jit": {"isEnabled": false, "userstore": "CORP"}})",
       ""},
      {R"({"claims": {"userIdClaim": "login"}, "jit": {"isEnabled": true, "userstore": "CORP"}})",
       ""},
      {R"({"jit": {"isEnabled": true, "userNameTemplate": "{a} {b}!", "userstore": "CORP"}})",
       "/jit/userNameTemplate JIT-2001"},
      {R"({"jit": {"isEnabled": true, "userNameTemplate": "{email|localPart ?? subject}",
           "userstore": "CORP"}})",
       ""},
      {R"({"jit": {"isEnabled": true, "userNameTemplate": "{email}", "userstore": "PRIMARY",
           "routing": [{"claim": "a", "equals": "b", "userstore": "CORP"}]}})",
       "/jit/userNameTemplate JIT-2001"},
      {R"({"jit": {"isEnabled": true, "userNameTemplate": "{realm}/{name|lowercase}",
           "userstore": "As in username"}})",
       ""},
      {R"({"jit": {"isEnabled": true, "userstore": "READONLY"}})", "/jit/userstore JIT-2002"},
      {R"({"jit": {"isEnabled": true,
           "routing": [{"claim": "a", "equals": "b", "userstore": "DISABLED"}]}})",
       "/jit/routing/0/userstore JIT-2002"},
      {R"({"jit": {"isEnabled": true, "associateLocalUser": true, "accountLookupAttributeMappings":
           [{"federatedAttribute": "n", "localAttribute": "externalId"},
            {"federatedAttribute": "email", "localAttribute": "emails", "requireVerifiedEmail": false}]}})",
       "/jit/accountLookupAttributeMappings/1 JIT-2003"},
      {R"({"jit": {"isEnabled": true,
           "conditions": {"allow": [{"emailDomain": "a.example", "requireVerifiedEmail": false}],
                          "deny": [{"emailDomain": "b.example"}]},
           "routing": [{"emailDomain": "a.example", "requireVerifiedEmail": false,
                        "userstore": "PRIMARY"}]}})",
       "/jit/conditions/allow/0 JIT-2003, /jit/routing/0 JIT-2003"},
      {R"({"jit": {"isEnabled": true, "create": false}})", "/jit/create JIT-2004"},
      {R"({"jit": {"isEnabled": true, "create": false, "associateLocalUser": true}})", ""},
      {R"({"jit": {"isEnabled": true, "create": false, "associateLocalUser": true, "link": false}})",
       "/jit/create JIT-2004"},
      {R"({"roles": {"maxRevokedPerLogin": 5}})", "/roles/maxRevokedPerLogin JIT-2005"},
      {R"({"roles": {"maxRevokedPerLogin": 5},
           "jit": {"isEnabled": true, "idpGroupSyncMethod": "FIRST_LOGIN_ONLY"}})",
       "/roles/maxRevokedPerLogin JIT-2005"},
      {R"({"roles": {"maxRevokedPerLogin": 5},
           "jit": {"isEnabled": true, "idpGroupSyncMethod": "OVERRIDE_ALL"}})",
       ""},
      {R"({"roles": {"createGroups": true}})", ""},
      {R"({"roles": {"createGroups": true, "maxRevokedPerLogin": 5},
           "jit": {"isEnabled": true, "idpGroupSyncMethod": "NONE"}})",
       "/roles/maxRevokedPerLogin JIT-2005, /roles/createGroups JIT-2006"},
      {R"({"jit": {"isEnabled": true, "scheme": "PROMPT_CONSENT"}})",
       "/jit/prompt/returnOrigins JIT-2007"},
      {R"({"jit": {"isEnabled": true, "onUserNameTaken": "prompt"}})",
       "/jit/prompt/returnOrigins JIT-2007"},
      {R"({"jit": {"isEnabled": true, "scheme": "PROMPT_CONSENT",
           "prompt": {"returnOrigins": ["https://g.example"]}},
           "forwardAuth": {"subjectHeader": "X-User"}})",
       "/forwardAuth JIT-2008"},
      {R"({"jit": {"isEnabled": true}, "forwardAuth": {"subjectHeader": "X-User"}})", ""},
  };
  store::ControlRows rows;
  rows.revision = 1;
  rows.domains.push_back(test::domainRow(1, "PRIMARY"));
  rows.domains.push_back(test::domainRow(2, "CORP"));
  rows.domains.push_back(test::domainRow(3, "READONLY", R"({"ReadOnly": true})"));
  rows.domains.push_back(test::domainRow(4, "DISABLED", R"({"Disabled": true})"));
  const auto catalog = directory::Catalog::build(std::move(rows));
  for (const Case& look : cases) {
    SCOPED_TRACE(look.sections);
    std::string found;
    for (const Advice& advice : adviceOn(test::provider(look.sections), *catalog)) {
      found += (found.empty() ? "" : ", ") + advice.setting + " " + advice.code;
      EXPECT_FALSE(advice.text.empty());
    }
    EXPECT_EQ(found, look.advice);
  }
}

TEST(SettingsLint, NamesAnExampleAndTheDomain) {
  const auto advice = adviceOn(test::provider(R"({"claims": {"userIdClaim": "/user/mail"},
                         "jit": {"isEnabled": true, "userstore": "CORP"}})"),
                               *test::catalog());
  ASSERT_EQ(advice.size(), 1U);
  EXPECT_NE(advice[0].text.find("'zoe.nunez@acme.example'"), std::string::npos) << advice[0].text;
  EXPECT_NE(advice[0].text.find("CORP"), std::string::npos);
}

}  // namespace
}  // namespace vestibule::jit
