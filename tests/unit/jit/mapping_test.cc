#include "jit/mapping.h"

#include <gtest/gtest.h>

#include <string>

#include "unit/jit/jit_fixture.h"

namespace vestibule::jit {
namespace {

using test::compile;
using test::golden;
using test::parsed;
using test::provider;
using test::schemas;
using test::traced;

/// An identity provider with these rows of claims.mappings.
IdentityProvider mapping(const std::string& rows) {
  return provider(R"({"claims": {"mappings": [)" + rows + "]}}");
}

std::string row(const std::string& claim, const std::string& attribute,
                const std::string& rest = "") {
  return json::write(json::Object{{"idpClaim", claim}, {"attribute", attribute}}).insert(1, rest);
}

Result<MappedClaims> mapped(const IdentityProvider& idp, std::string_view claims, Trace& trace,
                            LoginKind kind = LoginKind::kCreates, SyncRules rules = {}) {
  const json::Value document = parsed(claims);
  return mapClaims(idp, rules, kind, *document.object(), trace);
}

/// The new user that these claims make, without `schemas` and `userName`.
std::string created(const IdentityProvider& idp, std::string_view claims) {
  Trace trace;
  const auto values = mapped(idp, claims, trace);
  if (!values) return values.error().code + " " + values.error().detail;
  auto user = newUserAttributes(*schemas().registry, *schemas().user, "bob", *values);
  if (!user) return user.error().code + " " + user.error().detail;
  EXPECT_EQ(user->find("userName")->string()->compare("bob"), 0);
  user->erase("schemas");
  user->erase("userName");
  return json::write(*user);
}

/// `user` after a login with these claims.
std::string synced(const IdentityProvider& idp, SyncRules rules, std::string_view user,
                   std::string_view claims, LoginKind kind = LoginKind::kLater) {
  Trace trace;
  const auto values = mapped(idp, claims, trace, kind, rules);
  if (!values) return values.error().code;
  auto after = syncedAttributes(*schemas().registry, *schemas().user, rules,
                                scim::test::resource(*schemas().user, user), *values);
  if (!after) return after.error().code + " " + after.error().detail;
  after->erase("schemas");
  after->erase("userName");
  return json::write(*after);
}

struct ValueCase {
  const char* attribute;
  const char* claim;
  const char* user;
};

TEST(Mapping, BringsValuesIntoTheAttributesType) {
  const ValueCase cases[] = {
      {"title", R"("Boss")", R"({"title":"Boss"})"},
      {"title", "7.50", R"({"title":"7.50"})"},
      {"title", "true", R"({"title":"true"})"},
      {"title", R"(["Boss", "Chief"])", R"({"title":"Boss"})"},
      {"title", R"(["", "Chief"])", R"({"title":"Chief"})"},
      {"name.givenName", R"("Łukasz 由紀")", R"({"name":{"givenName":"Łukasz 由紀"}})"},
      {"NAME.givenname", R"("x")", R"({"name":{"givenName":"x"}})"},
      {"emails", R"("a@b.example")", R"({"emails":[{"value":"a@b.example"}]})"},
      {"emails", R"(["a@b.example", "c@d.example"])",
       R"({"emails":[{"value":"a@b.example"},{"value":"c@d.example"}]})"},
      {"emails", R"([{"value": "a@b.example", "type": "home", "odd": 1}])",
       R"({"emails":[{"value":"a@b.example","type":"home"}]})"},
      {R"(emails[type eq "work"].value)", R"("a@b.example")",
       R"({"emails":[{"value":"a@b.example","type":"work"}]})"},
      {R"(emails[type eq "work" and primary eq true].value)", R"("a@b.example")",
       R"({"emails":[{"value":"a@b.example","type":"work","primary":true}]})"},
      {R"(emails[type eq "work"])", R"("a@b.example")",
       R"({"emails":[{"value":"a@b.example","type":"work"}]})"},
      {R"(addresses[type eq "work"].locality)", R"("Madrid")",
       R"({"addresses":[{"locality":"Madrid","type":"work"}]})"},
      {"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber", "40817",
       R"({"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"employeeNumber":"40817"}})"},
      {"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value", R"("m-1")",
       R"({"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"manager":{"value":"m-1"}}})"},
      {"externalId", R"("oid-1")", R"({"externalId":"oid-1"})"},
      {"title", "null", "{}"},
      {"title", R"("   ")", "{}"},
      {"title", "[]", "{}"},
      {"title", R"({"a": 1})", "JIT-1301 claim 'c': 'title' must be a string, not object"},
      {R"(emails[type eq "work"].primary)", R"("maybe")",
       "JIT-1301 claim 'c': 'emails.primary' must be true or false"},
  };
  for (const ValueCase& look : cases) {
    SCOPED_TRACE(std::string(look.attribute) + " <- " + look.claim);
    EXPECT_EQ(created(mapping(row("c", look.attribute)), std::string("{\"c\":") + look.claim + "}"),
              look.user);
  }
}

TEST(Mapping, FillsDefaultsForAbsentAndBlankClaims) {
  const IdentityProvider idp = mapping(
      R"({"idpClaim": "d", "attribute": "title", "defaultValue": "unassigned"},
         {"idpClaim": "e", "attribute": "emails", "defaultValue": "info@b.example"})");
  const std::string with_defaults =
      R"({"title":"unassigned","emails":[{"value":"info@b.example"}]})";
  EXPECT_EQ(created(idp, "{}"), with_defaults);
  EXPECT_EQ(created(idp, R"({"d": "", "e": []})"), with_defaults);
  EXPECT_EQ(created(idp, R"({"d": "Boss", "e": "a@b.example"})"),
            R"({"title":"Boss","emails":[{"value":"a@b.example"}]})");
}

TEST(Mapping, PutsPartsOfOneElementTogether) {
  const IdentityProvider idp =
      mapping(row("address.street_address", R"(addresses[type eq "work"].streetAddress)") + "," +
              row("address.locality", R"(addresses[type eq "work"].locality)") + "," +
              row("home", R"(addresses[type eq "home"].locality)"));
  EXPECT_EQ(
      created(
          idp,
          R"({"address": {"street_address": "Alcalá 50", "locality": "Madrid"}, "home": "Oslo"})"),
      R"({"addresses":[{"streetAddress":"Alcalá 50","locality":"Madrid","type":"work"},)"
      R"({"locality":"Oslo","type":"home"}]})");
}

TEST(Mapping, KeepsOnePrimaryAsPatchDoes) {
  const IdentityProvider idp =
      mapping(row("a", R"(emails[primary eq true].value)") + "," +
              row("b", R"(emails[type eq "work" and primary eq true].value)"));
  EXPECT_EQ(created(idp, R"({"a": "a@b.example", "b": "c@d.example"})"),
            R"({"emails":[{"value":"a@b.example","primary":false},)"
            R"({"value":"c@d.example","type":"work","primary":true}]})");
}

TEST(Mapping, DropsAndTracesUnmappedClaims) {
  Trace trace;
  const IdentityProvider idp = provider(
      R"({"claims": {"userIdClaim": "uid", "roleClaim": "realm_access.roles",
                     "mappings": [{"idpClaim": "email", "attribute": "emails"}]}})");
  ASSERT_TRUE(mapped(
      idp,
      R"({"uid": "b", "realm_access": {}, "email": "x@y.example", "password": "secret1", "iss": "i"})",
      trace));
  ASSERT_TRUE(traced(trace, "unmapped claims", "2 claims dropped"));
  for (const TraceEntry& entry : trace.entries()) {
    EXPECT_EQ(entry.input.find("secret1"), std::string::npos);
    EXPECT_EQ(entry.outcome.find("secret1"), std::string::npos);
  }
}

TEST(Mapping, OverrideAllLeavesWhatTheIdentityProviderSentAndNothingElse) {
  const IdentityProvider idp =
      mapping(row("title", "title") + "," + row("email", R"(emails[type eq "work"].value)"));
  constexpr const char* kUser =
      R"({"externalId": "e-1", "active": true, "title": "old", "nickName": "Bobby",
          "emails": [{"value": "home@b.example", "type": "home"}, {"value": "old@b.example", "type": "work", "primary": true}],
          "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": "d"}})";
  EXPECT_EQ(
      synced(idp, {AttributeSync::kOverrideAll}, kUser,
             R"({"title": "new", "email": "new@b.example"})"),
      R"({"externalId":"e-1","title":"new","active":true,"emails":[{"value":"new@b.example","type":"work"}]})");
  EXPECT_EQ(synced(idp, {AttributeSync::kOverrideAll}, kUser, "{}"),
            R"({"externalId":"e-1","active":true})");
}

TEST(Mapping, PreserveLocalTouchesOnlyWhatWasSent) {
  const IdentityProvider idp =
      mapping(row("title", "title") + "," + row("email", R"(emails[type eq "work"].value)"));
  constexpr const char* kUser =
      R"({"title": "old", "nickName": "Bobby", "emails": [{"value": "home@b.example", "type": "home"},
          {"value": "old@b.example", "type": "work", "primary": true}]})";
  const std::string unchanged =
      R"({"nickName":"Bobby","title":"old","emails":[{"value":"home@b.example","type":"home"},)"
      R"({"value":"old@b.example","type":"work","primary":true}]})";
  EXPECT_EQ(synced(idp, {AttributeSync::kPreserveLocal}, kUser, "{}"), unchanged);
  EXPECT_EQ(
      synced(idp, {AttributeSync::kPreserveLocal}, kUser,
             R"({"title": "new", "email": "new@b.example"})"),
      R"({"nickName":"Bobby","title":"new","emails":[{"value":"home@b.example","type":"home"},)"
      R"({"value":"new@b.example","type":"work","primary":true}]})");
  // Sent blank is not the same as not sent.
  EXPECT_EQ(synced(idp, {AttributeSync::kPreserveLocal}, kUser, R"({"title": "", "email": null})"),
            R"({"nickName":"Bobby","emails":[{"value":"home@b.example","type":"home"}]})");
  // What is not there need not be removed.
  EXPECT_EQ(synced(idp, {AttributeSync::kPreserveLocal}, R"({"nickName": "Bobby"})",
                   R"({"title": "", "email": null})"),
            R"({"nickName":"Bobby"})");
}

TEST(Mapping, KeepsWhatAClaimThatIsToBeFetchedElsewhereIsMappedTo) {
  const IdentityProvider idp =
      mapping(row("title", "title") + "," + row("email", R"(emails[type eq "work"].value)") + "," +
              row("phones", "phoneNumbers") + "," +
              R"({"idpClaim": "dept", "attribute": "nickName", "defaultValue": "none"})");
  constexpr const char* kUser =
      R"({"title": "old", "nickName": "Bobby", "phoneNumbers": [{"value": "1"}, {"value": "2"}],
          "emails": [{"value": "old@b.example", "type": "work"}]})";
  constexpr const char* kElsewhere =
      R"({"_claim_names": {"title": "s", "email": "s", "phones": "s", "dept": "s"}})";
  const std::string kept =
      R"({"nickName":"Bobby","title":"old","emails":[{"value":"old@b.example","type":"work"}],)"
      R"("phoneNumbers":[{"value":"1"},{"value":"2"}]})";
  EXPECT_EQ(synced(idp, {AttributeSync::kOverrideAll}, kUser, kElsewhere), kept);
  EXPECT_EQ(synced(idp, {AttributeSync::kPreserveLocal}, kUser, kElsewhere), kept);
  // Who has nothing gets the default, at the first login and later.
  EXPECT_EQ(synced(idp, {AttributeSync::kOverrideAll}, "{}", kElsewhere), R"({"nickName":"none"})");
  EXPECT_EQ(created(idp, kElsewhere), R"({"nickName":"none"})");
}

TEST(Mapping, NoneChangesNothing) {
  const IdentityProvider idp = mapping(row("title", "title"));
  EXPECT_EQ(synced(idp, {AttributeSync::kNone}, R"({"title": "old"})", R"({"title": "new"})"),
            R"({"title":"old"})");
}

/// One row of the table in docs/jit.md: what becomes of an attribute whose value was `old`.
struct SyncCase {
  const char* sync;  ///< of the mapping; empty: none
  AttributeSync method;
  LoginKind kind;
  const char* sent;
  const char* blank;
  const char* null;
  const char* absent;
  const char* elsewhere;
};

TEST(Mapping, SyncsEachAttributeByItsOwnRule) {
  constexpr auto kAll = AttributeSync::kOverrideAll;
  constexpr auto kPreserve = AttributeSync::kPreserveLocal;
  constexpr auto kNone = AttributeSync::kNone;
  constexpr auto kFirst = LoginKind::kFirst;
  constexpr auto kLater = LoginKind::kLater;
  const SyncCase cases[] = {
      {"", kAll, kLater, "new", "", "", "", "old"},
      {"", kPreserve, kLater, "new", "", "", "old", "old"},
      {"", kNone, kLater, "old", "old", "old", "old", "old"},
      {"", kNone, kFirst, "old", "old", "old", "old", "old"},
      {"override", kAll, kLater, "new", "", "", "", "old"},
      {"override", kPreserve, kLater, "new", "", "", "", "old"},
      {"override", kNone, kLater, "new", "", "", "", "old"},
      {"import-once", kAll, kFirst, "new", "", "", "old", "old"},
      {"import-once", kPreserve, kFirst, "new", "", "", "old", "old"},
      {"import-once", kNone, kFirst, "new", "", "", "old", "old"},
      {"import-once", kAll, kLater, "old", "old", "old", "old", "old"},
      {"import-once", kPreserve, kLater, "old", "old", "old", "old", "old"},
      {"import-once", kNone, kLater, "old", "old", "old", "old", "old"},
      {"preserve-local", kAll, kFirst, "old", "old", "old", "old", "old"},
      {"preserve-local", kAll, kLater, "old", "old", "old", "old", "old"},
      {"preserve-local", kPreserve, kLater, "old", "old", "old", "old", "old"},
      {"preserve-local", kNone, kLater, "old", "old", "old", "old", "old"},
  };
  for (const SyncCase& look : cases) {
    SCOPED_TRACE(std::string(look.sync) + " " + std::to_string(static_cast<int>(look.method)) +
                 " " + std::to_string(static_cast<int>(look.kind)));
    const std::string sync =
        *look.sync == '\0' ? "" : R"("sync": ")" + std::string(look.sync) + "\",";
    for (const char* attribute : {"title", R"(emails[type eq \"work\"].value)"}) {
      const IdentityProvider idp =
          mapping("{" + sync + R"("idpClaim": "t", "attribute": ")" + attribute + "\"}");
      const bool is_title = std::string_view(attribute) == "title";
      const auto user = [&](const std::string& value) -> std::string {
        if (value.empty()) return "{}";
        return is_title ? R"({"title":")" + value + "\"}"
                        : R"({"emails":[{"value":")" + value + R"(","type":"work"}]})";
      };
      const auto after = [&](const char* claims) {
        return synced(idp, {look.method}, user("old"), claims, look.kind);
      };
      EXPECT_EQ(after(R"({"t": "new"})"), user(look.sent)) << attribute;
      EXPECT_EQ(after(R"({"t": " "})"), user(look.blank)) << attribute;
      EXPECT_EQ(after(R"({"t": null})"), user(look.null)) << attribute;
      EXPECT_EQ(after("{}"), user(look.absent)) << attribute;
      EXPECT_EQ(after(R"({"_claim_names": {"t": "s"}})"), user(look.elsewhere)) << attribute;
    }
  }
}

TEST(Mapping, SetsAPreservedAttributeOnlyWhileTheUserHasNone) {
  const IdentityProvider idp =
      mapping(R"({"idpClaim": "t", "attribute": "title", "sync": "preserve-local"},
                 {"idpClaim": "n", "attribute": "nickName", "sync": "preserve-local",
                  "defaultValue": "none"})");
  for (const AttributeSync method :
       {AttributeSync::kOverrideAll, AttributeSync::kPreserveLocal, AttributeSync::kNone}) {
    EXPECT_EQ(synced(idp, {method}, "{}", R"({"t": "new"})"),
              R"({"nickName":"none","title":"new"})");
    EXPECT_EQ(synced(idp, {method}, R"({"title": "old", "nickName": "Bobby"})", R"({"t": "new"})"),
              R"({"nickName":"Bobby","title":"old"})");
  }
  EXPECT_EQ(created(idp, R"({"t": "new"})"), R"({"nickName":"none","title":"new"})");
}

TEST(Mapping, DoesNotReadAClaimThatWasImported) {
  const IdentityProvider idp =
      mapping(R"({"idpClaim": "t", "attribute": "title", "sync": "import-once"})");
  EXPECT_EQ(created(idp, R"({"t": "new"})"), R"({"title":"new"})");
  EXPECT_EQ(created(idp, R"({"t": {"a": 1}})").substr(0, 8), "JIT-1301");
  EXPECT_EQ(synced(idp, {}, R"({"title": "old"})", R"({"t": {"a": 1}})"), R"({"title":"old"})");
}

TEST(Mapping, ChangesNothingWhenLoginsUpdateNobody) {
  const IdentityProvider idp =
      mapping(R"({"idpClaim": "t", "attribute": "title", "sync": "override"})");
  EXPECT_EQ(
      synced(idp, {AttributeSync::kOverrideAll, false}, R"({"title": "old"})", R"({"t": "new"})"),
      R"({"title":"old"})");
}

TEST(Mapping, ComesToRestAfterOneLogin) {
  for (const char* name : {"okta", "entra", "google", "keycloak", "wso2"}) {
    SCOPED_TRACE(name);
    const auto idp = compile(golden(std::string("identity_providers/") + name + ".json"));
    ASSERT_TRUE(idp);
    const json::Value claims = golden(std::string("claims/") + name + ".json");
    Trace trace;
    const auto values = mapClaims(*idp, {}, LoginKind::kCreates, *claims.object(), trace);
    ASSERT_TRUE(values) << values.error().detail;
    const auto user = newUserAttributes(*schemas().registry, *schemas().user, "bob", *values);
    ASSERT_TRUE(user) << user.error().detail;
    for (const AttributeSync method :
         {AttributeSync::kOverrideAll, AttributeSync::kPreserveLocal, AttributeSync::kNone}) {
      const auto again =
          syncedAttributes(*schemas().registry, *schemas().user, {method}, *user, *values);
      ASSERT_TRUE(again) << again.error().detail;
      EXPECT_EQ(json::write(*again), json::write(*user));
    }
  }
}

TEST(Mapping, ReadsTheGoldenClaims) {
  const std::pair<const char*, const char*> cases[] = {
      {"okta",
       R"({"name":{"familyName":"Núñez","givenName":"Zoë","middleName":"Marie"},"displayName":"Zoë Núñez",)"
       R"("nickName":"Zo","locale":"es-ES","timezone":"Europe/Madrid",)"
       R"("emails":[{"value":"zoe.nunez@acme.example","type":"work"}],)"
       R"("phoneNumbers":[{"value":"+34 612 345 678","type":"mobile"}],)"
       R"("addresses":[{"streetAddress":"Calle de Alcalá 50","locality":"Madrid","country":"ES","type":"work"}],)"
       R"("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"employeeNumber":"40817","department":"Research"}})"},
      {"entra",
       R"({"externalId":"9f1c3f8a-2d5b-4e6f-8a7c-1b2d3e4f5a6b","name":{"familyName":"Müller","givenName":"Łukasz"},)"
       R"("displayName":"Łukasz Müller","title":"Ingénieur principal","preferredLanguage":"de-DE",)"
       R"("emails":[{"value":"lukas.muller@contoso.example","type":"work"}],"roles":[{"value":"Employee.Reader"}],)"
       R"("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"employeeNumber":"E-2207","department":"Engineering"}})"},
      {"google",
       R"({"name":{"familyName":"田中","givenName":"由紀"},"displayName":"田中 由紀",)"
       R"("emails":[{"value":"yuki.tanaka@lingua.example"}],)"
       R"("photos":[{"value":"https://lh3.googleusercontent.example/a/ACg8ocK0=s96-c","type":"photo"}],)"
       R"("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"organization":"lingua.example"}})"},
      {"keycloak",
       R"({"name":{"formatted":"Björn Østergård","familyName":"Østergård","givenName":"Björn"},"locale":"da",)"
       R"("emails":[{"value":"bjorn@werk.example","type":"work"}],)"
       R"("phoneNumbers":[{"value":"+45 12 34 56 78"},{"value":"+45 87 65 43 21"}],"entitlements":[{"value":"editors"}]})"},
      {"wso2",
       R"({"name":{"familyName":"Ọkafọ","givenName":"Amara"},"emails":[{"value":"amara.okafor@corp.example","type":"work"}],)"
       R"("phoneNumbers":[{"value":"+2348012345678","type":"mobile"}],)"
       R"("addresses":[{"formatted":"12 Broad Street, Lagos","locality":"Lagos","type":"home"}]})"},
  };
  for (const auto& [name, user] : cases) {
    SCOPED_TRACE(name);
    const auto idp = compile(golden(std::string("identity_providers/") + name + ".json"));
    ASSERT_TRUE(idp);
    EXPECT_EQ(created(*idp, json::write(golden(std::string("claims/") + name + ".json"))), user);
  }
}

WantedGroups stated(std::initializer_list<const char*> keys) {
  WantedGroups wanted;
  wanted.stated = true;
  for (const char* key : keys) wanted.groups.push_back({key, key});
  return wanted;
}

TEST(ClaimsDigest, ChangesWithEverythingItStandsFor) {
  IdentityProvider idp = mapping(row("title", "title"));
  idp.number = 1;
  idp.version = Version(1);
  Trace trace;
  const auto boss = mapped(idp, R"({"title": "Boss"})", trace);
  const auto chief = mapped(idp, R"({"title": "Chief"})", trace);
  const auto none = mapped(idp, "{}", trace);
  ASSERT_TRUE(boss && chief && none);
  const std::string digest = claimsDigest(idp, *boss, stated({"g1"}), {"id1"}, 7);
  EXPECT_EQ(digest.size(), 32U);
  EXPECT_EQ(claimsDigest(idp, *boss, stated({"g1"}), {"id1"}, 7), digest);
  EXPECT_NE(claimsDigest(idp, *chief, stated({"g1"}), {"id1"}, 7), digest);
  const auto elsewhere = mapped(idp, R"({"_claim_names": {"title": "s"}})", trace);
  ASSERT_TRUE(elsewhere);
  EXPECT_NE(claimsDigest(idp, *elsewhere, {}, {}, 7), claimsDigest(idp, *none, {}, {}, 7));
  EXPECT_NE(claimsDigest(idp, *none, stated({"g1"}), {"id1"}, 7), digest);
  EXPECT_NE(claimsDigest(idp, *boss, stated({"g1", "g2"}), {"id1"}, 7), digest);
  EXPECT_NE(claimsDigest(idp, *boss, stated({"g1"}), {}, 7), digest);
  EXPECT_NE(claimsDigest(idp, *boss, stated({}), {}, 7), claimsDigest(idp, *boss, {}, {}, 7));
  // The names of groups matter to those whose groups are not all there.
  EXPECT_EQ(claimsDigest(idp, *boss, stated({"g1"}), {"id1"}, 8), digest);
  EXPECT_NE(claimsDigest(idp, *boss, stated({"g1"}), {}, 8),
            claimsDigest(idp, *boss, stated({"g1"}), {}, 7));
  IdentityProvider newer = idp;
  newer.version = Version(2);
  EXPECT_NE(claimsDigest(newer, *boss, stated({"g1"}), {"id1"}, 7), digest);
  IdentityProvider other = idp;
  other.number = 2;
  EXPECT_NE(claimsDigest(other, *boss, stated({"g1"}), {"id1"}, 7), digest);
}

TEST(ClaimsDigest, OfAFirstLoginIsThatOfTheNext) {
  for (const char* sync : {"override", "import-once", "preserve-local"}) {
    for (const AttributeSync method :
         {AttributeSync::kOverrideAll, AttributeSync::kPreserveLocal, AttributeSync::kNone}) {
      SCOPED_TRACE(std::string(sync) + " " + std::to_string(static_cast<int>(method)));
      IdentityProvider idp =
          mapping(row("n", "nickName") + R"(,{"idpClaim": "t", "attribute": "title", "sync": ")" +
                  sync + "\"}");
      idp.attribute_sync = method;
      Trace trace;
      for (const char* claims : {"{}", R"({"t": "a", "n": "b"})", R"({"t": "", "n": ""})"}) {
        const auto first = mapped(idp, claims, trace, LoginKind::kCreates, {method});
        const auto linked = mapped(idp, claims, trace, LoginKind::kFirst, {method});
        const auto later = mapped(idp, claims, trace, LoginKind::kLater, {method});
        ASSERT_TRUE(first && linked && later);
        EXPECT_EQ(claimsDigest(idp, *first, {}, {}, 7), claimsDigest(idp, *later, {}, {}, 7));
        EXPECT_EQ(claimsDigest(idp, *linked, {}, {}, 7), claimsDigest(idp, *later, {}, {}, 7));
      }
    }
  }
}

TEST(ClaimsDigest, DoesNotSeeAttributesThatAreNotSynced) {
  IdentityProvider idp = mapping(row("title", "title"));
  idp.attribute_sync = AttributeSync::kNone;
  Trace trace;
  const auto boss = mapped(idp, R"({"title": "Boss"})", trace);
  const auto chief = mapped(idp, R"({"title": "Chief"})", trace);
  ASSERT_TRUE(boss && chief);
  EXPECT_EQ(claimsDigest(idp, *boss, {}, {}, 7), claimsDigest(idp, *chief, {}, {}, 7));
}

}  // namespace
}  // namespace vestibule::jit
