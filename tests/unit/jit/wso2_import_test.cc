#include "jit/wso2_import.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "jit/wso2_claims.h"
#include "unit/jit/jit_fixture.h"

namespace vestibule::jit {
namespace {

using test::catalog;
using test::compile;
using test::golden;
using test::parsed;
using test::schemas;

using Imported = Result<std::vector<ImportedIdentityProvider>>;

Imported import(const json::Value& source, const ImportOptions& options = {}) {
  return importWso2(*schemas().registry, *schemas().user, source, options);
}

/// As `vestibule idp import --dry-run --json` prints it.
json::Value described(const std::vector<ImportedIdentityProvider>& imported) {
  json::Array all;
  for (const auto& one : imported) {
    json::Array report;
    for (const auto& note : one.notes) {
      report.emplace_back(json::Object{
          {"pointer", note.pointer}, {"fate", nameOf(note.fate)}, {"text", note.text}});
    }
    all.emplace_back(json::Object{{"settings", one.settings}, {"report", std::move(report)}});
  }
  return all;
}

/// `fate pointer` of each note that is not kept.
std::vector<std::string> losses(const ImportedIdentityProvider& imported) {
  std::vector<std::string> all;
  for (const auto& note : imported.notes) {
    if (note.fate != ImportFate::kKept) {
      all.push_back(std::string(nameOf(note.fate)) + " " + note.pointer);
    }
  }
  return all;
}

/// The only one that is imported from an identity provider `x` with these members.
ImportedIdentityProvider only(std::string_view members, const ImportOptions& options = {}) {
  json::Value source = parsed(R"({"name": "x"})");
  const json::Value more = parsed(members);
  for (const json::Member& member : *more.object()) source.object()->set(member.key, member.value);
  auto imported = import(source, options);
  EXPECT_TRUE(imported) << imported.error().detail;
  return imported ? imported->front() : ImportedIdentityProvider();
}

std::string settingAt(const ImportedIdentityProvider& imported, std::string_view section,
                      std::string_view key) {
  const json::Value* part = imported.settings.find(section);
  const json::Value* value = part == nullptr ? nullptr : part->find(key);
  return value == nullptr ? "-" : json::write(*value);
}

TEST(Wso2Import, OfEachGoldenFileGivesItsSettingsAndReport) {
  for (const std::string name : {"corp-oidc", "partner-saml", "local-dialect-list"}) {
    SCOPED_TRACE(name);
    const auto imported = import(golden("wso2_identity_providers/" + name + ".json"));
    ASSERT_TRUE(imported) << imported.error().detail;
    const auto expected = golden("wso2_identity_providers/" + name + ".imported.json");
    EXPECT_EQ(json::writePretty(described(*imported)), json::writePretty(expected));
  }
}

TEST(Wso2Import, ShowsNoSecretsAndKeepsSilentAboutNothing) {
  const json::Value source = golden("wso2_identity_providers/corp-oidc.json");
  const auto imported = import(source);
  ASSERT_TRUE(imported) << imported.error().detail;
  EXPECT_EQ(json::write(described(*imported)).find("never-to-be-shown"), std::string::npos);
  // Every member of the document and of its JIT section has a note at or below it, unless blank.
  const std::set<std::string> silent{"/isPrimary", "/isFederationHub", "/description"};
  const auto noted = [&](const std::string& pointer) {
    for (const auto& note : imported->front().notes) {
      if (note.pointer == pointer || note.pointer.rfind(pointer + "/", 0) == 0) return true;
    }
    return silent.count(pointer) != 0;
  };
  for (const json::Member& member : *source.object()) {
    EXPECT_TRUE(noted("/" + member.key)) << member.key;
  }
  const json::Value& jit = *source.find("provisioning")->find("jit");
  for (const json::Member& member : *jit.object()) {
    if (member.key == "skipJITForLookupFailure") continue;  // false, as it is by default
    EXPECT_TRUE(noted("/provisioning/jit/" + member.key)) << member.key;
  }
}

TEST(Wso2Import, GivesSettingsThatCanBeSaved) {
  const auto corp = import(golden("wso2_identity_providers/corp-oidc.json"));
  ASSERT_TRUE(corp);
  auto compiled = compile(corp->front().settings);
  ASSERT_TRUE(compiled) << compiled.error().detail;
  EXPECT_TRUE(checkDomains(*compiled, *catalog()));
  const auto list = import(golden("wso2_identity_providers/local-dialect-list.json"));
  ASSERT_TRUE(list);
  for (const auto& one : *list) {
    compiled = compile(one.settings);
    ASSERT_TRUE(compiled) << compiled.error().detail;
    EXPECT_TRUE(checkDomains(*compiled, *catalog()));
  }
}

TEST(Wso2Import, WeakensNoPromptUnlessItIsTold) {
  const json::Value source = golden("wso2_identity_providers/partner-saml.json");
  const auto as_there = import(source);
  ASSERT_TRUE(as_there) << as_there.error().detail;
  EXPECT_EQ(settingAt(as_there->front(), "jit", "scheme"), R"("PROMPT_USERNAME_PASSWORD_CONSENT")");
  const auto told = import(source, {"partner", "PROVISION_SILENTLY"});
  ASSERT_TRUE(told);
  EXPECT_EQ(settingAt(told->front(), "jit", "scheme"), R"("PROVISION_SILENTLY")");
  const auto changes = losses(told->front());
  const std::set<std::string> said(changes.begin(), changes.end());
  EXPECT_TRUE(said.count("changed /provisioning/jit/scheme"));
  EXPECT_TRUE(said.count("changed /name"));
  EXPECT_EQ(json::write(*told->front().settings.find("name")), R"("partner")");
  const auto compiled = compile(told->front().settings);
  ASSERT_TRUE(compiled) << compiled.error().detail;
  EXPECT_FALSE(compiled->enabled);
}

TEST(Wso2Import, MakesOneSettingOfAnother) {
  const struct {
    const char* what;
    const char* members;
    const char* section;
    const char* key;
    const char* value;
  } cases[] = {
      {"nothing is provisioned unless it says so", "{}", "jit", "isEnabled", "false"},
      {"a blank store is the primary one", R"({"provisioning": {"jit": {"userstore": " "}}})",
       "jit", "userstore", R"("PRIMARY")"},
      {"a store in any case", R"({"provisioning": {"jit": {"userstore": "Corp"}}})", "jit",
       "userstore", R"("CORP")"},
      {"null is absent", R"({"provisioning": {"jit": {"userstore": null, "scheme": null}}})", "jit",
       "scheme", R"("PROVISION_SILENTLY")"},
      {"the claim of the default link rule",
       R"({"claims": {"mappings": [{"idpClaim": "upn", "localClaim": {"uri": "http://wso2.org/claims/emailaddress"}}]},
           "provisioning": {"jit": {"associateLocalUser": true}}})",
       "jit", "accountLookupAttributeMappings",
       R"([{"federatedAttribute":"upn","localAttribute":"userName","requireVerifiedEmail":true}])"},
      {"our own default rule where it is the same",
       R"({"claims": {"mappings": [{"idpClaim": "email", "localClaim": {"uri": "http://wso2.org/claims/emailaddress"}}]},
           "provisioning": {"jit": {"associateLocalUser": true}}})",
       "jit", "accountLookupAttributeMappings", "-"},
      {"no rule that nobody asked for",
       R"({"provisioning": {"jit": {"associateLocalUser": true, "accountLookupAttributeMappings":
           [{"federatedAttribute": "a", "localAttribute": "http://wso2.org/claims/country"}]}}})",
       "jit", "associateLocalUser", "false"},
      {"nobody is made who could not be looked for",
       R"({"provisioning": {"jit": {"associateLocalUser": true, "skipJITForLookupFailure": true,
           "accountLookupAttributeMappings":
           [{"federatedAttribute": "a", "localAttribute": "http://wso2.org/claims/country"}]}}})",
       "jit", "create", "false"},
      {"a rule without its switch links nobody",
       R"({"provisioning": {"jit": {"accountLookupAttributeMappings":
           [{"federatedAttribute": "a", "localAttribute": "http://wso2.org/claims/username"}]}}})",
       "jit", "associateLocalUser", "false"},
      {"the older word for adding groups",
       R"({"provisioning": {"jit": {"idpGroupSyncMethod": "PRESERVE_EXISTING"}}})", "jit",
       "idpGroupSyncMethod", R"("MERGE_WITH_EXISTING")"},
      {"roles without a store are of PRIMARY",
       R"({"roles": {"mappings": [{"idpRole": "a", "localRole": "b"}]}})", "roles", "mappings",
       R"([{"idpRole":"a","localRole":"PRIMARY/b"}])"},
      {"the row of the roles where roleClaim is blank",
       R"({"claims": {"mappings": [{"idpClaim": "g", "localClaim": {"uri": "http://wso2.org/claims/roles"}}]}})",
       "claims", "roleClaim", R"("g")"},
      {"a default of a list",
       R"({"claims": {"mappings": [{"idpClaim": "e", "localClaim": {"uri": "http://wso2.org/claims/entitlements"}}],
           "provisioningClaims": [{"claim": {"uri": "e"}, "defaultValue": "basic"}]}})",
       "claims", "mappings",
       R"([{"idpClaim":"e","attribute":"entitlements","defaultValue":"basic"}])"},
      {"no default that the attribute cannot have",
       R"({"claims": {"mappings": [{"idpClaim": "u", "localClaim": {"uri": "http://wso2.org/claims/x509Certificates"}}],
           "provisioningClaims": [{"claim": {"uri": "u"}, "defaultValue": "not base64!"}]}})",
       "claims", "mappings", R"([{"idpClaim":"u","attribute":"x509Certificates"}])"},
  };
  for (const auto& look : cases) {
    SCOPED_TRACE(look.what);
    const auto imported = only(look.members);
    EXPECT_EQ(settingAt(imported, look.section, look.key), look.value);
    const auto compiled = compile(imported.settings);
    EXPECT_TRUE(compiled) << compiled.error().detail;
  }
}

TEST(Wso2Import, TakesIdTokensOnlyWhereAllIsThereToVerifyThem) {
  const std::string client =
      R"("federatedAuthenticators": {"authenticators": [{"authenticatorId": "T3Bl", "isEnabled": true,
         "properties": [{"key": "ClientId", "value": "c"}]}]})";
  const std::string disabled =
      R"("federatedAuthenticators": {"authenticators": [{"authenticatorId": "T3Bl", "isEnabled": false,
         "properties": [{"key": "ClientId", "value": "c"}]}]})";
  const std::string issuer = R"("idpIssuerName": "https://i.example")";
  const std::string keys = R"("certificate": {"jwksUri": "https://i.example/jwks"})";
  const struct {
    std::string members;
    bool taken;
    const char* lost;
  } cases[] = {
      {"{" + client + "," + issuer + "," + keys + "}", true, "changed /certificate"},
      {"{" + client + R"(, "issuer": "https://i.example",)" + keys + "}", true,
       "changed /certificate"},
      {"{" + issuer + "," + keys + "}", false, "dropped /certificate/jwksUri"},
      {"{" + disabled + "," + issuer + "," + keys + "}", false, "dropped /certificate/jwksUri"},
      {"{" + client + "," + keys + "}", false, "dropped /certificate/jwksUri"},
      {"{" + client + "," + issuer + "}", false, "dropped /idpIssuerName"},
      {"{" + client + "," + issuer + R"(, "certificate": {"jwksUri": "http://i.example/jwks"}})",
       false, "dropped /certificate/jwksUri"},
  };
  for (const auto& look : cases) {
    SCOPED_TRACE(look.members);
    const auto imported = only(look.members);
    EXPECT_EQ(imported.settings.find("idToken") != nullptr, look.taken);
    const auto lost = losses(imported);
    EXPECT_NE(std::find(lost.begin(), lost.end(), look.lost), lost.end());
    EXPECT_TRUE(compile(imported.settings));
  }
}

TEST(Wso2Import, SaysWhereASourceIsNotWhatItReads) {
  const struct {
    const char* source;
    const char* says;
  } cases[] = {
      {"[]", "is empty"},
      {"7", "must be an object"},
      {R"([{"name": "a"}, 7])", "/1: must be an object"},
      {R"({"identityProviders": []})", "/identityProviders: is empty"},
      {R"({"identityProviders": 7})", "/identityProviders: must be an object"},
      {"{}", "/name: is missing"},
      {R"({"name": ""})", "/name: must not be empty"},
      {R"({"name": 7})", "/name: "},
      {R"({"name": "x", "isEnabled": "true"})", "/isEnabled: "},
      {R"({"identityProviderName": "x"})", "is the file of an export"},
      {R"({"identityProviders": [{"id": "1", "name": "x", "self": "/t"}]})",
       "/identityProviders/0: is a row of a list"},
      {R"({"name": "x", "claims": []})", "/claims: "},
      {R"({"name": "x", "claims": {"userIdClaim": "sub"}})", "/claims/userIdClaim: "},
      {R"({"name": "x", "claims": {"userIdClaim": {"uri": 7}}})", "/claims/userIdClaim/uri: "},
      {R"({"name": "x", "claims": {"mappings": {}}})", "/claims/mappings: "},
      {R"({"name": "x", "claims": {"mappings": [{"localClaim": {"uri": "u"}}]}})",
       "/claims/mappings/0/idpClaim: is missing"},
      {R"({"name": "x", "claims": {"mappings": [{"idpClaim": "a", "localClaim": {}}]}})",
       "/claims/mappings/0/localClaim: must have the uri"},
      {R"({"name": "x", "claims": {"provisioningClaims": [{"defaultValue": "a"}]}})",
       "/claims/provisioningClaims/0/claim: must have the uri"},
      {R"({"name": "x", "roles": {"mappings": [{"idpRole": "a"}]}})",
       "/roles/mappings/0/localRole: is missing"},
      {R"({"name": "x", "provisioning": {"jit": {"scheme": "PROMPT"}}})",
       "/provisioning/jit/scheme: 'PROMPT' is none of PROVISION_SILENTLY"},
      {R"({"name": "x", "provisioning": {"jit": {"attributeSyncMethod": "SOME"}}})",
       "/provisioning/jit/attributeSyncMethod: "},
      {R"({"name": "x", "provisioning": {"jit": {"idpGroupSyncMethod": "SOME"}}})",
       "/provisioning/jit/idpGroupSyncMethod: "},
      {R"({"name": "x", "provisioning": {"jit": {"accountLookupAttributeMappings": [{}]}}})",
       "/provisioning/jit/accountLookupAttributeMappings/0/federatedAttribute: is missing"},
      {R"({"name": "x", "certificate": {"certificates": "c"}})", "/certificate/certificates: "},
      {R"({"name": "x", "federatedAuthenticators": {"authenticators": [{"properties": [{}]}]}})",
       "/federatedAuthenticators/authenticators/0/properties/0/key: is missing"},
  };
  for (const auto& look : cases) {
    SCOPED_TRACE(look.source);
    const auto imported = import(parsed(look.source));
    ASSERT_FALSE(imported);
    EXPECT_EQ(imported.error().kind, ErrorKind::kInvalidValue);
    EXPECT_NE(imported.error().detail.find(look.says), std::string::npos)
        << imported.error().detail;
  }
  const auto named = import(parsed(R"([{"name": "a"}, {"name": "b"}])"), {"c", ""});
  ASSERT_FALSE(named);
  EXPECT_NE(named.error().detail.find("cannot have one name"), std::string::npos);
}

TEST(Wso2Import, DropsWhatItDoesNotKnowByItsPlace) {
  const auto lost = losses(only(R"({"new~/one": 1,
      "claims": {"x": 1, "mappings": [{"idpClaim": "a", "localClaim": {"uri": "http://wso2.org/claims/title"}, "y": 1}]},
      "roles": {"z": []}, "provisioning": {"p": 1, "jit": {"isEnabled": false, "q": {}}},
      "certificate": {"c": 1}, "federatedAuthenticators": {"f": 1}})"));
  const std::set<std::string> said(lost.begin(), lost.end());
  for (const char* pointer :
       {"/new~0~1one", "/claims/x", "/claims/mappings/0/y", "/roles/z", "/provisioning/p",
        "/provisioning/jit/q", "/certificate/c", "/federatedAuthenticators/f"}) {
    EXPECT_TRUE(said.count(std::string("dropped ") + pointer)) << pointer;
  }
}

TEST(Wso2Claims, AreEachToldOnceAndNameAttributesOrSayNothing) {
  EXPECT_EQ(wso2Claim("http://wso2.org/claims/givenname")->attribute, "name.givenName");
  EXPECT_FALSE(wso2Claim("http://wso2.org/claims/givenName"));
  EXPECT_FALSE(wso2Claim("http://wso2.org/claims/country"));
  EXPECT_TRUE(wso2Claim("http://wso2.org/claims/gender")->misleading);
  EXPECT_TRUE(isWso2RoleClaim("http://wso2.org/claims/groups"));
  EXPECT_FALSE(isWso2RoleClaim("http://wso2.org/claims/entitlements"));
}

}  // namespace
}  // namespace vestibule::jit
