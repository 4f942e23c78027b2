#include "scim/filter/filter.h"

#include <gtest/gtest.h>

#include "json/write.h"
#include "support/scim_schemas.h"

namespace vestibule::scim {
namespace {

using test::parsed;
using test::schemas;

const json::Object& babs() {
  static const json::Object user = *parsed(R"({
    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User",
                "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],
    "id": "2819c223-7f76-453a-919d-413861904646",
    "externalId": "Ext-42",
    "userName": "Barbara.Jensen@example.com",
    "name": {"familyName": "O'Malley", "givenName": "Barbara \"Babs\" ]and["},
    "displayName": "Stra\u00dfe \ud83d\ude00 100%_\\",
    "title": "Vice President",
    "active": true,
    "emails": [
      {"value": "babs@home.example", "type": "home"},
      {"value": "bjensen@work.example", "type": "work", "primary": true, "display": "Office"}],
    "addresses": [{"type": "work", "country": "DE", "locality": "Bonn"}],
    "x509Certificates": [{"value": "AQID"}],
    "groups": [{"value": "g-1", "display": "Admins"}, {"value": "g-2", "display": "Staff"}],
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":
      {"employeeNumber": "701984", "manager": {"value": "m-1", "displayName": "John"}},
    "meta": {"resourceType": "User", "created": "2011-05-13T04:42:34Z",
             "lastModified": "2026-01-01T00:00:00.1234567+02:00",
             "location": "https://h/Users/2819c223", "version": "W/\"7\""}})")
                                        .object();
  return user;
}

const json::Object& probe() {
  static const json::Object object = *parsed(R"({
    "label": "p", "text": "Abc", "exact": "Abc", "flag": false, "count": 9007199254740993, "ratio": 1.5,
    "at": "2026-01-01T00:00:00Z", "blob": "AQID", "link": "https://example.com/A",
    "tags": ["Red", "green"], "codes": [1, 20], "parts": ["x"],
    "items": [{"value": "a", "type": "t1", "size": 3}, {"value": "b", "type": "t2"}]})")
                                          .object();
  return object;
}

struct Case {
  const char* filter;
  bool expected;
};

void expectOn(const ResourceType& type, const json::Object& resource,
              const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    SCOPED_TRACE(c.filter);
    Result<BoundFilter> filter = parseFilter(schemas().of(type), type, c.filter);
    ASSERT_TRUE(filter) << filter.error().detail;
    EXPECT_EQ(evaluate(*filter, resource), c.expected);
  }
}

void expectOnBabs(const std::vector<Case>& cases) { expectOn(*schemas().user, babs(), cases); }
void expectOnProbe(const std::vector<Case>& cases) { expectOn(*schemas().probe, probe(), cases); }

struct Refused {
  std::string filter;
  const char* detail;  ///< part of the error's text
};

void expectRefused(const ResourceType& type, const std::vector<Refused>& cases,
                   Tolerating tolerating = {}) {
  for (const Refused& c : cases) {
    SCOPED_TRACE(c.filter.substr(0, 200));
    Result<BoundFilter> filter = parseFilter(schemas().of(type), type, c.filter, {}, tolerating);
    ASSERT_FALSE(filter);
    EXPECT_EQ(filter.error().kind, ErrorKind::kInvalidFilter);
    EXPECT_NE(filter.error().detail.find(c.detail), std::string::npos) << filter.error().detail;
    EXPECT_LT(filter.error().detail.size(), 400U);
  }
}

void expectRefused(const std::vector<Refused>& cases) { expectRefused(*schemas().user, cases); }

TEST(Filter, E1_HasEveryOperatorInAnyCase) {
  expectOnBabs({
      {R"(title eq "vice president")", true},
      {R"(title EQ "Vice President")", true},
      {R"(title nE "x")", true},
      {R"(title ne "VICE PRESIDENT")", false},
      {R"(title co "PRES")", true},
      {R"(title co "presx")", false},
      {R"(title Sw "vice")", true},
      {R"(title sw "president")", false},
      {R"(title ew "PRESIDENT")", true},
      {R"(title ew "vice")", false},
      {"title pr", true},
      {"nickName PR", false},
      {R"(title gt "vic")", true},
      {R"(title gt "vice president")", false},
      {R"(title ge "vice president")", true},
      {R"(title lt "vice president")", false},
      {R"(title le "vice president")", true},
      {R"(title lt "w")", true},
      {R"(TITLE Eq "Vice President" AND Active eq true)", true},
      {R"(title eq "x" OR NOT (title eq "x"))", true},
      {R"(NAME.FAMILYNAME eq "o'malley")", true},
      {R"(userName eq "BARBARA.jensen@EXAMPLE.com")", true},
  });
}

TEST(Filter, E2_GroupsBeforeNotBeforeAndBeforeOr) {
  struct Precedence {
    const char* filter;
    const char* printed;
  };
  const Precedence cases[] = {
      {"title pr or active pr and locale pr", "title pr or (active pr and locale pr)"},
      {"title pr and active pr or locale pr", "(title pr and active pr) or locale pr"},
      {"(title pr or active pr) and locale pr", "(title pr or active pr) and locale pr"},
      {"not (title pr) and active pr", "not (title pr) and active pr"},
      {"not(title pr and active pr) or locale pr", "not (title pr and active pr) or locale pr"},
      {"not (not (not (title pr)))", "not (not (not (title pr)))"},
      {"((title pr))", "title pr"},
      {"title pr and active pr and locale pr", "title pr and active pr and locale pr"},
      {"title pr or active pr or locale pr", "title pr or active pr or locale pr"},
      {"title pr and (active pr and locale pr)", "title pr and (active pr and locale pr)"},
  };
  for (const Precedence& c : cases) {
    SCOPED_TRACE(c.filter);
    Result<BoundFilter> filter = parseFilter(*schemas().registry, *schemas().user, c.filter);
    ASSERT_TRUE(filter) << filter.error().detail;
    EXPECT_EQ(printFilter(*filter), c.printed);
  }
  expectOnBabs({
      {R"(title eq "x" and title eq "x" or active eq true)", true},
      {R"(title eq "x" and (title eq "x" or active eq true))", false},
      {R"(active eq true or title eq "x" and title eq "x")", true},
      {R"((active eq true or title eq "x") and title eq "x")", false},
      {R"(not (active eq true) or active eq true)", true},
      {R"(not (active eq true or active eq true))", false},
  });
}

TEST(Filter, E3_S32_TakesJsonLiterals) {
  expectOnBabs({
      {R"(name.givenName eq "Barbara \"Babs\" ]and[")", true},
      {R"(name.givenName eq "\u0042arbara \u0022Babs\u0022 ]and[")", true},
      {R"(displayName co "\ud83d\ude00")", true},
      {R"(displayName co "\uD83D\uDE01")", false},
      {R"(userName eq "barbara.jensen\u0040example.com")", true},
      {R"(urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber eq "701984")",
       true},
      {"active eq true", true},
      {"active eq false", false},
      {"active ne true", false},
      {"title eq null", false},
      {"title ne null", true},
      {"nickName eq null", true},
      {"nickName ne null", false},
      {"emails eq null", false},
      {"phoneNumbers eq null", true},
      {"name eq null", false},
      {"emails.display eq null", false},
  });
  expectOnProbe({{"count eq 9007199254740993", true},
                 {"ratio eq 1.5", true},
                 {"ratio eq 15e-1", true},
                 {"ratio eq 1.50", true},
                 {"count gt -5", true}});
  expectRefused({{"title gt null", "null"}, {"title co null", "null"}});
}

TEST(Filter, E4_QualifiesPathsByUrn) {
  expectOnBabs({
      {R"(urn:ietf:params:scim:schemas:core:2.0:User:userName sw "barbara")", true},
      {R"(URN:IETF:PARAMS:SCIM:SCHEMAS:CORE:2.0:USER:USERNAME sw "barbara")", true},
      {R"(urn:ietf:params:scim:schemas:core:2.0:User:name.familyName eq "O'Malley")", true},
      {R"(urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value eq "m-1")",
       true},
      {R"(urn:ietf:params:scim:schemas:core:2.0:User:emails[type eq "work"])", true},
  });
  expectRefused({
      {R"(urn:ietf:params:scim:schemas:core:2.0:Group:displayName eq "x")", "character 1"},
      {R"(urn:ietf:params:scim:schemas:extension:enterprise:2.0:User eq "x")", "character 1"},
      {R"(urn:x: eq "x")", "character 1"},
      {R"(name..familyName eq "x")", "character 1"},
      {R"(name. eq "x")", "character 1"},
      {R"(.name eq "x")", "character 1"},
      {R"(emails.value.x eq "x")", "character 1"},
  });
}

TEST(Filter, E5_RefusesOperatorsThatTheTypeDoesNotHave) {
  std::vector<Refused> cases;
  for (const char* op : {"gt", "ge", "lt", "le", "co", "sw", "ew"}) {
    cases.push_back({std::string("flag ") + op + " true", "'flag'"});
    cases.push_back({std::string("blob ") + op + R"( "AQID")", "'blob'"});
  }
  for (const char* op : {"co", "sw", "ew"}) {
    cases.push_back({std::string("count ") + op + " 1", "'count'"});
    cases.push_back({std::string("ratio ") + op + " 1", "'ratio'"});
    cases.push_back({std::string("at ") + op + R"( "2026")", "'at'"});
  }
  expectRefused(*schemas().probe, cases);
  expectOnProbe({{R"(blob eq "AQID")", true},
                 {R"(blob eq "aqid")", false},
                 {R"(link co "example")", true},
                 {R"(link ew "/A")", true},
                 {R"(link ew "/a")", false},
                 {"blob pr", true},
                 {"flag pr", true}});
}

TEST(Filter, E6_S11_ComparesByType) {
  expectOnBabs({
      {R"(meta.created eq "2011-05-13T04:42:34Z")", true},
      {R"(meta.created eq "2011-05-13T06:42:34+02:00")", true},
      {R"(meta.created eq "2011-05-13T04:42:34.000Z")", true},
      {R"(meta.created lt "2011-05-13T04:42:34.0000001Z")", false},
      {R"(meta.created lt "2011-05-13T04:42:34.001Z")", true},
      {R"(meta.created gt "2011-05-13T00:00:00-08:00")", false},
  });
  expectOnProbe({
      {"count gt 9007199254740992", true},
      {"count gt 9007199254740993", false},
      {"count lt 9007199254740994", true},
      {"count gt 10", true},
      {"ratio gt 1.25", true},
      {"ratio lt 10", true},
      {"codes gt 3", true},
      {"codes gt 20", false},
      {R"(at ge "2026-01-01T00:00:00.0000000Z")", true},
  });
  expectRefused(*schemas().probe, {{R"(count eq "5")", "an integer"},
                                   {"count eq 1.5", "an integer"},
                                   {"count eq 99999999999999999999", "an integer"},
                                   {R"(ratio eq "1.5")", "a number"},
                                   {"ratio eq 1e999", "a number"},
                                   {R"(at gt "2011-05-13")", "date and time"},
                                   {R"(at gt "yesterday")", "date and time"},
                                   {R"(flag eq "true")", "true or false"},
                                   {"flag eq 1", "true or false"}});
}

TEST(Filter, E7_FollowsCaseExact) {
  expectOnProbe({{R"(text eq "ABC")", true},
                 {R"(exact eq "ABC")", false},
                 {R"(exact eq "Abc")", true},
                 {R"(text co "B")", true},
                 {R"(exact co "B")", false},
                 {R"(exact sw "A")", true},
                 {R"(exact sw "a")", false}});
  expectOnBabs({{R"(externalId eq "Ext-42")", true},
                {R"(externalId eq "ext-42")", false},
                {R"(displayName sw "STRASSE")", true},
                {R"(id eq "2819C223-7F76-453A-919D-413861904646")", false}});
}

TEST(Filter, E8_S24_TakesAnyValueOfManyAndTheirValueWhenBare) {
  expectOnBabs({
      {R"(emails co "home.example")", true},
      {R"(emails eq "BABS@home.example")", true},
      {R"(emails.type eq "work")", true},
      {R"(emails.type eq "other")", false},
      {R"(groups eq "g-2")", true},
      {"emails pr", true},
      {"phoneNumbers pr", false},
      {"name pr", true},
      {"addresses.country pr", true},
      {"addresses.region pr", false},
  });
  expectOnProbe({{R"(tags eq "RED")", true},
                 {R"(tags sw "gre")", true},
                 {"codes eq 20", true},
                 {"codes eq 2", false}});
  expectRefused({{R"(name eq "x")", "complex"},
                 {R"(addresses co "x")", "complex"},
                 {R"(meta eq "x")", "complex"}});
}

TEST(Filter, E9_ValuePathsHoldOfOneElement) {
  expectOnBabs({
      {R"(emails[type eq "work" and value co "@work"])", true},
      {R"(emails[type eq "work" and value co "@home"])", false},
      {R"(emails.type eq "work" and emails.value co "@home")", true},
      {R"(emails[not (type eq "work")])", true},
      {R"(not (emails[type eq "work"]))", false},
      {R"(emails[type eq "work" or type eq "home"] and active eq true)", true},
      {R"(emails[primary eq true and type eq "work"])", true},
      {R"(emails[primary eq true and type eq "home"])", false},
      {R"(emails[display pr])", true},
      {R"(phoneNumbers[type eq "work"])", false},
      {R"(phoneNumbers[not (type eq "work")])", false},
      {R"(name[familyName eq "o'malley" and givenName sw "barbara"])", true},
  });
  expectOnProbe({{R"(tags[value eq "red"])", true},
                 {R"(tags[value eq "blue"])", false},
                 {R"(codes[value gt 3 and value lt 21])", true},
                 {R"(codes[value gt 1 and value lt 20])", false}});
  expectRefused({
      {R"(emails[type eq "work")", "']'"},
      {R"(emails[type eq "work"]])", "'and', 'or' or the end"},
      {"emails[]", "an attribute"},
      {R"(emails[emails[type eq "x"]])", "'['"},
      {R"(emails[userName eq "x"])", "no sub-attribute"},
      {R"(emails[type.x eq "x"])", "no sub-attribute"},
      {R"(emails.value[type eq "x"])", "no elements"},
      {R"(title[value eq "x"])", "no elements"},
      {R"([type eq "x"])", "an attribute"},
  });
}

TEST(Filter, E10_SaysWhereTheGrammarBreaks) {
  expectRefused({
      {"", "empty"},
      {"   ", "empty"},
      {"title", "character 6: expected an operator"},
      {R"(title = "x")", "character 7: expected an operator"},
      {R"(title like "x")", "'like'"},
      {"title eq", "expected a value"},
      {"title eq )", "expected a value"},
      {R"(title eq "x" title eq "y")", "expected 'and', 'or' or the end, found 'title'"},
      {R"(title eq "x" and)", "found the end"},
      {R"(and title eq "x")", "character 1"},
      {R"(title eq "x" or or title eq "y")", "found 'or'"},
      {R"((title eq "x")", "')'"},
      {R"(title eq "x"))", "found ')'"},
      {"()", "an attribute"},
      {R"(not title eq "x")", "'(' after 'not'"},
      {R"("title" eq "x")", "found \"title\""},
      {R"(title eq "x)", "not closed"},
      {R"(title eq "x\")", "not closed"},
      {R"(title eq "\x")", "JSON string"},
      {R"(title eq 'x y')", "'and', 'or' or the end"},
      {"title pr pr", "'and', 'or' or the end"},
      {R"(title pr "x")", "'and', 'or' or the end"},
      {R"(title eq "ä" xor)", "character 14"},
  });
}

TEST(Filter, E11_RefusesUnknownAttributes) {
  expectRefused({{R"(nonesuch eq "x")", "character 1"},
                 {R"(title pr and email Co "x")", "'email'"},
                 {R"(name.nonesuch eq "x")", "character 1"},
                 {R"(members eq "x")", "'members'"},
                 {R"(naïve eq "x")", "character 1"}});
}

TEST(Filter, E12_S21_NeHoldsWhereThereIsNoValue) {
  expectOnBabs({
      {R"(nickName ne "x")", true},
      {R"(phoneNumbers ne "x")", true},
      {R"(phoneNumbers.type ne "x")", true},
      {R"(emails.type ne "work")", true},
      {R"(emails.display ne "office")", false},
      {R"(emails[display ne "office"])", true},
      {R"(addresses.country ne "de")", false},
  });
  const json::Object empty =
      *parsed(R"({"title": "", "emails": [], "name": {}, "locale": null})").object();
  expectOn(*schemas().user, empty,
           {{"title pr", false}, {"emails pr", false}, {"name pr", false}, {"locale pr", false}});
}

TEST(Filter, E13_S12_NeverLooksAtWhatIsNeverReturned) {
  expectRefused(
      {{R"(password eq "x")", "'password'"},
       {R"(password sw "a")", "'password'"},
       {"password pr", "'password'"},
       {"password eq null", "'password'"},
       {R"(not (urn:ietf:params:scim:schemas:core:2.0:User:PassWord co ""))", "cannot be used"}});
  expectRefused(*schemas().probe, {{R"(hidden eq "x")", "'hidden'"},
                                   {R"(secret pr)", "'secret'"},
                                   {R"(items.pin eq "1")", "'items.pin'"},
                                   {R"(items[pin eq "1"])", "'items.pin'"},
                                   {R"(items[type eq "t1"].pin sw "1")", "'items.pin'"}});
}

TEST(Filter, E14_S23_HasLimits) {
  const FilterLimits limits;
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '(') + "title pr" + std::string(depth, ')');
  };
  const auto terms = [](std::size_t count) {
    std::string filter = "title pr";
    for (std::size_t i = 1; i < count; ++i) filter += " or title pr";
    return filter;
  };
  const auto parses = [](const std::string& text) {
    return parseFilter(*schemas().registry, *schemas().user, text).has_value();
  };
  EXPECT_TRUE(parses(nested(limits.depth)));
  EXPECT_TRUE(parses(terms(limits.terms)));
  EXPECT_TRUE(parses(std::string(limits.bytes - 8, ' ') + "title pr"));
  std::string nots;
  for (int i = 0; i < 40; ++i) nots += "not (";
  expectRefused({{nested(limits.depth + 1), "nested deeper than 32"},
                 {nots, "nested deeper"},
                 {"emails[" + nested(limits.depth) + "]", "nested deeper"},
                 {terms(limits.terms + 1), "more than 200 terms"},
                 {std::string(limits.bytes - 7, ' ') + "title pr", "longer than 8192 bytes"},
                 {std::string(100'000, '('), "longer than"},
                 {std::string(8'000, '('), "nested deeper"},
                 {std::string(8'000, '['), "an attribute"},
                 {std::string(8'000, '"'), "character 1"}});
}

TEST(Filter, E15_AcceptsASubAttributeBehindTheBracket) {
  expectOnBabs({
      {R"(emails[type eq "work"].value eq "bjensen@work.example")", true},
      {R"(emails[type eq "work"].value eq "babs@home.example")", false},
      {R"(emails[type eq "home" or type eq "work"].value co "babs")", true},
      {R"(emails[type eq "work"].display pr and active eq true)", true},
      {R"(emails[type eq "home"].display pr)", false},
      {R"(emails[type eq "home"].display eq null)", true},
  });
  expectRefused({{R"(emails[type eq "work"].nonesuch eq "x")", "no sub-attribute"},
                 {R"(emails[type eq "work"]. eq "x")", "no sub-attribute"},
                 {R"(emails[type eq "work"].value)", "an operator"},
                 {R"(emails[type eq "work"]value eq "x")", "'and', 'or' or the end"}});
}

TEST(Filter, E16_ToleratesValuesWithoutQuotesWhenAskedTo) {
  expectOnBabs(
      {{"externalId eq Ext-42", true},
       {"userName eq barbara.jensen@example.com", true},
       {"(title co president)", true},
       {"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber eq 701984",
        true},
       {"meta.created eq 2011-05-13T04:42:34Z", true},
       {"active eq True", true},
       {"title eq true", false},
       {"emails[type eq work].value eq bjensen@work.example", true}});
  expectRefused(*schemas().user,
                {{"externalId eq Ext-42", "double quotes"},
                 {"title eq true", "double quotes"},
                 {"title eq 5", "double quotes"},
                 {"active eq True", "true or false"}},
                Tolerances{});
  expectRefused({{"externalId eq a b", "'and', 'or' or the end"},
                 {"externalId eq a(b", "'and', 'or' or the end"},
                 {"active eq maybe", "true or false"}});
}

TEST(Filter, E17_S31_FindsByEverythingClientsLookUp) {
  expectOnBabs({
      {R"(meta.lastModified gt "2011-05-13T04:42:34Z")", true},
      {R"(meta.lastModified ge "2026-01-01T00:00:00.1234567+02:00" and meta.lastModified le "2027-01-01T00:00:00Z")",
       true},
      {R"(schemas eq "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User")", true},
      {R"(schemas eq "urn:ietf:params:scim:schemas:core:2.0:Group")", false},
      {R"(id eq "2819c223-7f76-453a-919d-413861904646")", true},
      {R"(externalId eq "Ext-42")", true},
      {R"(groups.value eq "g-1")", true},
      {R"(groups.display eq "staff")", true},
      {R"(meta.resourceType eq "User")", true},
      {R"(meta.resourceType eq "Group")", false},
      {R"(meta.version eq "W/\"7\"")", true},
  });
  const json::Object group =
      *parsed(R"({"id": "g", "displayName": "T", "members": [{"value": "u1", "type": "User"}]})")
           .object();
  expectOn(*schemas().group, group,
           {{R"(members.value eq "u1")", true},
            {R"(id eq "g" and members eq "u1")", true},
            {R"(id eq "g" and members eq "u2")", false},
            {R"(members[value eq "u1" and type eq "user"])", true}});
}

TEST(Filter, E18_TakesWildcardsAndQuotesAsTheyAre) {
  expectOnBabs({
      {R"(displayName co "100%_\\")", true},
      {R"(displayName co "%")", true},
      {R"(displayName co "a%z")", false},
      {R"(title co "%")", false},
      {R"(title co "_")", false},
      {R"(name.familyName eq "O'Malley")", true},
      {R"(userName eq "x' or '1'='1")", false},
      {R"(userName eq "x'; DROP TABLE user; --")", false},
  });
  expectRefused({
      {std::string("title co \"a\0b\"", 14), "JSON string"},
      {R"(title co "\u0000")", "JSON string"},
      {std::string("title co a\0b", 12), "character 11: a control character"},
      {"title\x01 pr", "character 6: a control character"},
      {R"(title co "\ud83d")", "JSON string"},
      {R"(title co "\ude00\ud83d")", "JSON string"},
      {"title co \"\xC3\x28\"", "UTF-8"},
      {"title co \"\xED\xA0\xBD\"", "UTF-8"},
      {"title co \"a\nb\"", "JSON string"},
      {"title' or '1'='1 eq \"x\"", "character"},
      {"userName`;-- eq \"x\"", "character 1"},
  });
}

TEST(Filter, E14_BadFiltersOfTheLargestSizeAreRefusedInShortTexts) {
  const std::string parts[] = {"(",  "[", "not (", "a[", "\"", "a eq \"", "emails[type eq \"",
                               "\\", ")", "a.",    "a:"};
  for (const std::string& part : parts) {
    std::string filter;
    while (filter.size() + part.size() <= FilterLimits{}.bytes) filter += part;
    SCOPED_TRACE(part);
    Result<BoundFilter> result = parseFilter(*schemas().registry, *schemas().user, filter);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, ErrorKind::kInvalidFilter);
    EXPECT_LT(result.error().detail.size(), 500U);
  }
}

TEST(Filter, A8_AnAbsentPrimaryIsFalse) {
  expectOnBabs({
      {R"(emails[type eq "home" and primary eq false])", true},
      {R"(emails[type eq "work" and primary eq false])", false},
      {R"(emails[type eq "home" and primary ne true])", true},
      {R"(emails[type eq "home" and primary ne false])", false},
      {R"(emails[type eq "home" and not (primary eq false)])", false},
      {"emails.primary eq false", true},
      {"emails.primary ne true", true},
      {"phoneNumbers.primary eq false", false},
      {R"(emails[type eq "home" and primary pr])", false},
      {R"(emails[type eq "home" and primary eq null])", true},
  });
  const AttributeRef emails{schemas().user->schema, false, schemas().user->schema->find("emails"),
                            nullptr};
  Result<BoundFilter> filter = parseValueFilter(emails, "primary eq false");
  ASSERT_TRUE(filter) << filter.error().detail;
  EXPECT_TRUE(evaluateElement(*filter, parsed(R"({"type": "work"})")));
  EXPECT_FALSE(evaluateElement(*filter, parsed(R"({"type": "work", "primary": true})")));
}

TEST(Filter, A4_BinaryValuesAreEqualWhateverTheirSpelling) {
  json::Object certificate = babs();
  certificate.set("x509Certificates", parsed(R"([{"value": "+/8="}])"));
  expectOn(*schemas().user, certificate,
           {{R"(x509Certificates.value eq "+/8=")", true},
            {R"(x509Certificates.value eq "+/8")", true},
            {R"(x509Certificates.value eq "-_8")", true},
            {R"(x509Certificates.value eq "+/4=")", false},
            {R"(x509Certificates.value ne "-_8=")", false},
            {R"(x509Certificates.value eq "no base64!")", false}});
}

TEST(Filter, S22_TakesAnyBlankBetweenWords) {
  expectOnBabs({{"title\tpr", true},
                {"  title  pr\r\n and\tactive eq true ", true},
                {R"(title eq"vice president"and(active eq true))", true}});
}

TEST(Filter, S27_KeepsSpacesAndKeywordsInsideStrings) {
  expectOnBabs({{R"(title eq "Vice President")", true},
                {R"(title eq "Vice  President")", false},
                {R"(title ne "a and b or (c) ]" and active eq true)", true}});
}

TEST(Filter, LooksForPiecesOfUserNamesInTheirPreparedForm) {
  const json::Object user = *parsed(R"({"userName": "\u00c9mile Zola"})").object();
  expectOn(*schemas().user, user,
           {{R"(userName eq "ÉMILE ZOLA")", true},
            {"userName eq \"E\xCC\x81mile zola\"", true},
            {R"(userName sw "ÉMILE")", true},
            {R"(userName sw "émile ")", true},
            {R"(userName co " Z")", true},
            {R"(userName co " ")", true},
            {R"(userName co "  ")", false},
            {R"(userName ew "OLA")", true},
            {R"(userName eq " émile zola")", false},
            {R"(userName eq "")", false},
            {R"(userName ne "")", true},
            {R"(userName co "\u200b")", false},
            {R"(userName gt "a")", true}});
}

TEST(Filter, D4_AnAttributeOfAnotherTypeHasNoValue) {
  struct Search {
    const char* text;
    bool matches;
    std::vector<std::string> unknown;
  };
  const std::vector<Search> cases = {
      {R"(title sw "vice")", true, {}},
      {R"(members.value eq "x")", false, {"members.value"}},
      {R"(members pr)", false, {"members"}},
      {R"(not (members pr))", true, {"members"}},
      {R"(members.value ne "x")", true, {"members.value"}},
      {R"(members eq null)", true, {"members"}},
      {R"(members ne null)", false, {"members"}},
      {R"(members[value eq "x"])", false, {"members"}},
      {R"(title pr and members.value ne "x")", true, {"members.value"}},
      {R"(title pr or members.value eq "x")", true, {"members.value"}},
      {R"(urn:example:nowhere:thing eq 1 or shoeSize gt 40)",
       false,
       {"urn:example:nowhere:thing", "shoeSize"}},
  };
  for (const auto& one : cases) {
    SCOPED_TRACE(one.text);
    std::vector<std::string> unknown;
    const auto filter =
        parseFilterOfSeveral(*schemas().registry, *schemas().user, one.text, unknown);
    ASSERT_TRUE(filter) << filter.error().detail;
    EXPECT_EQ(evaluate(*filter, babs()), one.matches);
    EXPECT_EQ(unknown, one.unknown);
  }
  std::vector<std::string> unknown;
  EXPECT_FALSE(
      parseFilterOfSeveral(*schemas().registry, *schemas().user, R"(password eq "x")", unknown));
  EXPECT_FALSE(parseFilterOfSeveral(*schemas().registry, *schemas().user, "members xx 1", unknown));
}

TEST(ValueFilter, NamesSubAttributesOfItsAttribute) {
  const Attribute* emails = schemas().user->schema->find("emails");
  const AttributeRef ref{schemas().user->schema, false, emails, nullptr};
  const json::Value work = parsed(R"({"type": "work", "value": "a@b"})");
  Result<BoundFilter> filter = parseValueFilter(ref, R"(TYPE eq "Work" and not (primary eq true))");
  ASSERT_TRUE(filter) << filter.error().detail;
  EXPECT_TRUE(evaluateElement(*filter, work));
  EXPECT_EQ(printFilter(*filter), R"(type eq "Work" and not (primary eq true))");
  EXPECT_FALSE(evaluateElement(*filter, parsed(R"({"type": "work", "primary": true})")));
  for (const char* bad :
       {"", "userName pr", "emails.type pr", "type", R"(type eq "x"])", "type[value pr]"}) {
    EXPECT_FALSE(parseValueFilter(ref, bad)) << bad;
  }
}

TEST(ValueFilter, NamesSimpleElementsValue) {
  const Attribute* tags = schemas().probe->schema->find("tags");
  const AttributeRef ref{schemas().probe->schema, false, tags, nullptr};
  Result<BoundFilter> filter = parseValueFilter(ref, R"(value sw "r" or value eq "x")");
  ASSERT_TRUE(filter) << filter.error().detail;
  EXPECT_TRUE(evaluateElement(*filter, json::Value("Red")));
  EXPECT_FALSE(evaluateElement(*filter, json::Value("green")));
  EXPECT_EQ(printFilter(*filter), R"(value sw "r" or value eq "x")");
  EXPECT_FALSE(parseValueFilter(ref, R"(type eq "x")"));
}

TEST(Filter, ValuesOfTheWrongTypeDoNotMatchAndDoNoHarm) {
  const json::Object odd = *parsed(R"({"title": 5, "active": "true", "emails": "x", "name": ["a"],
      "groups": [[{"value": "g"}], 7], "meta": null})")
                                .object();
  expectOn(*schemas().user, odd,
           {{R"(title eq "5")", false},
            {"active eq true", false},
            {R"(emails eq "x")", false},
            {R"(emails[type eq "x"])", false},
            {R"(name.givenName eq "a")", false},
            {R"(groups.value eq "g")", false},
            {"meta.created pr", false},
            {R"(title ne "5")", true}});
}

}  // namespace
}  // namespace vestibule::scim
