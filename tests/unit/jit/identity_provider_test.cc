#include "jit/identity_provider.h"

#include <gtest/gtest.h>

#include <string>

#include "unit/jit/jit_fixture.h"

namespace vestibule::jit {
namespace {

using test::catalog;
using test::compile;
using test::golden;
using test::parsed;

constexpr const char* kNames[] = {"okta", "entra", "google", "keycloak", "wso2"};

TEST(IdentityProvider, WritesEveryDefaultOut) {
  const auto compiled = compile(parsed(R"({"name": "x"})"));
  ASSERT_TRUE(compiled) << compiled.error().detail;
  EXPECT_EQ(json::write(compiled->document),
            R"({"name":"x","enabled":true,"description":"",)"
            R"("claims":{"userIdClaim":"","roleClaim":"","roleClaimSeparator":"","mappings":[]},)"
            R"("roles":{"filter":[],"mappings":[],"unmapped":"drop","createGroups":false,)"
            R"("maxRevokedPerLogin":0},)"
            R"("jit":{"isEnabled":false,"userstore":"PRIMARY","routing":[],"allowedDomains":[],)"
            R"("unknownDomain":"primary","scheme":"PROVISION_SILENTLY",)"
            R"("prompt":{"returnOrigins":[],"expiresIn":900,"theme":"default","pageUrl":""},)"
            R"("associateLocalUser":false,"accountLookupAttributeMappings":[],)"
            R"("skipJITForLookupFailure":false,"userNameTemplate":"","sanitizeUserName":false,)"
            R"("onUserNameTaken":"refuse","create":true,"update":true,"reactivate":false,)"
            R"("conditions":{"allow":[],"deny":[]},"protectedUsers":[],"protectedGroups":[],)"
            R"("attributeSyncMethod":"OVERRIDE_ALL",)"
            R"("idpGroupSyncMethod":"MERGE_WITH_EXISTING","consent":{"purposes":["DEFAULT"]},)"
            R"("mode":"blocking","onFailure":"refuse"}})");
  EXPECT_FALSE(compiled->provisioning);
}

TEST(IdentityProvider, OfEachGoldenDocumentCompilesAndItsCanonicalFormToItself) {
  for (const char* name : kNames) {
    SCOPED_TRACE(name);
    const auto compiled = compile(golden(std::string("identity_providers/") + name + ".json"));
    ASSERT_TRUE(compiled) << compiled.error().detail;
    EXPECT_TRUE(compiled->provisioning);
    const auto again = compile(compiled->document);
    ASSERT_TRUE(again) << again.error().detail;
    EXPECT_EQ(json::write(again->document), json::write(compiled->document));
    EXPECT_TRUE(checkDomains(*compiled, *catalog()));
  }
}

TEST(IdentityProvider, ReadsTheDocumentOfTheHandbook) {
  const auto compiled =
      compile(parsed(R"({"name": "okta-corp", "enabled": true, "description": "Okta, employees",
   "claims": {"userIdClaim": "preferred_username", "roleClaim": "groups",
     "mappings": [{"idpClaim": "email", "attribute": "emails[type eq \"work\"].value"},
                  {"idpClaim": "given_name", "attribute": "name.givenName"},
                  {"idpClaim": "department", "attribute": "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
                   "defaultValue": "unassigned"}]},
   "roles": {"mappings": [{"idpRole": "okta-admins", "localRole": "CORP/admins"}], "unmapped": "drop"},
   "jit": {"isEnabled": true, "userstore": "CORP", "scheme": "PROVISION_SILENTLY", "associateLocalUser": false,
           "attributeSyncMethod": "OVERRIDE_ALL", "idpGroupSyncMethod": "OVERRIDE_ALL", "mode": "blocking", "onFailure": "refuse"}})"));
  ASSERT_TRUE(compiled) << compiled.error().detail;
  EXPECT_EQ(compiled->routing.userstore, "CORP");
  EXPECT_EQ(compiled->mappings.size(), 3U);
  EXPECT_EQ(compiled->mappings[0].target.text(), R"(emails[type eq "work"].value)");
  EXPECT_EQ(compiled->mappings[2].default_value, json::Value("unassigned"));
  EXPECT_EQ(compiled->group_sync, GroupSync::kOverrideAll);
}

struct BadSettings {
  const char* sections = nullptr;
  const char* part_of_text = nullptr;
  ErrorKind kind = ErrorKind::kInvalidValue;
};

/// A document named `x` with one mapping.
std::string mapping(const std::string& attribute, const std::string& rest = "") {
  return R"({"claims": {"mappings": [{"idpClaim": "c", "attribute": ")" + attribute + "\"" + rest +
         "}]}}";
}

void expectRefused(std::string_view sections, std::string_view part,
                   ErrorKind kind = ErrorKind::kInvalidValue) {
  SCOPED_TRACE(sections);
  json::Value document = parsed(R"({"name": "x"})");
  const json::Value changes = parsed(sections);
  for (const json::Member& member : *changes.object()) {
    document.object()->set(member.key, member.value);
  }
  const auto compiled = compile(document);
  ASSERT_FALSE(compiled);
  EXPECT_NE(compiled.error().detail.find(part), std::string::npos) << compiled.error().detail;
  EXPECT_EQ(compiled.error().kind, kind);
}

TEST(IdentityProvider, RefusesWhatItDoesNotKnow) {
  const BadSettings cases[] = {
      {R"({"nmae": "y"})", "/nmae: is not known here"},
      {R"({"claims": {"userIDClaim": "y"}})", "/claims/userIDClaim: is not known"},
      {R"({"claims": {"mappings": [{"idpClaim": "a", "attribute": "title", "transform": "lower"}]}})",
       "/claims/mappings/0/transform: is not known"},
      {R"({"roles": {"mapping": []}})", "/roles/mapping"},
      {R"({"roles": {"mappings": [{"idpRole": "a", "localRole": "CORP/b", "x": 1}]}})",
       "/roles/mappings/0/x"},
      {R"({"jit": {"userStore": "CORP"}})", "/jit/userStore"},
      {R"({"jit": {"scheme": "PROMPT_ALL"}})", "/jit/scheme: 'PROMPT_ALL' is none of"},
      {R"({"jit": {"mode": "nonblocking"}})", "/jit/mode: 'nonblocking' is none of"},
      {R"({"jit": {"attributeSyncMethod": "override_all"}})", "/jit/attributeSyncMethod"},
      {R"({"jit": {"idpGroupSyncMethod": "FIRST_LOGIN"}})", "/jit/idpGroupSyncMethod"},
      {R"({"claims": {"mappings": [{"idpClaim": "a", "attribute": "title", "sync": "once"}]}})",
       "/claims/mappings/0/sync: 'once' is none of override, import-once, preserve-local"},
      {R"({"jit": {"onFailure": "ignore"}})", "/jit/onFailure"},
      {R"({"jit": {"scheme": "PROMPT_PASSWORD"}})", "/jit/scheme: 'PROMPT_PASSWORD' is none of"},
      {R"({"jit": {"scheme": "PROMPT_CONSENT", "mode": "non-blocking"}})",
       "/jit/mode: non-blocking: nobody can be asked"},
      {R"({"jit": {"onUserNameTaken": "prompt", "mode": "non-blocking"}})",
       "/jit/mode: non-blocking: nobody can be asked"},
      {R"({"jit": {"prompt": {"returnOrigins": ["gateway.example"]}}})",
       "/jit/prompt/returnOrigins: 'gateway.example': the URL must begin with https://"},
      {R"({"jit": {"prompt": {"returnOrigins": ["https://gateway.example/back"]}}})",
       "has more than scheme, host and port"},
      {R"({"jit": {"prompt": {"expiresIn": 5}}})", "/jit/prompt/expiresIn: is less than 30"},
      {R"({"jit": {"prompt": {"theme": "../x"}}})", "/jit/prompt/theme"},
      {R"({"jit": {"prompt": {"pageUrl": "javascript:x"}}})", "/jit/prompt/pageUrl"},
      {R"({"jit": {"prompt": {"returnUrls": []}}})", "/jit/prompt"},
      {R"({"claims": {"mappings": [{"idpClaim": "a", "attribute": "title", "required": true,
         "defaultValue": "x"}]}})",
       "/claims/mappings/0/required: has no effect beside defaultValue"},
      {R"({"roles": {"unmapped": "keep"}})", "/roles/unmapped"},
  };
  for (const BadSettings& look : cases) expectRefused(look.sections, look.part_of_text, look.kind);
}

TEST(IdentityProvider, RefusesWrongTypes) {
  const BadSettings cases[] = {
      {R"({"enabled": "true"})", "/enabled: must be true or false"},
      {R"({"description": 1})", "/description: must be a string"},
      {R"({"claims": []})", "/claims: must be an object"},
      {R"({"claims": {"mappings": {}}})", "/claims/mappings: must be an array"},
      {R"({"claims": {"mappings": ["email"]}})", "/claims/mappings/0: must be an object"},
      {R"({"claims": {"mappings": [{"attribute": "title"}]}})",
       "/claims/mappings/0/idpClaim: is missing"},
      {R"({"claims": {"userIdClaim": "/a~"}})", "/claims/userIdClaim"},
      {R"({"claims": {"roleClaimSeparator": "123456789"}})", "/claims/roleClaimSeparator"},
      {R"({"roles": {"mappings": [{"idpRole": " ", "localRole": "CORP/x"}]}})",
       "/roles/mappings/0/idpRole"},
      {R"({"roles": {"mappings": [{"idpRole": "a", "localRole": "CORP/"}]}})",
       "/roles/mappings/0/localRole"},
      {R"({"roles": {"mappings": [{"idpRole": "a", "localRole": "CORP/x"}, {"idpRole": "a", "localRole": "corp/x"}]}})",
       "/roles/mappings/1/localRole: is mapped twice"},
      {R"({"roles": {"mappings": [{"idpRole": " admins ", "localRole": "CORP/x"}]}})",
       "/roles/mappings/0/idpRole: begins or ends with white space"},
      {R"({"roles": {"filter": "a.*"}})", "/roles/filter: must be an array"},
      {R"({"roles": {"filter": ["a", "("]}})", "/roles/filter: '('"},
      {R"({"roles": {"createGroups": "yes"}})", "/roles/createGroups: must be true or false"},
      {R"({"roles": {"maxRevokedPerLogin": -1}})", "/roles/maxRevokedPerLogin: must be a whole"},
      {R"({"roles": {"maxRevokedPerLogin": 2.5}})", "/roles/maxRevokedPerLogin: must be a whole"},
      {R"({"jit": {"isEnabled": 1}})", "/jit/isEnabled"},
      {R"({"jit": {"userstore": " "}})", "/jit/userstore: is blank"},
      {R"({"name": ""})", "/name: must not be empty"},
      {R"({"name": "a/b"})", "/name: has a '/'"},
      {R"({"name": " a"})", "/name: begins or ends with a space"},
      {R"({"name": ".."})", "/name: means a folder"},
      {R"({"name": "a\nb"})", "/name: has a control character"},
  };
  for (const BadSettings& look : cases) expectRefused(look.sections, look.part_of_text, look.kind);
  EXPECT_EQ(compile(parsed("[]")).error().kind, ErrorKind::kInvalidSyntax);
  EXPECT_FALSE(compile(parsed("{}")));
}

TEST(IdentityProvider, RefusesMappingsThatCannotWork) {
  const std::pair<const char*, const char*> cases[] = {
      {"id", "readOnly"},
      {"meta", "readOnly"},
      {"schemas", "schemas"},
      {"groups", "roleClaim"},
      {"password", "credential"},
      {"userName", "userIdClaim"},
      {"USERNAME", "userIdClaim"},
      {"active", "cannot enable or disable"},
      {"name", "add one of .formatted"},
      {"favouriteColour", "favouriteColour"},
      {"name.nick", "name.nick"},
      {"emails.value", "'[…]'"},
      {"addresses", "must name one element"},
      {R"(addresses[type eq \"work\"])", "add one of .formatted"},
      {R"(emails[type eq \"work\"].nick)", "no sub-attribute"},
      {R"(emails[type eq \"work\" or type eq \"home\"].value)", "by `eq` alone"},
      {R"(emails[type sw \"w\"].value)", "by `eq` alone"},
      {R"(emails[type pr].value)", "by `eq` alone"},
      {R"(emails[not (type eq \"work\")].value)", "by `eq` alone"},
      {R"(emails[value eq \"x\"].value)", "names 'value' twice"},
      {R"(emails[type eq \"work\" and type eq \"home\"].value)", "names 'type' twice"},
      {R"(emails[type eq \"work\".value)", "not closed"},
      {"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User", "is a schema"},
      {"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager", "add one of .value"},
      {"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.displayName",
       "readOnly"},
      {"urn:none:User:title", "urn:none:User:title"},
  };
  for (const auto& [attribute, part] : cases) expectRefused(mapping(attribute), part);
}

TEST(IdentityProvider, RefusesTwoMappingsToOnePlace) {
  const std::pair<const char*, const char*> cases[] = {
      {"title", "TITLE"},
      {R"(emails[type eq \"work\"].value)", R"(emails[TYPE eq \"work\"])"},
      {"emails", R"(emails[type eq \"work\"].value)"},
      {R"(emails[type eq \"work\"].value)", "emails"},
      {R"(emails[type eq \"work\"].value)", R"(emails[type eq \"WORK\"].value)"},
      {R"(emails[type eq \"work\" and primary eq true].value)",
       R"(emails[primary eq True and type eq \"work\"].value)"},
      {R"(addresses[type eq \"work\"].locality)", R"(addresses[type eq \"Work\"].locality)"},
  };
  for (const auto& [first, second] : cases) {
    SCOPED_TRACE(second);
    expectRefused(std::string(R"({"claims": {"mappings": [{"idpClaim": "a", "attribute": ")") +
                      first + R"("}, {"idpClaim": "b", "attribute": ")" + second + "\"}]}}",
                  "/claims/mappings/1/attribute: is mapped twice: 'a'");
  }
}

TEST(IdentityProvider, RefusesDefaultsThatDoNotFit) {
  expectRefused(mapping("title", R"(, "defaultValue": "")"), "/defaultValue: is blank");
  expectRefused(mapping("title", R"(, "defaultValue": {"a": 1})"), "must be a string, a number");
  expectRefused(mapping("title", R"(, "defaultValue": null)"), "must be a string, a number");
  expectRefused(mapping(R"(emails[type eq \"work\"].primary)", R"(, "defaultValue": "maybe")"),
                "/claims/mappings/0/defaultValue");
}

TEST(IdentityProvider, RefusesDomainsThatDoNotExist) {
  for (const char* sections :
       {R"({"jit": {"userstore": "GONE"}})", R"({"jit": {"userstore": "DEFAULT"}})",
        R"({"roles": {"mappings": [{"idpRole": "a", "localRole": "GONE/x"}]}})"}) {
    const auto checked = checkDomains(test::provider(sections), *catalog());
    ASSERT_FALSE(checked) << sections;
    EXPECT_EQ(checked.error().kind, ErrorKind::kInvalidValue);
  }
  EXPECT_TRUE(checkDomains(test::provider(R"({"jit": {"userstore": "corp"}})"), *catalog()));
}

TEST(IdentityProvider, TakesARoleTargetWithoutADomainAsOneOfPrimary) {
  const IdentityProvider idp =
      test::provider(R"({"roles": {"mappings": [{"idpRole": "a", "localRole": "admins"}]}})");
  EXPECT_EQ(idp.roles.find("a")->second.domain, "PRIMARY");
}

}  // namespace
}  // namespace vestibule::jit
